/**
 * From a breadth of search to the recall that it promises, and back. A promise is a bound from below of what was measured, so that it
 * holds for the next thousand questions too; where no measured breadth promises enough, nothing but reading every vector does.
 */
import { efSearchPresets } from '../contract/limits'
import type { RecallCurve, RecallPoint, SearchRecall } from '../contract/recall'

/** The two curves. */
export const [recallNear, recallWide] = [10, 50] as const
/** Quantile of the normal distribution for a bound on one side at 95 %. */
const z = 1.645

/** Per question the share of its k nearest that was found, at one breadth. */
export interface MeasuredBreadth {
  ef: number
  near: Float64Array
  wide: Float64Array
}

/**
 * The curve of a measurement. What is missed comes in clusters (a question that goes astray misses several at once), so n·k found or
 * missed neighbours say less than n·k independent ones would: they are divided by the design effect (Kish, Survey Sampling, 1965),
 * between 1 and k: the worst of the breadth and all narrower ones, since what a wider search still misses comes in denser clusters; k
 * where nothing was missed so far. The bound is Wilson's (JASA 22, 1927). A breadth promises no more than any wider one kept, so the
 * curve never falls.
 * @param measured by ef, narrow before wide
 * @param k how many were wanted on each curve: 10 and 50, or all there are
 */
export function fitCurve(measured: MeasuredBreadth[], k: { near: number; wide: number }): RecallPoint[] {
  const near = boundsOf(
    measured.map((breadth) => breadth.near),
    k.near,
  )
  const wide = boundsOf(
    measured.map((breadth) => breadth.wide),
    k.wide,
  )
  return measured.map(({ ef }, at) => ({
    ef,
    recall10: rounded(near.fitted[at]),
    recall50: rounded(wide.fitted[at]),
    measured10: rounded(near.means[at]),
    measured50: rounded(wide.means[at]),
    low10: roundedDown(near.low[at]),
    low50: roundedDown(wide.low[at]),
  }))
}

function boundsOf(shares: Float64Array[], k: number): { means: number[]; fitted: number[]; low: number[] } {
  const means = shares.map(meanOf)
  let worst: number | null = null
  const low = shares.map((of, at) => {
    const effect = designEffect(of, k)
    if (effect !== null) worst = Math.max(effect, worst ?? 1)
    return wilsonBounds(means[at], (of.length * k) / (worst ?? k)).low
  })
  return { means, fitted: neverFalling(means), low: neverFalling(low) }
}

/** How many times more the shares vary than if each of the k were found or missed for itself; null where that cannot be told. */
export function designEffect(shares: Float64Array, k: number): number | null {
  const mean = meanOf(shares)
  if (mean <= 0 || mean >= 1 || shares.length < 2) return null
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (shares.length - 1)
  return Math.min(k, Math.max(1, (variance * k) / (mean * (1 - mean))))
}

/** @param n independent observations (may be broken) */
export function wilsonBounds(share: number, n: number): { low: number; high: number } {
  const middle = share + (z * z) / (2 * n)
  const half = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))
  const scale = 1 + (z * z) / n
  return { low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) }
}

const meanOf = (shares: Float64Array): number => shares.reduce((sum, share) => sum + share, 0) / shares.length
/** Each the least of itself and all that follow. */
const neverFalling = (values: number[]): number[] => values.map((_, at) => Math.min(...values.slice(at)))
const rounded = (share: number): number => Math.round(share * 1e6) / 1e6
/** No promise grows by it. */
const roundedDown = (share: number): number => Math.floor(share * 1e6) / 1e6

/**
 * Curve of a version. One from before curves were kept has what was measured of the presets and promises nothing.
 * @param presets `standard@10` … → recall
 */
export function curvePoints({ recallCurve, recall }: { recallCurve?: RecallCurve; recall: Record<string, number> }): RecallPoint[] {
  if (recallCurve !== undefined) return recallCurve.points
  return Object.entries(efSearchPresets)
    .flatMap(([preset, ef]) => {
      const [recall10, recall50] = [recall[`${preset}@${recallNear}`], recall[`${preset}@${recallWide}`]]
      if (recall10 === undefined || recall50 === undefined) return []
      return [{ ef, recall10, recall50, measured10: recall10, measured50: recall50, low10: 0, low50: 0 }]
    })
    .sort((a, b) => a.ef - b.ef)
}

/** Between the measured numbers of neighbours nothing is known but the lower of both curves. */
const isNear = (topK: number) => topK <= recallNear

/** Recall at a breadth: that of the widest measured one that is no wider; null below the narrowest. */
export function recallAt(points: RecallPoint[], ef: number, topK: number): { expected: number; low: number } | null {
  const point = points.findLast((one) => one.ef <= ef)
  if (point === undefined) return null
  const { recall10, recall50, low10, low50 } = point
  return isNear(topK) ? { expected: recall10, low: low10 } : { expected: Math.min(recall10, recall50), low: Math.min(low10, low50) }
}

/** The narrowest measured breadth that promises the recall; null where none does. */
export function breadthFor(points: RecallPoint[], recall: number, topK: number): number | null {
  return points.find(({ ef }) => recallAt(points, ef, topK)!.low >= recall)?.ef ?? null
}

/** What to search with and what to say of it. */
export interface Breadth {
  /** null: every vector is read. */
  ef: number | null
  recall: SearchRecall
}

/**
 * @param moved the request's weights are not those that the graph was built and measured with: only reading every vector keeps a promise
 */
export function chooseBreadth(
  points: RecallPoint[],
  { efSearch, recall: asked, topK }: { efSearch: number; recall: number | null; topK: number },
  { moved = false } = {},
): Breadth {
  const k = isNear(topK) ? recallNear : recallWide
  const ef = asked === null ? efSearch : moved ? null : breadthFor(points, asked, topK)
  if (ef === null) return { ef, recall: { expected: 1, k, asked, exact: true } }
  const expected = moved ? null : (recallAt(points, ef, topK)?.expected ?? null)
  return { ef, recall: { expected, k, asked, exact: false } }
}
