/** Choosing and calibrating on held-out items: pure arithmetic over what the predictor would have said of them. */
import type { Learned } from '../contract/learned'
import { type CertaintyCase, fitCertainty } from './certainty'
import { fitIsotonic, type Isotonic } from './isotonic'
import { sharesAt, usableShare } from './ranking'

/**
 * How an item was held out: alone, with its whole family, with attributes blanked, or with one value that nobody has seen. The plant
 * will be asked in all these ways, and a confidence that was only ever measured among siblings is wrong far from them.
 */
export type Protocol = 'item' | 'family' | 'blanked' | 'unseen'

/** What is known of one held-out item under every exponent. */
export interface HeldOutCase {
  protocol: Protocol
  /** Row of the item. */
  item: number
  /** The sequences in question, operation codes in order. */
  sequences: Uint32Array[]
  /** Similarity of the nearest other item; 0 without any. */
  nearest: number
  /** Share of the attributes' weight that the question fills with values that tell something. */
  known: number
  /** Per attribute 1 where the question has a value that tells something, else 0. */
  told: ArrayLike<number>
  /** Per exponent of the grid: the sequences in question with the neighbours' vote; the rest is the same for all. */
  votes: number[][]
  model: number[]
  habit: number[]
  /** Which of the sequences are accepted routings of the item. */
  accepted: boolean[]
  /** Sequence similarity of each to the item's nearest accepted routing, 0 to 1. */
  likeness: number[]
}

export const exponentGrid = [1, 2, 4, 8, 16, 32, 64]
export const shareGrid = [0, 0.25, 0.5, 0.75, 0.9, 1]
const habitGrid = [0, 0.05, 0.2, 0.5, 0.8]

/** Held-out items count once; the harder questions together as much as `FAR_SHARE` of them. */
const FAR_SHARE = 0.5

/** One way of mixing. */
export interface Choice {
  /** Place in `exponentGrid`. */
  exponent: number
  share: number
  habitShare: number
}

interface Outcome {
  /** Rank of the first accepted sequence, −1 when there is none. */
  position: number
  first: number
  top: number
  second: number
}

/** Probability of each sequence in question under one choice, as the predictor mixes it; −1 for those that it would not offer. */
export function mixScores(item: HeldOutCase, { exponent, share, habitShare }: Choice): number[] {
  const votes = item.votes[exponent]
  const used = usableShare(
    share,
    item.model.some((probability) => probability > 0),
    votes.some((vote) => vote > 0),
  )
  return votes.map((vote, index) => {
    const isOffered = item.model[index] > 0 || vote > 0 || (habitShare > 0 && item.habit[index] > 0)
    return isOffered ? (1 - habitShare) * (used * item.model[index] + (1 - used) * vote) + habitShare * item.habit[index] : -1
  })
}

/** Where the first accepted sequence stands under one choice; of equals the earlier one comes first. */
function outcomeOf(item: HeldOutCase, choice: Choice): Outcome {
  const scores = mixScores(item, choice)
  let first = -1
  let top = 0
  let second = 0
  let best = -1
  scores.forEach((score, index) => {
    if (score > top || first < 0) {
      second = Math.max(0, top)
      top = score
      first = index
    } else if (score > second) second = score
    if (item.accepted[index] && score >= 0 && (best < 0 || score > scores[best])) best = index
  })
  const isAhead = (score: number, index: number) => score > scores[best] || (score === scores[best] && index < best)
  const position = best < 0 ? -1 : scores.filter((score, index) => !item.accepted[index] && isAhead(score, index)).length
  return { position, first, top: Math.max(0, top), second }
}

interface Score {
  em1: number
  em5: number
  likeness: number
  weight: number
}

function scoreOf(cases: HeldOutCase[], weightOf: (item: HeldOutCase) => number, choice: Choice): Score {
  const score: Score = { em1: 0, em5: 0, likeness: 0, weight: 0 }
  for (const item of cases) {
    const weight = weightOf(item)
    const { position, first } = outcomeOf(item, choice)
    score.weight += weight
    score.likeness += weight * (item.likeness[first] ?? 0)
    if (position === 0) score.em1 += weight
    if (position >= 0 && position < 5) score.em5 += weight
  }
  return score
}

/** Where whole routings are never met again (hundreds of steps), the one with the fewest edits is still the best. */
const worthOf = ({ em1, em5, likeness }: Score): number => em1 + 0.5 * em5 + 0.25 * likeness

/** Cases of each protocol weigh so that the harder ones together count `FAR_SHARE` of the plain ones. */
function caseWeights(cases: HeldOutCase[]): (item: HeldOutCase) => number {
  const items = cases.filter(({ protocol }) => protocol === 'item').length
  const far = cases.length - items
  const farWeight = far === 0 ? 0 : items === 0 ? 1 : Math.min(1, (FAR_SHARE * items) / far)
  return ({ protocol }) => (protocol === 'item' ? 1 : farWeight)
}

/** A share of its own for questions far from everything must be worth this many items. */
const FAR_GAIN_MIN = 2

/**
 * Picks exponent, model share (near and far) and habit with the best EM@1 (then EM@5), learns the confidence of the first candidate and
 * the similarity below which nothing is near. Without cases the trade's own formula stands (exponent 2), and the raw probability.
 */
export function chooseRanking(cases: HeldOutCase[]): Omit<Learned, 'intervals'> {
  if (cases.length === 0) {
    return { format: 1, voteExponent: 2, modelShare: 0.5, confidence: { x: [], y: [] }, similarityMin: 0.5, trials: [], heldOutItems: 0 }
  }
  const plain = cases.filter(({ protocol }) => protocol === 'item')
  const asked = plain.length > 0 ? plain : cases
  const weightOf = caseWeights(cases)
  const scored = exponentGrid.flatMap((voteExponent, exponent) =>
    shareGrid.map((share) => {
      const choice = { exponent, share, habitShare: 0 }
      const score = scoreOf(asked, () => 1, choice)
      return {
        choice,
        trial: { voteExponent, modelShare: share, em1: score.em1 / asked.length, em5: score.em5 / asked.length },
        value: worthOf(score),
      }
    }),
  )
  const best = Math.max(...scored.map(({ value }) => value))
  const near = scored.filter(({ value }) => value >= best - 1)
  near.sort(
    (a, b) =>
      Math.abs(a.choice.share - 0.6) - Math.abs(b.choice.share - 0.6) || b.value - a.value || a.trial.voteExponent - b.trial.voteExponent,
  )
  const { exponent, share } = near[0].choice
  const habitShare = chooseHabit(cases, weightOf, exponent, share)
  const far = chooseFar(cases, weightOf, { exponent, share, habitShare })
  const outcomes = cases.map((item) => outcomeOf(item, { exponent, ...choiceAt({ modelShare: share, habitShare, far }, item.nearest) }))
  const certainty = fitCertainty(
    cases.map((item, index): CertaintyCase => {
      const { position, first, top, second } = outcomes[index]
      const { nearest, known, told } = item
      const signs = {
        top,
        margin: top - second,
        vote: item.votes[exponent][first] ?? 0,
        model: item.model[first] ?? 0,
        nearest,
        known,
        habit: item.habit[first] ?? 0,
        told,
      }
      return { ...signs, right: position === 0, weight: weightOf(item) }
    }),
  )
  return {
    format: 1,
    voteExponent: exponentGrid[exponent],
    modelShare: share,
    ...(far === undefined ? {} : { far }),
    habitShare,
    confidence: { x: [], y: [] },
    ...(certainty === null ? {} : { certainty }),
    similarityMin: nearestMin(
      cases,
      outcomes.map(({ position }) => position === 0),
      weightOf,
    ),
    trials: scored.map(({ trial }) => trial),
    protocols: protocolScores(cases, outcomes),
    heldOutItems: asked.length,
  }
}

/** The least habit among the best: it only helps where neighbours and model are at a loss. */
function chooseHabit(cases: HeldOutCase[], weightOf: (item: HeldOutCase) => number, exponent: number, share: number): number {
  let chosen = habitGrid[0]
  let best = Number.NEGATIVE_INFINITY
  for (const habitShare of habitGrid) {
    const value = worthOf(scoreOf(cases, weightOf, { exponent, share, habitShare }))
    if (value < best + (habitShare === habitGrid[0] ? 0 : 1)) continue
    best = value
    chosen = habitShare
  }
  return chosen
}

function chooseFar(cases: HeldOutCase[], weightOf: (item: HeldOutCase) => number, near: Choice): Learned['far'] {
  const sorted = cases.map(({ nearest }) => nearest).sort((a, b) => a - b)
  let chosen: Learned['far']
  let best = FAR_GAIN_MIN
  for (const quantile of [0.15, 0.3, 0.45]) {
    const below = sorted[Math.floor(quantile * sorted.length)]
    const part = cases.filter(({ nearest }) => nearest < below)
    if (part.length < 10) continue
    const usual = worthOf(scoreOf(part, weightOf, near))
    for (const { share, habitShare } of farChoices(part, weightOf, near)) {
      const gain = worthOf(scoreOf(part, weightOf, { ...near, share, habitShare })) - usual
      if (gain <= best) continue
      best = gain
      chosen = { below, modelShare: share, habitShare }
    }
  }
  return chosen
}

/** The best pairs of shares, the more balanced first among near-equals: one item is no reason to trust one side alone. */
function farChoices(part: HeldOutCase[], weightOf: (item: HeldOutCase) => number, near: Choice): Choice[] {
  const scored = habitGrid.flatMap((habitShare) =>
    shareGrid.map((share) => {
      const choice = { ...near, share, habitShare }
      return { choice, value: worthOf(scoreOf(part, weightOf, choice)) }
    }),
  )
  const best = Math.max(...scored.map(({ value }) => value))
  const distance = ({ choice }: (typeof scored)[number]) => Math.abs(choice.share - 0.6) + Math.abs(choice.habitShare - 0.2)
  return scored
    .filter(({ value }) => value >= best - 1)
    .sort((a, b) => distance(a) - distance(b) || b.value - a.value)
    .slice(0, 1)
    .map(({ choice }) => choice)
}

/** The shares of `sharesAt` under the names of a choice. */
export function choiceAt(learned: Parameters<typeof sharesAt>[0], nearest: number): Pick<Choice, 'share' | 'habitShare'> {
  const { modelShare, habitShare } = sharesAt(learned, nearest)
  return { share: modelShare, habitShare }
}

/** Of all questions that were held out this share is nearer than the limit of what is near at all. */
const FARTHEST_SHARE = 0.01
/** Where fewer answers than this part of the usual are right, nothing near is known. */
const RIGHT_PART_MIN = 0.25

function nearestMin(cases: HeldOutCase[], right: boolean[], weightOf: (item: HeldOutCase) => number): number {
  const sorted = cases.map(({ nearest }) => nearest).sort((a, b) => a - b)
  const farthest = 0.95 * sorted[Math.floor(FARTHEST_SHARE * (sorted.length - 1))]
  const curve = fitIsotonic(
    cases.map(({ nearest }) => nearest),
    right.map(Number),
    cases.map(weightOf),
  )
  const plain = cases.flatMap(({ protocol }, index) => (protocol === 'item' ? [Number(right[index])] : []))
  const usual = plain.reduce((sum, value) => sum + value, 0) / Math.max(1, plain.length)
  // no more than one plain question in fifty goes unanswered for this
  const near = cases.filter(({ protocol }) => protocol === 'item').map(({ nearest }) => nearest)
  near.sort((a, b) => a - b)
  const bound = near.length === 0 ? farthest : near[Math.floor(0.02 * (near.length - 1))]
  return Math.max(farthest, Math.min(crossing(curve, RIGHT_PART_MIN * usual), bound))
}

/** Where a rising curve reaches a height; 0 when it starts above. */
function crossing({ x, y }: Isotonic, height: number): number {
  const at = y.findIndex((value) => value >= height)
  if (at === 0) return 0
  if (at < 0) return x[x.length - 1] ?? 0
  return x[at - 1] + ((x[at] - x[at - 1]) * (height - y[at - 1])) / (y[at] - y[at - 1])
}

function protocolScores(cases: HeldOutCase[], outcomes: Outcome[]): NonNullable<Learned['protocols']> {
  const scores: NonNullable<Learned['protocols']> = {}
  for (const protocol of new Set(cases.map((item) => item.protocol))) {
    const positions = outcomes.flatMap(({ position }, index) => (cases[index].protocol === protocol ? [position] : []))
    const share = (k: number) => positions.filter((position) => position >= 0 && position < k).length / positions.length
    scores[protocol] = { cases: positions.length, em1: share(1), em5: share(5) }
  }
  return scores
}
