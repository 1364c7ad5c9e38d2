/** Conformal intervals: factors on the spread that make p10 … p90 hold 80 % of the held-out times, near and far. */
import type { Learned } from '../contract/learned'
import { blendTrial, defaultTimeMethod, isFarAt, methodAt, type TimeMethod, type TimeTrial } from './time-method'

const TRIALS_MIN = 40
const SPREAD_FLOOR = 0.05
const levels = ['neighbours', 'operation_resource', 'operation', 'process_group', 'all']

/** Key of a calibration: questions far from everything have their own. */
export const intervalKey = (level: string, isFar: boolean): string => (isFar ? `${level}/far` : level)

interface Residual {
  level: string
  isFar: boolean
  actual: number
  p50: number
  sd: number
}

/** Half-way between how near items and how near unseen families usually are; absent without held-out families. */
export function farBelow(trials: TimeTrial[]): number | undefined {
  const middle = (protocol: TimeTrial['protocol']) => {
    const nearest = trials.filter((trial) => trial.protocol === protocol).map((trial) => trial.nearest)
    return nearest.sort((a, b) => a - b)[nearest.length >> 1]
  }
  const [item, family] = [middle('item'), middle('family')]
  return item === undefined || family === undefined || family >= item ? undefined : (item + family) / 2
}

/** Per kind and level; pooled over levels where one has too few, and without a far side where that has too few. */
export function calibrateIntervals(
  trials: TimeTrial[],
  methods: Record<string, TimeMethod>,
  far: number | undefined,
): Learned['intervals'] {
  const intervals: Learned['intervals'] = {}
  for (const kind of new Set(trials.map((trial) => trial.kind))) {
    const method = methods[kind] ?? defaultTimeMethod
    const residuals = trials.flatMap((trial): Residual[] => {
      if (trial.kind !== kind) return []
      const isFar = isFarAt(trial.nearest, far)
      const blended = blendTrial(trial, methodAt(method, isFar))
      if (blended === null) return []
      const { p50, sd } = blended.statistics
      return [{ level: blended.level, isFar, actual: trial.actual, p50, sd }]
    })
    if (residuals.length < TRIALS_MIN) continue
    intervals[kind] = {}
    for (const isFar of [false, true]) {
      const side = residuals.filter((residual) => residual.isFar === isFar)
      const usable = side.length >= TRIALS_MIN ? side : residuals
      for (const level of levels) {
        const ofLevel = usable.filter((residual) => residual.level === level)
        intervals[kind][intervalKey(level, isFar)] = fitInterval(ofLevel.length >= TRIALS_MIN ? ofLevel : usable)
      }
      if (far === undefined) break
    }
  }
  return intervals
}

function fitInterval(residuals: Residual[]): { low: number; high: number; floor: number } {
  const scores = residuals.map(({ actual, p50, sd }) => (actual - p50) / Math.max(sd, SPREAD_FLOOR * p50, 1e-9)).sort((a, b) => a - b)
  // conformal: one more score than was seen, at the worse end
  const low = scores[Math.max(0, Math.floor(0.1 * (scores.length + 1)) - 1)]
  const high = scores[Math.min(scores.length - 1, Math.ceil(0.9 * (scores.length + 1)) - 1)]
  return { low: Math.max(0, -low), high: Math.max(0, high), floor: SPREAD_FLOOR }
}
