/** Times of drafted steps: all samples of a prediction cross into the engine at once. */
import type { TimeEstimate } from '../contract/time-estimate'
import { intervalKey } from '../domain/interval-calibration'
import type { DraftStep } from '../domain/step-draft'
import { estimateTime, type LevelStatistics, type TimeKind, type TimeStatistics, timeKinds } from '../domain/time-estimate'
import { blendTimes, defaultTimeMethod, type TimeBase } from '../domain/time-method'
import { findProfile, type TimeProfiles } from '../domain/time-profiles'
import { regressTime, type TimeRegression } from '../domain/time-regression'
import { defaultCuts, defaultTimePlan, type TimeCuts, type TimePlan } from '../domain/time-strategy'
import type { Model } from './model'
import { summarizeStatistics } from './time-statistics'

export type StepTimes = Record<TimeKind, TimeEstimate | null>

/** What is known of the item whose steps are estimated. */
export interface TimeQuestion {
  /** Deviations of its sizes, as `sizesOf` makes them. */
  sizes: Float64Array
  /** Similarity of the nearest item. */
  nearest: number
  plan?: TimePlan
}

/** One row of estimates per drafted step, in order. */
export function estimateSteps(
  model: Pick<Model, 'knowledge' | 'strategyProfiles' | 'learned'>,
  drafts: DraftStep[],
  { sizes, nearest, plan = defaultTimePlan }: TimeQuestion,
): StepTimes[] {
  const { intervals, timeMethods, timeRegression, timesFarBelow } = model.learned
  const isFar = timesFarBelow !== undefined && nearest < timesFarBelow
  const profiles = model.strategyProfiles.of(plan)
  const samples = neighbourTimes(model.knowledge, drafts, plan.cuts)
  return drafts.map((draft, index) => {
    const estimates = timeKinds.map((kind, kindIndex) => {
      const { base, shrink } = timeMethods?.[kind] ?? defaultTimeMethod
      const wider = baseTimes(profiles, timeRegression, base, kindIndex, draft, sizes)
      const blended = blendTimes(samples[index * timeKinds.length + kindIndex], wider, shrink)
      if (blended === null) return [kind, null]
      const basis = kind === 'actualSetup' || kind === 'actualRun' ? 'actual' : 'standard'
      // measured with the default cuts: other samples have another spread
      const calibration = plan.isDefaultCut ? (intervals[kind]?.[intervalKey(blended.level, isFar)] ?? null) : null
      return [kind, estimateTime(blended, { basis, calibration, plan })]
    })
    return Object.fromEntries(estimates) as StepTimes
  })
}

/** Statistics of the neighbours' times, steps × kinds; null without samples. */
export function neighbourTimes(
  { steps }: Model['knowledge'],
  drafts: DraftStep[],
  cuts: TimeCuts = defaultCuts,
): (TimeStatistics | null)[] {
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
  return summarizeStatistics(Float64Array.from(values), Uint32Array.from(offsets), { weights: Float64Array.from(weights), ...cuts })
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
      const below = (deviations: number) => Math.max(0, p50 - deviations * sd)
      const statistics = { n, mean: p50, sd, p10: below(1.28), p25: below(0.67), p50, p90: p50 + 1.28 * sd }
      return { statistics, level: 'operation', method: 'sizes' }
    }
  }
  // resource 0 has no profile of its own: the search starts at the operation
  return findProfile(profiles, kindIndex, operation, base === 'operation_resource' ? resource : 0)
}
