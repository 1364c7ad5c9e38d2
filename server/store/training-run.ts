/** Training runs. The id of a run is the fencing token of the trainer's lock. */
import { and, desc, eq, inArray, isNotNull, notInArray } from 'drizzle-orm'
import type { ProblemCode } from '../contract/problem'
import { DomainError } from '../domain/error'
import { appendAudit } from './audit'
import type { Db } from './open'
import { modelVersions, trainingRuns } from './schema'
import { type Tx, writeTransaction } from './write-transaction'

export type TrainingRun = typeof trainingRuns.$inferSelect

/**
 * Opens a run and returns its id. Only the holder of the trainer's lock may call it: every run still `running` then belongs to a
 * process that died, and is marked `aborted`.
 */
export function startTrainingRun(
  db: Db,
  { pid, host, command, now }: { pid: number; host: string; command: string; now: Date },
): Promise<number> {
  return writeTransaction(db, (tx) => {
    tx.update(trainingRuns).set({ status: 'aborted', endedAt: now.getTime() }).where(eq(trainingRuns.status, 'running')).run()
    const run = tx
      .insert(trainingRuns)
      .values({ status: 'running', pid, host, command, startedAt: now.getTime() })
      .returning({ id: trainingRuns.id })
      .get()
    appendAudit(tx, { at: now, actor: 'trainer', action: 'training.start', subject: String(run.id), details: { pid, host, command } })
    return run.id
  })
}

/** Closes a run that failed; one that was already closed stays as it is. */
export function failTrainingRun(
  db: Db,
  { run, code, reason, now }: { run: number; code: ProblemCode; reason: string; now: Date },
): Promise<void> {
  return writeTransaction(db, (tx) => {
    const closed = tx
      .update(trainingRuns)
      .set({ status: 'failed', endedAt: now.getTime(), failureCode: code, failureReason: reason })
      .where(and(eq(trainingRuns.id, run), eq(trainingRuns.status, 'running')))
      .returning({ id: trainingRuns.id })
      .all()
    if (closed.length === 0) return
    appendAudit(tx, { at: now, actor: 'trainer', action: 'training.fail', subject: String(run), details: { code, reason } })
  })
}

/** Closes a run with the version it made. Throws `training_locked` unless it is the newest and still running. */
export function finishTrainingRun(tx: Tx, { run, version, now }: { run: number; version: string; now: Date }): void {
  const newest = tx
    .select({ id: trainingRuns.id, status: trainingRuns.status })
    .from(trainingRuns)
    .orderBy(desc(trainingRuns.id))
    .limit(1)
    .get()
  if (newest?.id !== run || newest.status !== 'running') {
    throw new DomainError('training_locked', 'another training has begun meanwhile; this one may not register its version')
  }
  tx.update(trainingRuns).set({ status: 'done', endedAt: now.getTime(), version }).where(eq(trainingRuns.id, run)).run()
}

/** Notes which version a run is about to publish, so that its folder can be found should the run die before registering it. */
export function announceVersion(db: Db, { run, version }: { run: number; version: string }): Promise<void> {
  return writeTransaction(
    db,
    (tx) =>
      void tx
        .update(trainingRuns)
        .set({ version })
        .where(and(eq(trainingRuns.id, run), eq(trainingRuns.status, 'running')))
        .run(),
  )
}

/** Versions that runs announced and, being dead or failed, never registered. */
export function listAbandonedVersions(db: Db): { run: number; version: string }[] {
  return db
    .select({ run: trainingRuns.id, version: trainingRuns.version })
    .from(trainingRuns)
    .where(
      and(
        inArray(trainingRuns.status, ['aborted', 'failed']),
        isNotNull(trainingRuns.version),
        notInArray(trainingRuns.version, db.select({ version: modelVersions.version }).from(modelVersions)),
      ),
    )
    .all()
    .flatMap(({ run, version }) => (version === null ? [] : [{ run, version }]))
}

/** Strikes out what a run announced. */
export function forgetAnnouncement(db: Db, { run }: { run: number }): Promise<void> {
  return writeTransaction(db, (tx) => void tx.update(trainingRuns).set({ version: null }).where(eq(trainingRuns.id, run)).run())
}

/** The newest runs first. */
export function listTrainingRuns(db: Db, { limit = 50 }: { limit?: number } = {}): TrainingRun[] {
  return db
    .select({
      id: trainingRuns.id,
      status: trainingRuns.status,
      pid: trainingRuns.pid,
      host: trainingRuns.host,
      command: trainingRuns.command,
      startedAt: trainingRuns.startedAt,
      endedAt: trainingRuns.endedAt,
      version: trainingRuns.version,
      failureCode: trainingRuns.failureCode,
      failureReason: trainingRuns.failureReason,
    })
    .from(trainingRuns)
    .orderBy(desc(trainingRuns.id))
    .limit(limit)
    .all()
}
