/** Figures of requests by minute. A row with an empty route says that the process lived in that minute, though nobody may have asked. */
import { and, asc, gte, inArray, lt, ne } from 'drizzle-orm'
import { mergeLatencies } from '../domain/latency-histogram'
import type { Db } from './open'
import { minuteStats } from './schema'
import type { Tx } from './write-transaction'

export type MinuteStat = typeof minuteStats.$inferSelect
/** The route of the rows that say only that a process lived. */
export const ALIVE = ''
/** The process of rows that stand for a whole hour of all processes. */
const FOLDED = ''
const MINUTES_AN_HOUR = 60

/** Writes what a process counted so far in these minutes, over what it wrote before: writing twice changes nothing. */
export function saveMinuteStats(tx: Tx, rows: MinuteStat[]): void {
  for (const row of rows) {
    const { requests, clientErrors, serverErrors, shed, cacheHits, cacheMisses, latency } = row
    tx.insert(minuteStats)
      .values(row)
      .onConflictDoUpdate({
        target: keyColumns,
        set: { requests, clientErrors, serverErrors, shed, cacheHits, cacheMisses, latency },
      })
      .run()
  }
}

const keyColumns = [
  minuteStats.minute,
  minuteStats.bootId,
  minuteStats.route,
  minuteStats.version,
  minuteStats.epoch,
  minuteStats.configRevision,
]

export interface MinuteRange {
  /** Minutes since 1970, UTC; `to` is not in it. */
  from: number
  to: number
  /** All when absent. */
  routes?: readonly string[]
}

/** Rows in the order of their minutes, at most `limit`. */
export function readMinuteStats(db: Db, { from, to, routes }: MinuteRange, { limit = -1 }: { limit?: number } = {}): MinuteStat[] {
  const inRange = and(gte(minuteStats.minute, from), lt(minuteStats.minute, to))
  return db
    .select(columns)
    .from(minuteStats)
    .where(routes === undefined ? inRange : and(inRange, inArray(minuteStats.route, [...routes])))
    .orderBy(asc(minuteStats.minute))
    .limit(limit)
    .all()
}

const columns = {
  minute: minuteStats.minute,
  bootId: minuteStats.bootId,
  route: minuteStats.route,
  version: minuteStats.version,
  epoch: minuteStats.epoch,
  configRevision: minuteStats.configRevision,
  requests: minuteStats.requests,
  clientErrors: minuteStats.clientErrors,
  serverErrors: minuteStats.serverErrors,
  shed: minuteStats.shed,
  cacheHits: minuteStats.cacheHits,
  cacheMisses: minuteStats.cacheMisses,
  latency: minuteStats.latency,
}

export function pruneMinuteStats(tx: Tx, { before }: { before: number }): void {
  tx.delete(minuteStats).where(lt(minuteStats.minute, before)).run()
}

/**
 * Makes of one whole hour's rows one row per route, version, epoch and configuration. Of the hours before `before` the oldest that
 * still has minutes; returns it (minutes since 1970), or null when there is none.
 */
export function foldOldestHour(tx: Tx, { before }: { before: number }): number | null {
  const open = and(ne(minuteStats.bootId, FOLDED), lt(minuteStats.minute, before))
  const oldest = tx.select({ minute: minuteStats.minute }).from(minuteStats).where(open).orderBy(asc(minuteStats.minute)).limit(1).get()
  if (oldest === undefined) return null
  const hour = Math.floor(oldest.minute / MINUTES_AN_HOUR) * MINUTES_AN_HOUR
  const inHour = and(gte(minuteStats.minute, hour), lt(minuteStats.minute, hour + MINUTES_AN_HOUR))
  const sums = new Map<string, MinuteStat>()
  for (const row of tx.select(columns).from(minuteStats).where(inHour).all()) {
    const key = JSON.stringify([row.route, row.version, row.epoch, row.configRevision])
    const sum = sums.get(key)
    if (sum === undefined) sums.set(key, { ...row, minute: hour, bootId: FOLDED })
    else addStat(sum, row)
  }
  tx.delete(minuteStats).where(inHour).run()
  saveMinuteStats(tx, [...sums.values()])
  return hour
}

/** Adds the figures of a row to another's. */
export function addStat(sum: Pick<MinuteStat, FigureName | 'latency'>, row: Pick<MinuteStat, FigureName | 'latency'>): void {
  for (const name of figureNames) sum[name] += row[name]
  mergeLatencies(sum.latency, row.latency)
}
const figureNames = ['requests', 'clientErrors', 'serverErrors', 'shed', 'cacheHits', 'cacheMisses'] as const
type FigureName = (typeof figureNames)[number]
