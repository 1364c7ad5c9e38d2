/** Slow requests with their stages; the newest are kept. */
import { desc, sql } from 'drizzle-orm'
import type { SlowRequest } from '../contract/dashboard'
import type { Db } from './open'
import { slowRequests } from './schema'
import type { Tx } from './write-transaction'

export type SlowRow = Omit<typeof slowRequests.$inferInsert, 'id'>

/** Writes rows and forgets those beyond the newest `keep`. */
export function insertSlowRequests(tx: Tx, rows: SlowRow[], { keep }: { keep: number }): void {
  if (rows.length === 0) return
  tx.insert(slowRequests).values(rows).run()
  tx.run(sql`delete from ${slowRequests} where ${slowRequests.id} <= (select max(${slowRequests.id}) from ${slowRequests}) - ${keep}`)
}

/** The newest first. */
export function listSlowRequests(db: Db, { limit }: { limit: number }): SlowRequest[] {
  return db
    .select({
      at: slowRequests.at,
      requestId: slowRequests.requestId,
      route: slowRequests.route,
      status: slowRequests.status,
      latencyMs: slowRequests.latencyMs,
      thresholdMs: slowRequests.thresholdMs,
      version: slowRequests.version,
      epoch: slowRequests.epoch,
      configRevision: slowRequests.configRevision,
      stages: slowRequests.stages,
      details: slowRequests.details,
    })
    .from(slowRequests)
    .orderBy(desc(slowRequests.id))
    .limit(limit)
    .all()
    .map((row) => ({ ...row, at: new Date(row.at).toISOString() }))
}
