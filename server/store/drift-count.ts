/** How many requests of an hour had which values: one row an hour and version, the slots of all attributes in a list. */
import { and, eq, gte, lt } from 'drizzle-orm'
import type { Db } from './open'
import { driftCounts } from './schema'
import type { Tx } from './write-transaction'

export interface HourCounts {
  /** Hours since 1970, UTC. */
  hour: number
  version: string
  /** Requests per slot; the slots of a version never change. */
  counts: ArrayLike<number>
}

/** Adds to what this and other processes counted. A row of another length is of other files under the same name, and is replaced. */
export function addDriftCounts(tx: Tx, { hour, version, counts }: HourCounts): void {
  const known = tx
    .select({ counts: driftCounts.counts })
    .from(driftCounts)
    .where(and(eq(driftCounts.hour, hour), eq(driftCounts.version, version)))
    .get()?.counts
  const before = known?.length === counts.length ? known : null
  const sums = Array.from(counts, (count, slot) => count + (before?.[slot] ?? 0))
  tx.insert(driftCounts)
    .values({ hour, version, counts: sums })
    .onConflictDoUpdate({ target: [driftCounts.hour, driftCounts.version], set: { counts: sums } })
    .run()
}

/** Sums per slot from an hour on; rows of another length are not of this version's files. */
export function readDriftCounts(db: Db, { version, since, size }: { version: string; since: number; size: number }): Float64Array {
  const sums = new Float64Array(size)
  const rows = db
    .select({ counts: driftCounts.counts })
    .from(driftCounts)
    .where(and(eq(driftCounts.version, version), gte(driftCounts.hour, since)))
    .all()
  for (const { counts } of rows) {
    if (counts.length !== size) continue
    for (let slot = 0; slot < size; slot++) sums[slot] += counts[slot]
  }
  return sums
}

export function pruneDriftCounts(tx: Tx, { before }: { before: number }): void {
  tx.delete(driftCounts).where(lt(driftCounts.hour, before)).run()
}
