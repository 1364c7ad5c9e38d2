/** What a rehearsed case would have been answered by what other cases taught: choices and confidence are never judged on what made them. */
import type { Learned } from '../../contract/learned'
import { confidenceAt } from '../certainty'
import { choiceAt, chooseRanking, exponentGrid, type HeldOutCase, mixScores } from '../held-out'
import { calibrateIntervals, farBelow, intervalKey } from '../interval-calibration'
import { sampleRows, seededRandom } from '../random'
import { estimateTime } from '../time-estimate'
import { blendTrial, chooseTimeMethods, defaultTimeMethod, isFarAt, methodAt, type TimeTrial } from '../time-method'
import type { TimeCase } from './time-metrics'

/** Parts of which each is judged by what the others taught. */
export const CROSS_FOLDS = 5

export interface RehearsedAnswer {
  case: HeldOutCase
  /** Operation codes, best first. */
  candidates: Uint32Array[]
  confidence: number
  abstained: boolean
  /** The sequences that neighbours alone would offer, best first. */
  copies: Uint32Array[]
}

type Chosen = Omit<Learned, 'intervals'>

/** All cases of an item are in one part. Without enough items for two parts nothing can be judged: no answers. */
export function crossFit(cases: HeldOutCase[], seed: number): RehearsedAnswer[] {
  const items = [...new Set(cases.map(({ item }) => item))]
  const folds = Math.min(CROSS_FOLDS, items.length)
  if (folds < 2) return []
  const partOf = new Map<number, number>()
  sampleRows(items.length, items.length, seededRandom(seed)).forEach((row, at) => {
    partOf.set(items[row], at % folds)
  })
  return Array.from({ length: folds }, (_, fold) => {
    const learned = chooseRanking(cases.filter(({ item }) => partOf.get(item) !== fold))
    return cases.filter(({ item }) => partOf.get(item) === fold).map((entry) => answerBy(learned, entry))
  }).flat()
}

/** The ranking and the confidence of the predictor, over the sequences in question. */
export function answerBy(learned: Chosen, entry: HeldOutCase): RehearsedAnswer {
  const exponent = exponentGrid.indexOf(learned.voteExponent)
  const votes = entry.votes[exponent]
  const scores = mixScores(entry, { exponent, ...choiceAt(learned, entry.nearest) })
  const scored = entry.sequences
    .map((operations, at) => ({ at, operations, score: scores[at] }))
    .filter(({ score, operations }) => score >= 0 && operations.length > 0)
    .sort((a, b) => b.score - a.score)
  const [first, second] = scored
  return {
    case: entry,
    candidates: scored.map(({ operations }) => operations),
    confidence:
      first === undefined
        ? 0
        : confidenceAt(learned, {
            top: first.score,
            margin: first.score - (second?.score ?? 0),
            vote: votes[first.at],
            model: entry.model[first.at],
            nearest: entry.nearest,
            known: entry.known,
            told: entry.told,
            habit: entry.habit[first.at],
          }),
    abstained: first === undefined || entry.nearest < learned.similarityMin,
    copies: copiesOf(entry),
  }
}

/** The largest exponent leaves the nearest item the word. */
function copiesOf({ sequences, votes }: HeldOutCase): Uint32Array[] {
  const nearest = votes[votes.length - 1]
  return sequences
    .map((operations, at) => ({ operations, vote: nearest[at] }))
    .filter(({ vote }) => vote > 0)
    .sort((a, b) => b.vote - a.vote)
    .slice(0, 5)
    .map(({ operations }) => operations)
}

/** Enough times to know their errors to a hundredth; more would cost seconds. */
const TRIALS_MAX = 20_000
const RUN = 70

/** Every nth run of trials, so that the steps of an item stay together. */
function thin(trials: TimeTrial[]): TimeTrial[] {
  const stride = Math.ceil(trials.length / TRIALS_MAX)
  return stride === 1 ? trials : trials.filter((_, at) => Math.floor(at / RUN) % stride === 0)
}

export type RehearsedTime = TimeCase & { kind: string; median: number | null }

/**
 * Method and interval of each time by the trials of the other parts. Steps of an item stand together in the order of the rehearsal,
 * so parts are cut from it in one piece each.
 */
export function crossFitTimes(trials: TimeTrial[]): RehearsedTime[] {
  const asked = thin(trials)
  const order = [...asked.filter(({ protocol }) => protocol === 'item'), ...asked.filter(({ protocol }) => protocol !== 'item')]
  const plain = order.filter(({ protocol }) => protocol === 'item').length
  const partOf = (at: number) =>
    at < plain ? Math.floor((CROSS_FOLDS * at) / plain) : Math.floor((CROSS_FOLDS * (at - plain)) / (order.length - plain))
  return Array.from({ length: CROSS_FOLDS }, (_, fold) => {
    const others = order.filter((_, at) => partOf(at) !== fold)
    const far = farBelow(others)
    const methods = chooseTimeMethods(others, far)
    const intervals = calibrateIntervals(others, methods, far)
    // asked for families that were never seen, times are another question: it stands in the intervals, not in these figures
    return order.flatMap((trial, at) => (partOf(at) === fold && trial.protocol === 'item' ? timeBy(trial, methods, intervals, far) : []))
  }).flat()
}

function timeBy(
  trial: TimeTrial,
  methods: NonNullable<Learned['timeMethods']>,
  intervals: Learned['intervals'],
  far: number | undefined,
): RehearsedTime[] {
  const isFar = isFarAt(trial.nearest, far)
  const blended = blendTrial(trial, methodAt(methods[trial.kind] ?? defaultTimeMethod, isFar))
  if (blended === null) return []
  const calibration = intervals[trial.kind]?.[intervalKey(blended.level, isFar)] ?? null
  const { p10, p50, p90 } = estimateTime(blended, { basis: 'standard', calibration })
  return [{ kind: trial.kind, actual: trial.actual, p10, p50, p90, median: trial.bases.operation?.statistics.p50 ?? null }]
}
