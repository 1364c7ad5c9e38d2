/** What slows guessing down, shared by all processes and kept over a restart. A rule says how a key's row changes; nothing is deleted early. */
import { inArray, lt, sql } from 'drizzle-orm'
import { loginThrottles } from './schema'
import type { Reader } from './user'
import type { Tx } from './write-transaction'

export type ThrottleRow = typeof loginThrottles.$inferSelect

const columns = {
  key: loginThrottles.key,
  failures: loginThrottles.failures,
  windowStartedAt: loginThrottles.windowStartedAt,
  tokens: loginThrottles.tokens,
  updatedAt: loginThrottles.updatedAt,
  blockedUntil: loginThrottles.blockedUntil,
}
/** Beyond, the rows that were left alone longest go; at the pace of the bucket for all it takes a day to get here. */
const rowsMax = 200_000
const keptMs = 2 * 86_400_000

/** The rows that exist of these keys. */
export const findThrottles = (db: Reader, keys: string[]): Map<string, ThrottleRow> =>
  new Map(
    db
      .select(columns)
      .from(loginThrottles)
      .where(inArray(loginThrottles.key, keys))
      .all()
      .map((row) => [row.key, row]),
  )

export function saveThrottle(tx: Tx, row: ThrottleRow): void {
  const { key: _, ...set } = row
  tx.insert(loginThrottles).values(row).onConflictDoUpdate({ target: loginThrottles.key, set }).run()
}

/** Rows that say nothing any more go. */
export function pruneThrottles(tx: Tx, now: Date): void {
  tx.delete(loginThrottles)
    .where(lt(loginThrottles.updatedAt, now.getTime() - keptMs))
    .run()
  tx.run(
    sql`delete from login_throttles where key in (select key from login_throttles order by updated_at desc limit -1 offset ${sql.raw(String(rowsMax))})`,
  )
}
