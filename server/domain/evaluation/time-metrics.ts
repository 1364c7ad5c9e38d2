/** How near estimated minutes are to the held-out ones. */

export interface TimeCase {
  actual: number
  p10: number
  p50: number
  p90: number
}

export interface TimeScores {
  /** Mean absolute error, minutes. */
  mae: number
  /** Median of |error| ÷ actual over actual > 0. */
  mdape: number
  /** Mean of estimate − actual, minutes. */
  bias: number
  /** Share of actual times between p10 and p90; 0.8 is right. */
  coverage80: number
  samples: number
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
    mdape: relative.length === 0 ? 0 : relative[relative.length >> 1],
    bias: mean(cases.map(({ actual, p50 }) => p50 - actual)),
    coverage80: mean(cases.map(({ actual, p10, p90 }) => (actual >= p10 - slack(p10) && actual <= p90 + slack(p90) ? 1 : 0))),
    samples: cases.length,
  }
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
