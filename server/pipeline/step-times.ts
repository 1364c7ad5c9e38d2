/** Times of drafted steps: all samples of a prediction cross into the engine at once. */
import type { TimeEstimate } from '../contract/predict'
import type { DraftStep } from '../domain/step-draft'
import { estimateTime, SAMPLES_MIN, type TimeKind, timeKinds } from '../domain/time-estimate'
import { findProfile } from '../domain/time-profiles'
import { summarizeGroups } from '../engine/time-statistics'
import type { Model } from './model'

export type StepTimes = Record<TimeKind, TimeEstimate | null>

/** One row of estimates per drafted step, in order. */
export function estimateSteps(model: Pick<Model, 'knowledge' | 'profiles' | 'learned'>, drafts: DraftStep[]): StepTimes[] {
  const { steps } = model.knowledge
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
  return drafts.map((draft, index) => {
    const estimates = timeKinds.map((kind, kindIndex) => {
      const group = index * timeKinds.length + kindIndex
      const basis = kind === 'actualSetup' || kind === 'actualRun' ? 'actual' : 'standard'
      const calibrations = model.learned.intervals[kind] ?? {}
      if (summary.nKept[group] >= SAMPLES_MIN) {
        const statistics = {
          n: summary.nKept[group],
          mean: summary.trimmedMean[group],
          sd: summary.trimmedSd[group],
          p10: summary.p10[group],
          p50: summary.p50[group],
          p90: summary.p90[group],
        }
        return [kind, estimateTime(statistics, 'neighbours', basis, calibrations.neighbours ?? null)]
      }
      const profile = findProfile(model.profiles, kindIndex, draft.operation, draft.resource)
      return [kind, profile === null ? null : estimateTime(profile.statistics, profile.level, basis, calibrations[profile.level] ?? null)]
    })
    return Object.fromEntries(estimates) as StepTimes
  })
}
