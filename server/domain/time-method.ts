/**
 * Which samples an estimate trusts: the neighbours' times, shrunk towards a wider base by n ÷ (n + k). Base and k are chosen per kind
 * of time on held-out items; the losers' errors stay beside the choice.
 */
import type { Static } from '@sinclair/typebox'
import type { TimeMethod as TimeMethodSchema } from '../contract/learned'
import { type LevelStatistics, SAMPLES_MIN, type TimeStatistics } from './time-estimate'

export type TimeMethod = Static<typeof TimeMethodSchema>
export type TimeBase = TimeMethod['base']
export const timeBases: TimeBase[] = ['operation', 'operation_resource', 'regression']

/** k beyond which neighbours say nothing: the base stands alone. */
export const BASE_ONLY = 1_000_000
export const shrinkGrid = [BASE_ONLY, 10, 3, 1, 0]

export const defaultTimeMethod: TimeMethod = { base: 'operation_resource', shrink: 0, trials: [] }

/** Null when neither side has a sample. */
export function blendTimes(neighbours: TimeStatistics | null, base: LevelStatistics | null, shrink: number): LevelStatistics | null {
  const n = neighbours?.n ?? 0
  if (base === null) return n === 0 ? null : { statistics: neighbours!, level: 'neighbours', method: 'neighbours' }
  // without shrinkage fewer than three samples say nothing (field rule)
  const share = shrink === 0 ? (n >= SAMPLES_MIN ? 1 : 0) : n / (n + shrink)
  if (n === 0 || share < 1e-3) return base
  if (share === 1) return { statistics: neighbours!, level: 'neighbours', method: 'neighbours' }
  const mix = (of: keyof TimeStatistics) => share * neighbours![of] + (1 - share) * base.statistics[of]
  return {
    statistics: {
      n: share >= 0.5 ? n : base.statistics.n,
      mean: mix('mean'),
      sd: mix('sd'),
      p10: mix('p10'),
      p25: mix('p25'),
      p50: mix('p50'),
      p90: mix('p90'),
    },
    level: share >= 0.5 ? 'neighbours' : base.level,
    method: base.method === 'sizes' ? 'sizes_pooled' : 'pooled',
  }
}

/** One held-out time and everything that could have estimated it. */
export interface TimeTrial {
  kind: string
  protocol: 'item' | 'family'
  /** Similarity of the nearest item. */
  nearest: number
  actual: number
  neighbours: TimeStatistics | null
  bases: Record<TimeBase, LevelStatistics | null>
}

/** Families held out count half of the items, as in the choice of the ranking. */
const FAMILY_WEIGHT = 0.5

/** Mean error over the trials in units of the operation's own middle, so that no long operation decides alone. */
function errorOf(trials: TimeTrial[], base: TimeBase, shrink: number): number {
  let sum = 0
  let total = 0
  for (const trial of trials) {
    const blended = blendTimes(trial.neighbours, trial.bases[base] ?? trial.bases.operation, shrink)
    const middle = trial.bases.operation?.statistics.p50 ?? 0
    if (blended === null) continue
    const weight = trial.protocol === 'item' ? 1 : FAMILY_WEIGHT
    sum += (weight * Math.abs(blended.statistics.p50 - trial.actual)) / (middle > 0 ? middle : Math.max(trial.actual, 1))
    total += weight
  }
  return total === 0 ? Number.POSITIVE_INFINITY : sum / total
}

const TRIALS_MIN = 20
/** A finer method must be better by this share than a plainer one. */
const GAIN_MIN = 0.01

/** The method of each kind with enough held-out times. The order of the grids is from plain to fine. */
export function chooseTimeMethods(trials: TimeTrial[]): Record<string, TimeMethod> {
  const methods: Record<string, TimeMethod> = {}
  for (const kind of new Set(trials.map((trial) => trial.kind))) {
    const ofKind = trials.filter((trial) => trial.kind === kind)
    if (ofKind.length < TRIALS_MIN) continue
    const tried = timeBases.flatMap((base) => shrinkGrid.map((shrink) => ({ base, shrink, error: errorOf(ofKind, base, shrink) })))
    let best = tried[0]
    for (const trial of tried) if (trial.error < best.error * (1 - GAIN_MIN)) best = trial
    methods[kind] = { base: best.base, shrink: best.shrink, trials: tried }
  }
  return methods
}
