/**
 * Switches of versions on their way: at most one is being prepared (a unique index), and what a worker says about it. Every change
 * names the status that it expects, so that a coordinator that was given up for dead cannot go on.
 */
import { and, desc, eq, inArray, ne } from 'drizzle-orm'
import { type ActivationIntent, type ActivationStep, activationSteps, type IntentStatus } from '../contract/activation'
import type { ActivationKind, ModelState } from '../contract/version'
import { DomainError } from '../domain/error'
import { appendAudit } from './audit'
import { epochMoved, getVersion, readState, switchActive } from './model-version'
import type { Db } from './open'
import { activationIntents, intentAnswers } from './schema'
import { isConstraint } from './store-problem'
import { type Tx, writeTransaction } from './write-transaction'

export interface IntentInput {
  version: string
  kind: ActivationKind
  /** The epoch that the switch replaces. */
  ifEpoch: number
  who: string
  why: string
  /** Boot id of the process that leads it. */
  coordinator: string
  now: Date
}
/** With what only processes need to know. */
export type Intent = ActivationIntent & { coordinator: string }

export interface IntentAnswer {
  intentId: number
  bootId: string
  prepared: boolean
  failureCode: string | null
  failureReason: string | null
  prepareMs: number
}

/** All steps waiting. */
export const freshSteps = (): ActivationStep[] => activationSteps.map((step) => ({ step, status: 'waiting', ms: null, note: '' }))

/** Opens a switch. Throws `version_conflict` when one is being prepared already or the epoch moved. */
export function openIntent(db: Db, { now, ...input }: IntentInput): Promise<Intent> {
  return writeTransaction(db, (tx) => {
    const { epoch } = readState(tx)
    if (epoch !== input.ifEpoch) throw epochMoved(epoch)
    // a version may have been deleted since it was looked at
    getVersion(tx, input.version)
    try {
      const values = { ...input, status: 'preparing' as const, startedAt: now.getTime(), steps: freshSteps() }
      return toIntent(tx.insert(activationIntents).values(values).returning(columns).get())
    } catch (error) {
      if (!isConstraint(error)) throw error
      throw new DomainError('version_conflict', 'another version is being prepared at this moment', {
        details: [{ path: 'epoch', message: `is ${epoch} now` }],
      })
    }
  })
}

/** Writes how far a switch is. False when it is not in that status any more. */
export function saveSteps(db: Db, { id, status, steps }: { id: number; status: IntentStatus; steps: ActivationStep[] }): Promise<boolean> {
  return writeTransaction(db, (tx) => {
    const same = and(eq(activationIntents.id, id), eq(activationIntents.status, status))
    return tx.update(activationIntents).set({ steps }).where(same).returning({ id: activationIntents.id }).all().length > 0
  })
}

export interface IntentEnd {
  id: number
  /** What it must be now. */
  from: IntentStatus
  to: IntentStatus
  steps?: ActivationStep[]
  failure?: { code: string; reason: string } | null
  now: Date
}

/** Ends a switch. False when it is not in the expected status any more. */
export function endIntent(db: Db, end: IntentEnd): Promise<boolean> {
  return writeTransaction(db, (tx) => closeIntent(tx, end))
}

function closeIntent(tx: Tx, { id, from, to, steps, failure = null, now }: IntentEnd): boolean {
  const change = { status: to, endedAt: now.getTime(), failureCode: failure?.code ?? null, failureReason: failure?.reason ?? null }
  const closed = tx
    .update(activationIntents)
    .set(steps === undefined ? change : { ...change, steps })
    .where(and(eq(activationIntents.id, id), eq(activationIntents.status, from)))
    .returning({ id: activationIntents.id })
    .all()
  return closed.length > 0
}

export interface CommitInput {
  intent: Pick<Intent, 'id' | 'version' | 'kind' | 'who' | 'ifEpoch' | 'coordinator'>
  why: string
  steps: ActivationStep[]
  now: Date
  requestId?: string
}

/**
 * The switch itself: epoch, ledger, audit and the intent in one transaction. Switches that were watched until now are settled.
 * Throws `version_conflict` when it was given up meanwhile or the epoch moved.
 */
export function commitIntent(db: Db, { intent, why, steps, now, requestId }: CommitInput): Promise<ModelState> {
  return writeTransaction(db, (tx) => {
    const row = tx
      .select({ status: activationIntents.status, coordinator: activationIntents.coordinator })
      .from(activationIntents)
      .where(eq(activationIntents.id, intent.id))
      .get()
    if (row?.status !== 'preparing' || row.coordinator !== intent.coordinator) {
      throw new DomainError('version_conflict', 'the switch was given up meanwhile')
    }
    const state = switchActive(tx, { ...intent, why, now, requestId })
    settleOthers(tx, intent.id, now)
    tx.update(activationIntents).set({ status: 'probation', steps }).where(eq(activationIntents.id, intent.id)).run()
    return state
  })
}

export interface TakeBackInput {
  intent: Pick<Intent, 'id' | 'version'>
  /** The epoch under which the version failed. */
  epoch: number
  failure: { code: string; reason: string }
  steps: ActivationStep[]
  now: Date
}

/** Goes back by itself: the version that failed is marked, the one before serves again. Throws `version_conflict`, `not_found`. */
export function takeBack(db: Db, { intent, epoch, failure, steps, now }: TakeBackInput): Promise<ModelState> {
  return writeTransaction(db, (tx) => {
    const { previous } = readState(tx)
    if (previous === null) throw new DomainError('not_found', 'there is no previous version to go back to')
    if (!closeIntent(tx, { id: intent.id, from: 'probation', to: 'rolled_back', steps, failure, now })) {
      throw new DomainError('version_conflict', 'the switch is not watched any more')
    }
    const why = `${intent.version}: ${failure.reason}`
    return switchActive(tx, { version: previous, kind: 'auto_rollback', who: 'system', why, ifEpoch: epoch, now, failure })
  })
}

/** Gives up a switch whose coordinator is gone, with an audit row. False when somebody else was first or it moved. */
export function abandonIntent(db: Db, { intent, reason, now }: { intent: Intent; reason: string; now: Date }): Promise<boolean> {
  return writeTransaction(db, (tx) => {
    const steps = intent.steps.map((one) => (one.status === 'running' ? { ...one, status: 'failed' as const, note: reason } : one))
    const failure = { code: 'busy', reason }
    if (!closeIntent(tx, { id: intent.id, from: 'preparing', to: 'aborted', steps, failure, now })) return false
    const details = { intent: intent.id, reason }
    appendAudit(tx, { at: now, actor: 'system', action: 'model.switch_abandoned', subject: intent.version, details })
    return true
  })
}

/** Replaces what the worker said before. Nothing happens when the switch is over. */
export function saveAnswer(db: Db, answer: IntentAnswer, now: Date): Promise<void> {
  return writeTransaction(db, (tx) => {
    const { intentId: _, bootId: __, ...said } = answer
    const row = { ...answer, at: now.getTime() }
    tx.insert(intentAnswers)
      .values(row)
      .onConflictDoUpdate({ target: [intentAnswers.intentId, intentAnswers.bootId], set: { ...said, at: row.at } })
      .run()
  })
}

export function listAnswers(db: Db, intentId: number): IntentAnswer[] {
  return db
    .select({
      intentId: intentAnswers.intentId,
      bootId: intentAnswers.bootId,
      prepared: intentAnswers.prepared,
      failureCode: intentAnswers.failureCode,
      failureReason: intentAnswers.failureReason,
      prepareMs: intentAnswers.prepareMs,
    })
    .from(intentAnswers)
    .where(eq(intentAnswers.intentId, intentId))
    .all()
}

/** The switch that is being prepared; null when there is none. */
export function readOpenIntent(db: Db | Tx): Intent | null {
  const row = db.select(columns).from(activationIntents).where(eq(activationIntents.status, 'preparing')).get()
  return row ? toIntent(row) : null
}

/** The switch whose version is watched; null when there is none. */
export function readWatchedIntent(db: Db): Intent | null {
  const row = db.select(columns).from(activationIntents).where(eq(activationIntents.status, 'probation')).get()
  return row ? toIntent(row) : null
}

export function getIntent(db: Db, id: number): Intent | null {
  const row = db.select(columns).from(activationIntents).where(eq(activationIntents.id, id)).get()
  return row ? toIntent(row) : null
}

/** The newest first, at most 50. */
export function listIntents(db: Db, { limit = 50 }: { limit?: number } = {}): ActivationIntent[] {
  const rows = db.select(columns).from(activationIntents).orderBy(desc(activationIntents.id)).limit(limit).all()
  return rows.map((row) => publicIntent(toIntent(row)))
}

/** Without what only processes need to know. */
export function publicIntent({ coordinator: _, ...intent }: Intent): ActivationIntent {
  return intent
}

function settleOthers(tx: Tx, id: number, now: Date): void {
  const watched = and(inArray(activationIntents.status, ['probation']), ne(activationIntents.id, id))
  tx.update(activationIntents).set({ status: 'settled', endedAt: now.getTime() }).where(watched).run()
}

const columns = {
  id: activationIntents.id,
  version: activationIntents.version,
  kind: activationIntents.kind,
  status: activationIntents.status,
  ifEpoch: activationIntents.ifEpoch,
  who: activationIntents.who,
  why: activationIntents.why,
  coordinator: activationIntents.coordinator,
  startedAt: activationIntents.startedAt,
  endedAt: activationIntents.endedAt,
  failureCode: activationIntents.failureCode,
  failureReason: activationIntents.failureReason,
  steps: activationIntents.steps,
}
type Row = Pick<typeof activationIntents.$inferSelect, keyof typeof columns>

function toIntent({ failureCode, failureReason, startedAt, endedAt, ...row }: Row): Intent {
  return {
    ...row,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    failure: failureCode === null ? null : { code: failureCode, reason: failureReason ?? '' },
  }
}
