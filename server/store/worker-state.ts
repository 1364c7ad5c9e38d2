/**
 * Serving processes as they see themselves: a row each, written at start, with each change and at least every second. Who has
 * not been heard of for three seconds counts as dead. The clock is the machine's; a jump of it is over with everybody's next row.
 */
import { asc, eq, inArray } from 'drizzle-orm'
import type { WorkerState } from '../contract/activation'
import type { Db } from './open'
import { workerStates } from './schema'
import { type Tx, writeTransaction } from './write-transaction'

/** Milliseconds without a sign after which a worker counts as dead. */
export const WORKER_SILENT_MS_MAX = 3_000
/** Rows of the dead go after this long: until then they tell what happened. */
const BURIED_AFTER_MS = 60_000
/** A sign of life does not wait long for the database: the next one comes in a second. */
const WRITE_WAIT_MS = 250

export interface WorkerSign {
  bootId: string
  worker: number
  pid: number
  startedAt: number
  version: string | null
  epoch: number
  configRevision: number
  mapped: string[]
  draining: number
  stopping: boolean
}
export type LivingWorker = WorkerSign & { seenAt: number }

/** Writes a worker's row and buries the long dead. Throws `busy`, `database_unavailable`, `storage_full`. */
export function saveWorkerSign(db: Db, sign: WorkerSign, now: Date): Promise<void> {
  const seenAt = now.getTime()
  const { bootId: _, ...fields } = sign
  const act = (tx: Tx) => {
    tx.insert(workerStates)
      .values({ ...sign, seenAt })
      .onConflictDoUpdate({ target: workerStates.bootId, set: { ...fields, seenAt } })
      .run()
    const seen = tx.select({ bootId: workerStates.bootId, seenAt: workerStates.seenAt }).from(workerStates).all()
    const dead = seen.filter((row) => Math.abs(seenAt - row.seenAt) > BURIED_AFTER_MS)
    if (dead.length > 0)
      tx.delete(workerStates)
        .where(
          inArray(
            workerStates.bootId,
            dead.map((row) => row.bootId),
          ),
        )
        .run()
  }
  return writeTransaction(db, act, { waitMs: WRITE_WAIT_MS })
}

/** Strikes out a worker that ended in good order. */
export function removeWorker(db: Db, bootId: string): Promise<void> {
  const act = (tx: Tx) => void tx.delete(workerStates).where(eq(workerStates.bootId, bootId)).run()
  return writeTransaction(db, act, { waitMs: WRITE_WAIT_MS })
}

/** Workers that live, those that stop included, by number. */
export function livingWorkers(db: Db | Tx, now: Date): LivingWorker[] {
  return allWorkers(db).filter((row) => lives(row, now))
}

/** All rows, the dead of the last minute included, for people. */
export function listWorkers(db: Db, now: Date): WorkerState[] {
  return allWorkers(db).map((row) => {
    const { bootId: _, startedAt, seenAt, ...state } = row
    return { ...state, startedAt: instant(startedAt), seenAt: instant(seenAt), alive: lives(row, now) }
  })
}

const lives = ({ seenAt }: { seenAt: number }, now: Date) => Math.abs(now.getTime() - seenAt) < WORKER_SILENT_MS_MAX

function allWorkers(db: Db | Tx): LivingWorker[] {
  return db
    .select({
      bootId: workerStates.bootId,
      worker: workerStates.worker,
      pid: workerStates.pid,
      startedAt: workerStates.startedAt,
      seenAt: workerStates.seenAt,
      version: workerStates.version,
      epoch: workerStates.epoch,
      configRevision: workerStates.configRevision,
      mapped: workerStates.mapped,
      draining: workerStates.draining,
      stopping: workerStates.stopping,
    })
    .from(workerStates)
    .orderBy(asc(workerStates.worker), asc(workerStates.startedAt), asc(workerStates.bootId))
    .limit(256)
    .all()
}

const instant = (ms: number) => new Date(ms).toISOString()
