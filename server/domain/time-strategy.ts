/** The strategy of a request with its defaults filled in, as the statistics and the profiles read it. */
import type { TimeStrategy } from '../contract/time-strategy'
import { DomainError } from './error'

/** What the native statistics cut; see `server/engine/time-statistics.ts`. */
export interface TimeCuts {
  /** Deviations beyond which a sample is an outlier; Infinity keeps all. */
  zCut: number
  trimLow: number
  trimHigh: number
}

export interface TimePlan {
  cuts: TimeCuts
  /** Whether these are the cuts that the version's profiles and intervals were made with. */
  isDefaultCut: boolean
  profile: 'sigma' | 'quantile'
  optimalSigma: number
  safeSigma: number
}

export const defaultCuts: TimeCuts = { zCut: 2.5, trimLow: 0.05, trimHigh: 0.95 }

/** @throws invalid_value when the trim leaves nothing */
export function planTimes({
  outliers = 'both',
  zCut = defaultCuts.zCut,
  trimLow = defaultCuts.trimLow,
  trimHigh = defaultCuts.trimHigh,
  profile = 'sigma',
  optimalSigma = 0.67,
  safeSigma = 1.28,
}: TimeStrategy = {}): TimePlan {
  if (!(trimLow < trimHigh)) {
    throw new DomainError('invalid_value', 'the trim leaves no sample', {
      details: [{ path: '/timeStrategy/trimLow', message: 'must be below trimHigh' }],
    })
  }
  const isCut = outliers === 'z_score' || outliers === 'both'
  const isTrimmed = outliers === 'trimmed' || outliers === 'both'
  const cuts: TimeCuts = {
    zCut: isCut ? zCut : Number.POSITIVE_INFINITY,
    trimLow: isTrimmed ? trimLow : 0,
    trimHigh: isTrimmed ? trimHigh : 1,
  }
  const isDefaultCut = cuts.zCut === defaultCuts.zCut && cuts.trimLow === defaultCuts.trimLow && cuts.trimHigh === defaultCuts.trimHigh
  return { cuts, isDefaultCut, profile, optimalSigma, safeSigma }
}

/** The trade's own strategy. */
export const defaultTimePlan: TimePlan = planTimes()
