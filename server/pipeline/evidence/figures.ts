/** Figures of many requests, added up from minutes and told as the dashboard shows them: what was not measured is null. */
import type { RequestFigures } from '../../contract/dashboard'
import { latencyQuantile, splitLatencies } from '../../domain/latency-histogram'
import { addStat, type MinuteStat, readMinuteStats } from '../../store/minute-stat'
import type { Db } from '../../store/open'

export type FigureSum = Pick<
  MinuteStat,
  'requests' | 'clientErrors' | 'serverErrors' | 'shed' | 'cacheHits' | 'cacheMisses' | 'latency'
> & {
  /** Whether any process lived: then no request means that nobody asked. */
  alive: boolean
}

export const emptySum = (): FigureSum => ({
  requests: 0,
  clientErrors: 0,
  serverErrors: 0,
  shed: 0,
  cacheHits: 0,
  cacheMisses: 0,
  latency: {},
  alive: false,
})

export function addRow(sum: FigureSum, row: MinuteStat): void {
  addStat(sum, row)
  sum.alive = true
}

export function figuresOf(sum: FigureSum): RequestFigures {
  const { all } = splitLatencies(sum.latency)
  const quantile = (q: number) => {
    const ms = latencyQuantile(all, q)
    return ms === null ? null : Math.round(ms * 1_000) / 1_000
  }
  return {
    requests: sum.alive ? sum.requests : null,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    errorShare: share(sum.serverErrors, sum.requests),
    shedShare: share(sum.shed, sum.requests),
    hitShare: share(sum.cacheHits, sum.cacheHits + sum.cacheMisses),
  }
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)

/** Rows read in one turn of the event loop: some two milliseconds. */
const rowsATurn = 400
const sliceMinutesMax = 7 * 24 * 60

/** Gives each row of a range of minutes to `take`, in slices, so that predictions are answered in between. */
export async function eachMinuteStat(db: Db, { from, to }: { from: number; to: number }, take: (row: MinuteStat) => void): Promise<void> {
  let minutes = 30
  for (let at = from; at < to; ) {
    const rows = readMinuteStats(db, { from: at, to: Math.min(at + minutes, to) })
    for (const row of rows) take(row)
    at += minutes
    const fitting = rows.length === 0 ? sliceMinutesMax : Math.floor((minutes * rowsATurn) / rows.length)
    minutes = Math.max(1, Math.min(fitting, 4 * minutes, sliceMinutesMax))
    await new Promise(setImmediate)
  }
}
