/** The registry: which versions there are, which one serves, and how it came to that. */
import { Value } from '@sinclair/typebox/value'
import { and, desc, eq, isNotNull, isNull } from 'drizzle-orm'
import type { Manifest } from '../contract/manifest'
import { type ActivationKind, type ModelState, ModelVersion, type Quality } from '../contract/version'
import { DomainError } from '../domain/error'
import { appendAudit } from './audit'
import type { Db } from './open'
import { activations, modelState, modelVersions } from './schema'
import { finishTrainingRun } from './training-run'
import { type Tx, writeTransaction } from './write-transaction'

export interface RegisterInput {
  manifest: Manifest
  /** The manifest's text and hash as they lie on the disk. */
  manifestText: string
  manifestSha256: string
  quality?: Quality | null
  /** The run that made it; without one the version came from elsewhere (copied from another machine). */
  run?: number
  who: string
  now: Date
  /** How long to wait for another process that keeps the database locked, ms. */
  waitMs?: number
}

/**
 * Adds a version, inactive, and closes its training run. Throws `version_conflict` when the name is taken, `training_locked`
 * when the run is not the newest any more.
 */
export function registerVersion(
  db: Db,
  { manifest, manifestText, manifestSha256, quality = null, run, who, now, waitMs }: RegisterInput,
): Promise<ModelVersion> {
  const { version } = manifest
  const act = (tx: Tx) => {
    if (isTaken(tx, version)) throw new DomainError('version_conflict', `version ${version} is registered already`)
    if (run !== undefined) finishTrainingRun(tx, { run, version, now })
    tx.insert(modelVersions)
      .values({
        version,
        status: 'registered',
        notes: manifest.notes ?? '',
        manifestPath: `${version}/manifest.json`,
        manifestSha256,
        manifestText,
        bytes: Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0),
        counts: manifest.counts,
        recall: manifest.recall,
        quality,
        trainingRun: run ?? null,
        createdAt: Date.parse(manifest.createdAt),
        registeredAt: now.getTime(),
      })
      .run()
    appendAudit(tx, { at: now, actor: who, action: 'model.register', subject: version, details: { manifestSha256, run: run ?? null } })
    return toVersion(findRow(tx, version)!)
  }
  return writeTransaction(db, act, { waitMs })
}

export interface SwitchInput {
  version: string
  kind: ActivationKind
  who: string
  why: string
  /** The epoch that the caller saw; anything else by now is a conflict. */
  ifEpoch: number
  now: Date
  /** Why the version that steps down did not pass its checks; it becomes `failed` instead of `retired`. */
  failure?: { code: string; reason: string }
  /** Of the request that asked for it. */
  requestId?: string
}

/**
 * Makes a version the active one: compare-and-set on the epoch, ledger and audit in the same transaction.
 * Throws `version_conflict` when the epoch moved or the version is active already, `version_unknown`.
 */
export function activateVersion(db: Db, input: SwitchInput): Promise<ModelState> {
  return writeTransaction(db, (tx) => switchActive(tx, input))
}

/** `activateVersion` as a part of a larger act. */
export function switchActive(tx: Tx, { version, kind, who, why, ifEpoch, now, failure, requestId }: SwitchInput): ModelState {
  const state = readState(tx)
  if (state.epoch !== ifEpoch) throw epochMoved(state.epoch)
  if (!findRow(tx, version)) throw new DomainError('version_unknown', 'no such version')
  if (state.active === version) throw new DomainError('version_conflict', `version ${version} is active already`)
  const at = now.getTime()
  const epoch = state.epoch + 1
  // The one that serves steps down first: there is never a second active row.
  if (state.active !== null) setStatus(tx, state.active, failure ? { status: 'failed', ...failure } : { status: 'retired' })
  setStatus(tx, version, { status: 'active', activatedAt: at })
  tx.update(modelState)
    .set({ activeVersion: version, previousVersion: state.active, epoch, changedAt: at })
    .where(eq(modelState.id, 1))
    .run()
  tx.insert(activations).values({ epoch, kind, fromVersion: state.active, toVersion: version, who, why, at }).run()
  appendAudit(tx, {
    at: now,
    actor: who,
    action: `model.${kind}`,
    subject: version,
    details: { epoch, from: state.active, why, failure, requestId },
  })
  return readState(tx)
}

/** Somebody else was first; the epoch of now stands in the details. */
export const epochMoved = (epoch: number) =>
  new DomainError('version_conflict', 'the active version was changed meanwhile', {
    details: [{ path: 'epoch', message: `is ${epoch} now` }],
  })

/** Marks a version that does not serve as failed; the active one is left alone (returns false). */
export function failVersion(
  db: Db,
  { version, code, reason, who, now }: { version: string; code: string; reason: string; who: string; now: Date },
): Promise<boolean> {
  return writeTransaction(db, (tx) => {
    const row = findRow(tx, version)
    if (!row || row.status === 'active') return false
    setStatus(tx, version, { status: 'failed', code, reason })
    appendAudit(tx, { at: now, actor: who, action: 'model.fail', subject: version, details: { code, reason } })
    return true
  })
}

/** Replaces a version's notes. Throws `version_unknown`. */
export function annotateVersion(
  db: Db,
  { version, notes, who, now, requestId }: { version: string; notes: string; who: string; now: Date; requestId?: string },
): Promise<ModelVersion> {
  return writeTransaction(db, (tx) => {
    const before = findRow(tx, version)
    if (!before) throw new DomainError('version_unknown', 'no such version')
    tx.update(modelVersions).set({ notes }).where(eq(modelVersions.version, version)).run()
    const details = { before: before.notes, after: notes, requestId }
    appendAudit(tx, { at: now, actor: who, action: 'model.annotate', subject: version, details })
    return toVersion({ ...before, notes })
  })
}

/** All versions, the newest registration first. */
export function listVersions(db: Db): ModelVersion[] {
  return db.select(columns).from(modelVersions).where(isNull(modelVersions.deletedAt)).orderBy(desc(modelVersions.id)).all().map(toVersion)
}

/** Names that no new version may get: the ledger speaks of deleted ones too. */
export function takenNames(db: Db): string[] {
  const rows = db.select({ version: modelVersions.version }).from(modelVersions).all()
  return rows.map(({ version }) => version)
}

/** Versions whose files were given up. */
export function deletedVersions(db: Db): string[] {
  const rows = db.select({ version: modelVersions.version }).from(modelVersions).where(isNotNull(modelVersions.deletedAt)).all()
  return rows.map(({ version }) => version)
}

/** One version. Throws `version_unknown`. */
export function getVersion(db: Db | Tx, version: string): ModelVersion {
  const row = findRow(db, version)
  if (!row) throw new DomainError('version_unknown', 'no such version')
  return toVersion(row)
}

/** The manifest's text as it was registered; null for an unknown version. */
export function findManifestText(db: Db, version: string): string | null {
  const row = db.select({ text: modelVersions.manifestText }).from(modelVersions).where(eq(modelVersions.version, version)).get()
  return row?.text ?? null
}

/** Which version serves. */
export function readState(db: Db | Tx): ModelState {
  const row = db
    .select({
      active: modelState.activeVersion,
      previous: modelState.previousVersion,
      epoch: modelState.epoch,
      changedAt: modelState.changedAt,
    })
    .from(modelState)
    .get()!
  return { ...row, changedAt: instant(row.changedAt) }
}

const columns = {
  version: modelVersions.version,
  status: modelVersions.status,
  notes: modelVersions.notes,
  counts: modelVersions.counts,
  recall: modelVersions.recall,
  quality: modelVersions.quality,
  bytes: modelVersions.bytes,
  manifestSha256: modelVersions.manifestSha256,
  createdAt: modelVersions.createdAt,
  registeredAt: modelVersions.registeredAt,
  activatedAt: modelVersions.activatedAt,
  failureCode: modelVersions.failureCode,
  failureReason: modelVersions.failureReason,
}
type Row = Pick<typeof modelVersions.$inferSelect, keyof typeof columns>

/** A deleted version is none any more. */
function findRow(db: Db | Tx, version: string): Row | undefined {
  const wanted = and(eq(modelVersions.version, version), isNull(modelVersions.deletedAt))
  return db.select(columns).from(modelVersions).where(wanted).get()
}

const isTaken = (tx: Tx, version: string) =>
  tx.select({ id: modelVersions.id }).from(modelVersions).where(eq(modelVersions.version, version)).get() !== undefined

type NewStatus = { status: 'active'; activatedAt: number } | { status: 'retired' } | { status: 'failed'; code: string; reason: string }

function setStatus(tx: Tx, version: string, change: NewStatus): void {
  const failure = change.status === 'failed' ? change : { code: null, reason: null }
  tx.update(modelVersions)
    .set({
      status: change.status,
      failureCode: failure.code,
      failureReason: failure.reason,
      ...(change.status === 'active' ? { activatedAt: change.activatedAt } : {}),
    })
    .where(eq(modelVersions.version, version))
    .run()
}

const instant = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

/** JSON columns are parsed here, so that a row of another shape fails loudly. */
function toVersion({ failureCode, failureReason, createdAt, registeredAt, activatedAt, ...row }: Row): ModelVersion {
  const version: unknown = {
    ...row,
    createdAt: instant(createdAt),
    registeredAt: instant(registeredAt),
    activatedAt: instant(activatedAt),
    failure: failureCode === null ? null : { code: failureCode, reason: failureReason ?? '' },
  }
  if (!Value.Check(ModelVersion, version)) throw new DomainError('internal', `the registry row of version ${row.version} is not readable`)
  return version
}
