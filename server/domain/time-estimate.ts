/** From statistics of samples to the estimate that is shown: profiles, spread and the level it comes from. */
import type { TimeEstimate, TimeLevel, TimeMethodName } from '../contract/time-estimate'
import { defaultTimePlan, type TimePlan } from './time-strategy'

/** The times of a step that are estimated. Minutes per lot, run per piece. */
export const timeKinds = ['setup', 'run', 'queue', 'wait', 'move', 'actualSetup', 'actualRun'] as const
export type TimeKind = (typeof timeKinds)[number]

/** Statistics of one group, after the outlier cut and the trim (native `summarizeGroups`). */
export interface TimeStatistics {
  n: number
  mean: number
  sd: number
  p10: number
  p25: number
  p50: number
  p90: number
}

/** Statistics with where they come from and how. */
export interface LevelStatistics {
  statistics: TimeStatistics
  level: TimeLevel
  method: TimeMethodName
}

/** Below this many samples the next wider group is asked (field rule: fewer than 3 say nothing). */
export const SAMPLES_MIN = 3

/** How far the true time lies from the middle, learned on held-out items: factors on p50 and on the spread. */
export interface IntervalCalibration {
  /** p10 = p50 − low · spread, p90 = p50 + high · spread, where spread = max(sd, floor · p50). */
  low: number
  high: number
  floor: number
}

interface EstimateOptions {
  basis: 'standard' | 'actual'
  /** Null: p10 and p90 are the samples' own. */
  calibration?: IntervalCalibration | null
  plan?: TimePlan
}

/** Field formulas: optimal μ − 0.67 σ, standard μ, safe μ + 1.28 σ, or quantiles; never below 0 and always in this order. */
export function estimateTime(
  { statistics, level, method }: LevelStatistics,
  { basis, calibration = null, plan = defaultTimePlan }: EstimateOptions,
): TimeEstimate {
  const { n, mean, sd, p50 } = statistics
  const spread = calibration === null ? 0 : Math.max(sd, calibration.floor * p50)
  const p10 = calibration === null ? statistics.p10 : Math.max(0, p50 - calibration.low * spread)
  const p90 = calibration === null ? statistics.p90 : p50 + calibration.high * spread
  const [optimal, standard, safe] =
    plan.profile === 'sigma'
      ? [Math.max(0, mean - plan.optimalSigma * sd), mean, mean + plan.safeSigma * sd]
      : [Math.min(statistics.p25, p50), p50, Math.max(p50, statistics.p90)]
  return {
    p10: round(Math.min(p10, p50)),
    p50: round(p50),
    p90: round(Math.max(p90, p50)),
    n,
    mean: round(mean),
    sd: round(sd),
    cv: mean > 0 ? round(sd / mean) : 0,
    optimal: round(optimal),
    standard: round(standard),
    safe: round(safe),
    level,
    method,
    basis,
  }
}

/** Powers of ten that doubles hold exactly. */
const tens = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
const digits = 6

/**
 * Six significant digits: more are noise and cost bytes. The same number as `Number(value.toPrecision(6))`, a tenth of the time: a whole
 * number of six digits divided by a power of ten is rounded once, as reading its text is. Near the middle between two the text decides.
 */
export function sixDigits(value: number): number {
  if (value === 0) return 0
  // minutes: from a thousandth to two years
  if (value >= 1e-3 && value < 1e6) {
    let places = digits - 1
    for (let above = 10; value >= above; above *= 10) places--
    for (let below = 1; value < below; below /= 10) places++
    const scaled = value * tens[places]
    const whole = Math.round(scaled)
    if (Math.abs(Math.abs(scaled - whole) - 0.5) > 1e-6) return whole / tens[places]
  }
  return Number(value.toPrecision(digits))
}
const round = sixDigits
