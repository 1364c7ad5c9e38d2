/**
 * Which samples an estimate trusts: the neighbours' times, shrunk towards a wider base by n ÷ (n + k). Base and k are chosen per kind
 * of time on held-out items; the losers' errors stay beside the choice.
 */
import type { Static } from '@sinclair/typebox'
import type { TimeMethod as TimeMethodSchema } from '../contract/learned'
import { type LevelStatistics, SAMPLES_MIN, type TimeStatistics } from './time-estimate'

export type TimeMethod = Static<typeof TimeMethodSchema>
export type TimeBase = TimeMethod['base']
export const timeBases: TimeBase[] = ['operation', 'operation_resource', 'regression', 'scaled']

/** k beyond which neighbours say nothing: the base stands alone. */
export const BASE_ONLY = 1_000_000
export const shrinkGrid = [BASE_ONLY, 10, 3, 1, 0]

type Choice = Pick<TimeMethod, 'base' | 'shrink'>

/** Where held-out times tell no method from another: the operation's median, which needs the least to be right. */
export const defaultTimeMethod: TimeMethod = { base: 'operation', shrink: BASE_ONLY, trials: [] }

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
  /** Row of the item: times of one item stand and fall together. */
  item: number
  protocol: 'item' | 'family'
  /** Similarity of the nearest item. */
  nearest: number
  actual: number
  neighbours: TimeStatistics | null
  /** The neighbours' times brought to the item's sizes. */
  scaled: TimeStatistics | null
  bases: Record<Exclude<TimeBase, 'scaled'>, LevelStatistics | null>
}

/** Whether a question is as far from everything as an unseen family. */
export const isFarAt = (nearest: number, far: number | undefined): boolean => far !== undefined && nearest < far

/** The method for near or for far questions. */
export const methodAt = (method: TimeMethod, isFar: boolean): Choice => (isFar ? (method.far ?? method) : method)

/** What a method would have said of a held-out time. */
export function blendTrial(trial: TimeTrial, { base, shrink }: Choice): LevelStatistics | null {
  const wider = trial.bases[base === 'scaled' ? 'regression' : base] ?? trial.bases.operation
  return blendTimes(base === 'scaled' ? trial.scaled : trial.neighbours, wider, shrink)
}

/** Families held out count half of the items, as in the choice of the ranking. */
const FAMILY_WEIGHT = 0.5
const TRIALS_MIN = 20
/** A finer method must be better by this share than a plainer one. */
const GAIN_MIN = 0.01

/** From plain to fine. */
const choices: Choice[] = timeBases.flatMap((base) => shrinkGrid.map((shrink) => ({ base, shrink })))

/** The methods of each kind with enough held-out times. @param far what `farBelow` said: questions below may have a choice of their own */
export function chooseTimeMethods(trials: TimeTrial[], far?: number): Record<string, TimeMethod> {
  const methods: Record<string, TimeMethod> = {}
  for (const kind of new Set(trials.map((trial) => trial.kind))) {
    const ofKind = trials.filter((trial) => trial.kind === kind)
    const chosen = chooseMethod(errorsByItem(ofKind), PLAIN)
    if (chosen === null) continue
    const ofFar = errorsByItem(ofKind.filter(({ nearest }) => isFarAt(nearest, far)))
    const apart = chooseMethod(ofFar, chosen.at)
    methods[kind] = apart === null || apart.at === chosen.at ? chosen.method : { ...chosen.method, far: apart.method }
  }
  return methods
}

/** The operation's median: the first choice. */
const PLAIN = 0

/**
 * The plainest method whose error exceeds the least by no more than one standard error of the difference (over items, whose times are
 * not independent) or a hundredth; the standing one where even the best is not clearly better, by two standard errors: many methods
 * compete, and one of them always looks better by chance. Null with too few times on which the methods differ at all.
 */
function chooseMethod(errors: ItemErrors, standing: number): { at: number; method: Omit<TimeMethod, 'far'> } | null {
  if (errors.informative < TRIALS_MIN) return null
  const means = choices.map((_, at) => errors.items.reduce((sum, item) => sum + item[at], 0) / errors.total)
  const best = means.indexOf(Math.min(...means))
  const isWithin = (at: number, deviations: number): boolean => {
    const slack = (deviations * standardError(errors.items.map((item) => item[at] - item[best]))) / errors.total
    return means[at] - means[best] <= Math.max(GAIN_MIN * means[best], slack)
  }
  const at = isWithin(standing, 2) ? standing : means.findIndex((_, choice) => isWithin(choice, 1))
  return { at, method: { ...choices[at], trials: choices.map((choice, of) => ({ ...choice, error: means[of] })) } }
}

interface ItemErrors {
  /** Per held-out item: the sum of every choice's errors. */
  items: Float64Array[]
  /** Weight of all times. */
  total: number
  /** Times on which the choices differ. */
  informative: number
}

/** Errors of every choice in units of the operation's own middle, so that no long operation decides alone, summed by held-out item. */
function errorsByItem(trials: TimeTrial[]): ItemErrors {
  const items = new Map<string, Float64Array>()
  let total = 0
  let informative = 0
  for (const trial of trials) {
    const middle = trial.bases.operation?.statistics.p50 ?? 0
    const weight = trial.protocol === 'item' ? 1 : FAMILY_WEIGHT
    const unit = weight / (middle > 0 ? middle : Math.max(trial.actual, 1))
    const errors = choices.map((choice) => {
      const blended = blendTrial(trial, choice)
      return blended === null ? null : unit * Math.abs(blended.statistics.p50 - trial.actual)
    })
    if (errors.some((error) => error === null)) continue
    const key = `${trial.protocol}/${trial.item}`
    const sums = items.get(key) ?? new Float64Array(choices.length)
    items.set(key, sums)
    errors.forEach((error, at) => {
      sums[at] += error!
    })
    total += weight
    if (errors.some((error) => Math.abs(error! - errors[0]!) > 1e-9)) informative++
  }
  return { items: [...items.values()], total, informative }
}

/** Of a sum of differences. */
function standardError(differences: number[]): number {
  const count = differences.length
  if (count < 2) return Number.POSITIVE_INFINITY
  const mean = differences.reduce((sum, value) => sum + value, 0) / count
  return Math.sqrt((differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) * count) / (count - 1))
}
