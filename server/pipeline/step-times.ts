/** Times of drafted steps: all samples of a prediction cross into the engine at once. */
import type { TimeEstimate } from '../contract/time-estimate'
import { intervalKey } from '../domain/interval-calibration'
import type { DraftStep } from '../domain/step-draft'
import { estimateTime, type LevelStatistics, type TimeKind, type TimeStatistics, timeKinds } from '../domain/time-estimate'
import { blendTimes, defaultTimeMethod, isFarAt, methodAt, type TimeBase } from '../domain/time-method'
import { findProfile, type TimeProfiles } from '../domain/time-profiles'
import { regressTime, scaleTime, sizesOf, type TimeRegression } from '../domain/time-regression'
import { defaultCuts, defaultTimePlan, type TimeCuts, type TimePlan } from '../domain/time-strategy'
import { timeWeights } from '../domain/time-weights'
import type { Model } from './model'
import type { Neighbourhood } from './neighbourhood'
import { summarizeStatistics } from './time-statistics'

export type StepTimes = Record<TimeKind, TimeEstimate | null>

/** What is known of the item whose steps are estimated. */
export interface TimeQuestion {
  /** Deviations of its sizes, as `sizesOf` makes them. */
  sizes: Float64Array
  /** Similarity of the nearest item. */
  nearest: number
  neighbourhood: Pick<Neighbourhood, 'neighbours' | 'own'>
  plan?: TimePlan
}

/**
 * Estimates of each step of each candidate, in order. Candidates share most of their steps: what is equal, and says it by the same list
 * of witnesses, is estimated once.
 */
export function estimateSteps(model: TimedModel, candidates: DraftStep[][], question: TimeQuestion): StepTimes[][] {
  const places = new Map<DraftStep['samples'] | string, number>()
  const distinct: DraftStep[] = []
  const at = candidates.map((drafts) =>
    drafts.map((draft) => {
      // witnesses are of one operation on one resource
      const key = draft.samples.length > 0 ? draft.samples : `${draft.operation}/${draft.resource}`
      const known = places.get(key)
      if (known !== undefined) return known
      places.set(key, distinct.length)
      return distinct.push(draft) - 1
    }),
  )
  const times = estimateDistinct(model, distinct, question)
  return at.map((places) => places.map((place) => times[place]))
}

type TimedModel = Pick<Model, 'knowledge' | 'strategyProfiles' | 'learned'>

function estimateDistinct(
  model: TimedModel,
  drafts: DraftStep[],
  { sizes, nearest, neighbourhood, plan = defaultTimePlan }: TimeQuestion,
): StepTimes[] {
  const { intervals, timeMethods, timeRegression, timesFarBelow } = model.learned
  const isFar = isFarAt(nearest, timesFarBelow)
  const profiles = model.strategyProfiles.of(plan)
  const methods = timeKinds.map((kind) => methodAt(timeMethods?.[kind] ?? defaultTimeMethod, isFar))
  const weigh = timeWeights(neighbourhood.neighbours, neighbourhood.own)
  const scale = timeRegression === undefined ? undefined : scaling(model.knowledge, timeRegression, sizes)
  const isScaled = timeKinds.filter((_, index) => methods[index].base === 'scaled')
  const samples = neighbourTimes(model.knowledge, drafts, { cuts: plan.cuts, weigh, scale, scaled: isScaled })
  return drafts.map((draft, index) => {
    const estimates = timeKinds.map((kind, kindIndex) => {
      const { base, shrink } = methods[kindIndex]
      const wider = baseTimes(profiles, timeRegression, base, kindIndex, draft, sizes)
      const own = neighbourhood.own && saysOwn(model.knowledge.steps[kind], draft, neighbourhood.neighbours[0].item)
      const blended = blendTimes(samples[index * timeKinds.length + kindIndex], own ? null : wider, shrink)
      if (blended === null) return [kind, null]
      const basis = kind === 'actualSetup' || kind === 'actualRun' ? 'actual' : 'standard'
      // measured with the default cuts: other samples have another spread
      const calibration = plan.isDefaultCut ? (intervals[kind]?.[intervalKey(blended.level, isFar)] ?? null) : null
      return [kind, estimateTime(blended, { basis, calibration, plan })]
    })
    return Object.fromEntries(estimates) as StepTimes
  })
}

/** Whether the item's own history says how long the step takes: nobody else's times change that. */
const saysOwn = (column: Float32Array, { samples }: DraftStep, item: number): boolean =>
  samples.some((witness) => witness.item === item && !Number.isNaN(column[witness.step]))

type Witness = DraftStep['samples'][number]
/** Factor that brings a neighbour's time of one kind and operation to the item's sizes. */
type Scale = (kind: TimeKind, operation: number, witness: Witness) => number

/** Each neighbour's sizes are looked up once. */
export function scaling({ items }: Model['knowledge'], regression: TimeRegression, sizes: Float64Array): Scale {
  const features = new Map(items.features.map(({ name, value }) => [name, value]))
  const sizesByItem = new Map<number, Float64Array>()
  return (kind, operation, { item }) => {
    const fitted = regression.kinds[kind]?.[operation]
    if (fitted === undefined) return 1
    let from = sizesByItem.get(item)
    if (from === undefined) {
      from = sizesOf(regression.columns, (name) => features.get(name)?.(item) ?? null)
      sizesByItem.set(item, from)
    }
    return scaleTime(fitted, from, sizes)
  }
}

interface NeighbourTimeOptions {
  cuts?: TimeCuts
  weigh: (witness: Witness) => number
  scale?: Scale
  /** Kinds whose samples are brought to the item's sizes. */
  scaled?: readonly TimeKind[]
}

/** Statistics of the neighbours' times, steps × kinds; null without samples. */
export function neighbourTimes(
  { steps }: Model['knowledge'],
  drafts: DraftStep[],
  { cuts = defaultCuts, weigh, scale, scaled = [] }: NeighbourTimeOptions,
): (TimeStatistics | null)[] {
  const values: number[] = []
  const weights: number[] = []
  const offsets: number[] = [0]
  for (const { operation, samples } of drafts) {
    const saying = samples.map(weigh)
    const times = new Float64Array(samples.length)
    for (const kind of timeKinds) {
      const column = steps[kind]
      const factor = scale !== undefined && scaled.includes(kind) ? scale : null
      // all before the first is used: so the processor waits for the memory of many at once
      for (let at = 0; at < samples.length; at++) times[at] = column[samples[at].step]
      for (let at = 0; at < samples.length; at++) {
        if (Number.isNaN(times[at])) continue
        values.push(factor === null ? times[at] : times[at] * factor(kind, operation, samples[at]))
        weights.push(saying[at])
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
  const isBySize = base === 'regression' || base === 'scaled'
  // resource 0 has no profile of its own: the search starts at the operation
  const profile = findProfile(profiles, kindIndex, operation, base === 'operation' ? 0 : resource)
  // the regression knows only what takes time: a partner's zero minutes are the profile's
  if (!isBySize || regression === undefined || (profile !== null && profile.statistics.p90 === 0)) return profile
  const fitted = regressTime(regression, timeKinds[kindIndex], operation, sizes, resource)
  if (fitted === null) return profile
  const { n, p50, sd } = fitted
  const below = (deviations: number) => Math.max(0, p50 - deviations * sd)
  const statistics = { n, mean: p50, sd, p10: below(1.28), p25: below(0.67), p50, p90: p50 + 1.28 * sd }
  return { statistics, level: 'operation', method: 'sizes' }
}
