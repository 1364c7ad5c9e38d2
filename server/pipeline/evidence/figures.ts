/** Figures of many requests, added up from minutes and told as the dashboard shows them: what was not measured is null. */
import type { RequestFigures } from '../../contract/dashboard'
import { latencyQuantile, splitLatencies } from '../../domain/latency-histogram'
import { addStat, type MinuteRange, type MinuteStat, readMinuteStats } from '../../store/minute-stat'
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

/** Gives each row of a range of minutes to `take`, some hundred a turn, so that predictions are answered in between. */
export async function eachMinuteStat(db: Db, range: MinuteRange, take: (row: MinuteStat) => void): Promise<void> {
  for (let from = range.from; from < range.to; await new Promise(setImmediate)) {
    const rows = readMinuteStats(db, { ...range, from }, { limit: rowsATurn })
    const last = rows.at(-1)?.minute
    if (last === undefined || rows.length < rowsATurn) {
      for (const row of rows) take(row)
      return
    }
    // the last minute may not be whole: it comes again, alone where it fills a turn
    const whole =
      last > rows[0].minute ? rows.filter(({ minute }) => minute < last) : readMinuteStats(db, { ...range, from: last, to: last + 1 })
    for (const row of whole) take(row)
    from = last > rows[0].minute ? last : last + 1
  }
}
