/** The dashboard's series: minutes gathered into buckets wide enough for a picture. */
import { allPredicting, type Dashboard, predictingRoutes, type SlowRequestList } from '../../contract/dashboard'
import { DomainError } from '../../domain/error'
import { listAnnotations } from '../../store/annotation'
import { ALIVE } from '../../store/minute-stat'
import type { Db } from '../../store/open'
import { listSlowRequests } from '../../store/slow-request'
import { addRow, eachMinuteStat, emptySum, type FigureSum, figuresOf } from './figures'
import { FINE_MINUTES, minuteOf } from './roll-up'

export interface DashboardQuery {
  /** The last 24 hours when absent. */
  from?: Date
  to?: Date
  /** A route's template; all of predicting when absent. */
  route?: string
}

export interface DashboardOptions {
  now: () => Date
  /** What serves at this moment, and how many processes. */
  state: () => Dashboard['now']
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const daysMax = 92
const pointsMax = 1_440
const widths = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440]
const routesMax = 100
const annotationsMax = 100
const slowMax = 200

/** @throws invalid_value when the range is empty or longer than 92 days */
export async function readDashboard(db: Db, query: DashboardQuery, { now, state }: DashboardOptions): Promise<Dashboard> {
  const { from, to } = rangeOf(query, now())
  const width = widthOf(from, to, now())
  const first = Math.floor(minuteOf(from) / width) * width
  const end = Math.ceil(to.getTime() / MINUTE_MS)
  const buckets = Array.from({ length: Math.ceil((end - first) / width) }, emptySum)
  const total = emptySum()
  const routes = new Map<string, FigureSum>()
  const wanted: ReadonlySet<string> = new Set(query.route === undefined || query.route === allPredicting ? predictingRoutes : [query.route])
  await eachMinuteStat(db, { from: first, to: end }, (row) => {
    const bucket = buckets[Math.floor((row.minute - first) / width)]
    bucket.alive = true
    total.alive = true
    if (row.route === ALIVE) return
    const own = routes.get(row.route) ?? emptySum()
    routes.set(row.route, own)
    addRow(own, row)
    if (!wanted.has(row.route)) return
    addRow(bucket, row)
    addRow(total, row)
  })
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    bucketMinutes: width,
    route: query.route ?? allPredicting,
    total: figuresOf(total),
    series: buckets.map((sum, index) => ({ at: new Date((first + index * width) * MINUTE_MS).toISOString(), ...figuresOf(sum) })),
    routes: [...routes]
      .sort(([, a], [, b]) => b.requests - a.requests)
      .slice(0, routesMax)
      .map(([route, sum]) => ({ route, ...figuresOf(sum) })),
    annotations: listAnnotations(db, { from, to, limit: annotationsMax }),
    now: state(),
  }
}

export const readSlowRequests = (db: Db, { limit = slowMax }: { limit?: number }): SlowRequestList => ({
  requests: listSlowRequests(db, { limit: Math.min(limit, slowMax) }),
})

function rangeOf({ from, to }: DashboardQuery, now: Date): { from: Date; to: Date } {
  const end = to ?? now
  const start = from ?? new Date(end.getTime() - DAY_MS)
  const days = (end.getTime() - start.getTime()) / DAY_MS
  if (days > 0 && days <= daysMax) return { from: start, to: end }
  const message = days > 0 ? `a range has at most ${daysMax} days` : 'from must be before to'
  throw new DomainError('invalid_value', 'the range of time cannot be shown', { details: [{ path: '/query/from', message }] })
}

/** Wide enough that the points are not too many; where only hours are left of the past, an hour at least. */
function widthOf(from: Date, to: Date, now: Date): number {
  const minutes = (to.getTime() - from.getTime()) / MINUTE_MS
  const least = minuteOf(now) - minuteOf(from) >= FINE_MINUTES ? 60 : 1
  return widths.find((width) => width >= least && minutes / width <= pointsMax) ?? widths.at(-1)!
}
