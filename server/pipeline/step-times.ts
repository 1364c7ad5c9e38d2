/** Times of drafted steps: all samples of a prediction cross into the engine at once. */
import type { TimeEstimate } from '../contract/predict'
import { intervalKey } from '../domain/interval-calibration'
import type { DraftStep } from '../domain/step-draft'
import { estimateTime, type TimeKind, type TimeStatistics, timeKinds } from '../domain/time-estimate'
import { blendTimes, defaultTimeMethod, type LevelStatistics, type TimeBase } from '../domain/time-method'
import { findProfile, type TimeProfiles } from '../domain/time-profiles'
import { regressTime, type TimeRegression } from '../domain/time-regression'
import { summarizeGroups } from '../engine/time-statistics'
import type { Model } from './model'

export type StepTimes = Record<TimeKind, TimeEstimate | null>

/** What is known of the item whose steps are estimated. */
export interface TimeQuestion {
  /** Deviations of its sizes, as `sizesOf` makes them. */
  sizes: Float64Array
  /** Similarity of the nearest item. */
  nearest: number
}

/** One row of estimates per drafted step, in order. */
export function estimateSteps(
  model: Pick<Model, 'knowledge' | 'profiles' | 'learned'>,
  drafts: DraftStep[],
  { sizes, nearest }: TimeQuestion,
): StepTimes[] {
  const { intervals, timeMethods, timeRegression, timesFarBelow } = model.learned
  const isFar = timesFarBelow !== undefined && nearest < timesFarBelow
  const samples = neighbourTimes(model.knowledge, drafts)
  return drafts.map((draft, index) => {
    const estimates = timeKinds.map((kind, kindIndex) => {
      const { base, shrink } = timeMethods?.[kind] ?? defaultTimeMethod
      const wider = baseTimes(model.profiles, timeRegression, base, kindIndex, draft, sizes)
      const blended = blendTimes(samples[index * timeKinds.length + kindIndex], wider, shrink)
      if (blended === null) return [kind, null]
      const basis = kind === 'actualSetup' || kind === 'actualRun' ? 'actual' : 'standard'
      const calibration = intervals[kind]?.[intervalKey(blended.level, isFar)] ?? null
      return [kind, estimateTime(blended.statistics, blended.level, basis, calibration)]
    })
    return Object.fromEntries(estimates) as StepTimes
  })
}

/** Statistics of the neighbours' times, steps × kinds; null without samples. */
export function neighbourTimes({ steps }: Model['knowledge'], drafts: DraftStep[]): (TimeStatistics | null)[] {
  const values: number[] = []
  const weights: number[] = []
  const offsets: number[] = [0]
  for (const { samples } of drafts) {
    for (const kind of timeKinds) {
      const column = steps[kind]
      for (const { step, weight } of samples) {
        if (Number.isNaN(column[step])) continue
        values.push(column[step])
        weights.push(weight)
      }
      offsets.push(values.length)
    }
  }
  const summary = summarizeGroups(Float64Array.from(values), Uint32Array.from(offsets), { weights: Float64Array.from(weights) })
  return Array.from(summary.nKept, (n, group) => {
    if (n === 0) return null
    return {
      n,
      mean: summary.trimmedMean[group],
      sd: summary.trimmedSd[group],
      p10: summary.p10[group],
      p50: summary.p50[group],
      p90: summary.p90[group],
    }
  })
}

/** The base of one kind: a profile from narrow to wide, or the regression on sizes where the operation has one. */
export function baseTimes(
  profiles: TimeProfiles,
  regression: TimeRegression | undefined,
  base: TimeBase,
  kindIndex: number,
  { operation, resource }: Pick<DraftStep, 'operation' | 'resource'>,
  sizes: Float64Array,
): LevelStatistics | null {
  if (base === 'regression' && regression !== undefined) {
    const fitted = regressTime(regression, timeKinds[kindIndex], operation, sizes)
    if (fitted !== null) {
      const { n, p50, sd } = fitted
      return { statistics: { n, mean: p50, sd, p10: Math.max(0, p50 - 1.28 * sd), p50, p90: p50 + 1.28 * sd }, level: 'operation' }
    }
  }
  // resource 0 has no profile of its own: the search starts at the operation
  return findProfile(profiles, kindIndex, operation, base === 'operation_resource' ? resource : 0)
}
