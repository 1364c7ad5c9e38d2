/** How near estimated minutes are to the held-out ones. */
import type { TimeScores } from '../../contract/quality'

export interface TimeCase {
  actual: number
  p10: number
  p50: number
  p90: number
}

/** Mean pinball loss: half of the absolute error for p50; an actual time above p90 costs nine times as much as one below. */
function pinball(cases: TimeCase[], at: 'p10' | 'p50' | 'p90', quantile: number): number {
  return mean(cases.map((entry) => Math.max(quantile * (entry.actual - entry[at]), (quantile - 1) * (entry.actual - entry[at]))))
}

/** Null when there is nothing to compare. */
export function scoreTimes(cases: TimeCase[]): TimeScores | null {
  if (cases.length === 0) return null
  const relative = cases
    .filter(({ actual }) => actual > 0)
    .map(({ actual, p50 }) => Math.abs(p50 - actual) / actual)
    .sort((a, b) => a - b)
  // minutes are rounded to six digits on their way: a bound that equals the value holds it
  const slack = (value: number) => 1e-5 * Math.abs(value)
  return {
    mae: mean(cases.map(({ actual, p50 }) => Math.abs(p50 - actual))),
    mdape: relative.length === 0 ? null : relative[relative.length >> 1],
    bias: mean(cases.map(({ actual, p50 }) => p50 - actual)),
    coverage80: mean(cases.map(({ actual, p10, p90 }) => (actual >= p10 - slack(p10) && actual <= p90 + slack(p90) ? 1 : 0))),
    pinball: { p10: pinball(cases, 'p10', 0.1), p50: pinball(cases, 'p50', 0.5), p90: pinball(cases, 'p90', 0.9) },
    samples: cases.length,
  }
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
