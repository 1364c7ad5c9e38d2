/** How the version of an epoch does: requests, failures, empty and slow answers, as each worker counted them since it served it. */
import { eq, lt, sql } from 'drizzle-orm'
import type { Db } from './open'
import { probationCounts } from './schema'
import { type Tx, writeTransaction } from './write-transaction'

export interface Counts {
  requests: number
  failures: number
  empty: number
  slow: number
}
export const noCounts: Counts = { requests: 0, failures: 0, empty: 0, slow: 0 }

/** Counts of older epochs than this many are of no use any more. */
const EPOCHS_KEPT = 20
const WRITE_WAIT_MS = 250

/** Writes a worker's counts of one epoch, whole, in place of what it wrote before. */
export function saveCounts(
  db: Db,
  { epoch, bootId, counts, now }: { epoch: number; bootId: string; counts: Counts; now: Date },
): Promise<void> {
  const act = (tx: Tx) => {
    const fields = { ...counts, at: now.getTime() }
    tx.insert(probationCounts)
      .values({ epoch, bootId, ...fields })
      .onConflictDoUpdate({ target: [probationCounts.epoch, probationCounts.bootId], set: fields })
      .run()
    tx.delete(probationCounts)
      .where(lt(probationCounts.epoch, epoch - EPOCHS_KEPT))
      .run()
  }
  return writeTransaction(db, act, { waitMs: WRITE_WAIT_MS })
}

/** Of all workers together. */
export function sumCounts(db: Db, epoch: number): Counts {
  const total = (column: 'requests' | 'failures' | 'empty' | 'slow') => sql<number>`coalesce(sum(${probationCounts[column]}), 0)`
  return db
    .select({ requests: total('requests'), failures: total('failures'), empty: total('empty'), slow: total('slow') })
    .from(probationCounts)
    .where(eq(probationCounts.epoch, epoch))
    .get()!
}
