/** The trainer's queue. Every order, cancel and end is audited in its own transaction; progress is not. */
import { and, asc, count, desc, eq, inArray, lt, sql } from 'drizzle-orm'
import { limits } from '../contract/limits'
import type { ProblemCode } from '../contract/problem'
import type { JobProgress, JobRequest, TrainingJob } from '../contract/training-job'
import { DomainError } from '../domain/error'
import { appendAudit } from './audit'
import type { Db } from './open'
import { trainingJobs } from './schema'
import { type Tx, writeTransaction } from './write-transaction'

type Row = typeof trainingJobs.$inferSelect

export interface EnqueueInput {
  request: JobRequest
  who: string
  /** The schedule that ordered it; null for a person. */
  schedule?: string | null
  attempt?: number
  now: Date
}

/** Adds an order at the end. Throws `job_conflict` when the queue is full. */
export function enqueueJob(db: Db, input: EnqueueInput): Promise<TrainingJob> {
  return writeTransaction(db, (tx) => insertJob(tx, input))
}

export function insertJob(tx: Tx, { request, who, schedule = null, attempt = 1, now }: EnqueueInput): TrainingJob {
  const waiting = tx.select({ count: count() }).from(trainingJobs).where(eq(trainingJobs.status, 'queued')).get()?.count ?? 0
  if (waiting >= limits.jobsQueuedMax) throw new DomainError('job_conflict', `${limits.jobsQueuedMax} jobs wait already`)
  const row = tx
    .insert(trainingJobs)
    .values({ kind: request.kind, status: 'queued', request, requestedBy: who, schedule, attempt, createdAt: now.getTime() })
    .returning()
    .get()
  appendAudit(tx, { at: now, actor: who, action: 'training.enqueue', subject: String(row.id), details: { request, schedule, attempt } })
  return toJob(row)
}

/** The longest waiting one becomes the running one; null when nothing waits or one runs. */
export function takeJob(db: Db, { pid, now }: { pid: number; now: Date }): Promise<TrainingJob | null> {
  return writeTransaction(db, (tx) => {
    const running = tx.select({ id: trainingJobs.id }).from(trainingJobs).where(eq(trainingJobs.status, 'running')).get()
    const next = tx.select().from(trainingJobs).where(eq(trainingJobs.status, 'queued')).orderBy(asc(trainingJobs.id)).limit(1).get()
    if (running !== undefined || next === undefined) return null
    const at = now.getTime()
    const taken = { status: 'running', pid, startedAt: at, seenAt: at, progress: null } as const
    return toJob(tx.update(trainingJobs).set(taken).where(eq(trainingJobs.id, next.id)).returning().get()!)
  })
}

/** Notes how far the running job is, and says whether somebody wants it cancelled. */
export function reportJob(db: Db, { id, progress, now }: { id: number; progress: JobProgress | null; now: Date }): Promise<boolean> {
  return writeTransaction(db, (tx) => {
    const row = tx
      .update(trainingJobs)
      .set({ progress, seenAt: now.getTime() })
      .where(and(eq(trainingJobs.id, id), eq(trainingJobs.status, 'running')))
      .returning({ cancelRequested: trainingJobs.cancelRequested })
      .get()
    return row?.cancelRequested ?? true
  })
}

export type JobEnd =
  | { status: 'done'; version: string | null }
  | { status: 'failed'; code: ProblemCode; reason: string }
  | { status: 'cancelled' }

/** Closes the running job; one that is closed already stays as it is. */
export function endJob(db: Db, { id, end, now }: { id: number; end: JobEnd; now: Date }): Promise<void> {
  return writeTransaction(db, (tx) => closeJob(tx, { id, end, now }))
}

function closeJob(tx: Tx, { id, end, now }: { id: number; end: JobEnd; now: Date }): void {
  const failure = end.status === 'failed' ? end : { code: null, reason: null }
  const closed = tx
    .update(trainingJobs)
    .set({
      status: end.status,
      endedAt: now.getTime(),
      version: end.status === 'done' ? end.version : null,
      failureCode: failure.code,
      failureReason: failure.reason,
    })
    .where(and(eq(trainingJobs.id, id), eq(trainingJobs.status, 'running')))
    .returning({ id: trainingJobs.id })
    .get()
  if (closed) appendAudit(tx, { at: now, actor: 'trainer', action: `training.${end.status}`, subject: String(id), details: { ...end } })
}

/** Puts the running job back to its place in the queue: another training holds the lock. */
export function requeueJob(db: Db, { id }: { id: number }): Promise<void> {
  return writeTransaction(db, (tx) => {
    const waiting = { status: 'queued', pid: null, startedAt: null, seenAt: null, progress: null } as const
    tx.update(trainingJobs)
      .set(waiting)
      .where(and(eq(trainingJobs.id, id), eq(trainingJobs.status, 'running')))
      .run()
  })
}

/** Closes what a trainer left running that was not seen since. Returns how many. */
export function closeOrphans(db: Db, { seenBefore, now }: { seenBefore: number; now: Date }): Promise<number> {
  return writeTransaction(db, (tx) => {
    const orphans = tx
      .select({ id: trainingJobs.id })
      .from(trainingJobs)
      .where(and(eq(trainingJobs.status, 'running'), lt(trainingJobs.seenAt, seenBefore)))
      .all()
    for (const { id } of orphans) closeJob(tx, { id, end: { status: 'failed', code: 'internal', reason: 'the trainer died' }, now })
    return orphans.length
  })
}

/** A waiting job ends at once, a running one as soon as the trainer sees it. Throws `job_unknown`, `job_conflict` when it is over. */
export function cancelJob(db: Db, { id, who, now }: { id: number; who: string; now: Date }): Promise<TrainingJob> {
  return writeTransaction(db, (tx) => {
    const row = findRow(tx, id)
    if (row.status !== 'queued' && row.status !== 'running') throw new DomainError('job_conflict', 'the job is over')
    const change =
      row.status === 'queued' ? { status: 'cancelled' as const, endedAt: now.getTime(), cancelRequested: true } : { cancelRequested: true }
    appendAudit(tx, { at: now, actor: who, action: 'training.cancel', subject: String(id), details: { was: row.status } })
    return toJob(tx.update(trainingJobs).set(change).where(eq(trainingJobs.id, id)).returning().get()!)
  })
}

/** Orders the same again. Throws `job_unknown`, `job_conflict` unless it failed or was cancelled. */
export function retryJob(db: Db, { id, who, now }: { id: number; who: string; now: Date }): Promise<TrainingJob> {
  return writeTransaction(db, (tx) => {
    const { status, request, attempt } = findRow(tx, id)
    if (status !== 'failed' && status !== 'cancelled')
      throw new DomainError('job_conflict', 'only what failed or was cancelled is tried again')
    return insertJob(tx, { request, who, attempt: attempt + 1, now })
  })
}

/** The newest first. */
export function listJobs(db: Db, { limit = 50 }: { limit?: number } = {}): TrainingJob[] {
  return db.select().from(trainingJobs).orderBy(desc(trainingJobs.id)).limit(limit).all().map(toJob)
}

/** Throws `job_unknown`. */
export const getJob = (db: Db, id: number): TrainingJob => toJob(findRow(db, id))

/** Whether an order of this schedule waits or runs. */
export function isScheduleBusy(db: Db | Tx, schedule: string): boolean {
  const open = and(eq(trainingJobs.schedule, schedule), inArray(trainingJobs.status, ['queued', 'running']))
  return db.select({ one: sql`1` }).from(trainingJobs).where(open).limit(1).get() !== undefined
}

function findRow(db: Db | Tx, id: number): Row {
  const row = db.select().from(trainingJobs).where(eq(trainingJobs.id, id)).get()
  if (!row) throw new DomainError('job_unknown', 'no such job')
  return row
}

const instant = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

const toJob = (row: Row): TrainingJob => ({
  id: row.id,
  status: row.status,
  request: row.request,
  requestedBy: row.requestedBy,
  schedule: row.schedule,
  attempt: row.attempt,
  createdAt: new Date(row.createdAt).toISOString(),
  startedAt: instant(row.startedAt),
  endedAt: instant(row.endedAt),
  cancelRequested: row.cancelRequested,
  progress: row.progress,
  version: row.version,
  failure: row.failureCode === null ? null : { code: row.failureCode, reason: row.failureReason ?? '' },
})
