/**
 * From what an answer looks like to the probability that its first candidate needs no edit: a logistic model whose slopes are
 * not negative (more agreement never means less confidence), then isotonic where the held-out cases are many.
 */
import type { Static } from '@sinclair/typebox'
import type { Certainty as CertaintySchema, Learned } from '../contract/learned'
import { applyIsotonic, fitIsotonic, thinIsotonic } from './isotonic'

export type Certainty = Static<typeof CertaintySchema>

/** What is looked at; every one speaks for the answer when it is larger. */
export interface CertaintySigns {
  /** Probability of the first candidate, and how far the second is behind. */
  top: number
  margin: number
  /** What the neighbours and the model each say of the first candidate. */
  vote: number
  model: number
  /** Similarity of the nearest item. */
  nearest: number
  /** Share of the attributes' weight that the query fills. */
  known: number
  /** Share of the usual routings that the first candidate has. */
  habit: number
  /** Per attribute 1 where its value tells something, else 0: some are missed more than others. */
  told: ArrayLike<number>
}

export interface CertaintyCase extends CertaintySigns {
  right: boolean
  weight: number
}

const logit = (share: number): number => {
  const safe = Math.min(0.999, Math.max(0.001, share))
  return Math.log(safe / (1 - safe))
}
const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value))

const signsOf = ({ top, margin, vote, model, nearest, known, habit, told }: CertaintySigns, attributes: number[]): number[] => [
  logit(top),
  margin,
  vote,
  logit(model),
  nearest,
  nearest ** 4,
  known,
  // the first attribute that is missed costs more than the fourth
  known ** 6,
  habit,
  ...attributes.map((attribute) => told[attribute] ?? 0),
]

const ROUNDS = 60
/** Pseudo-observations against each slope: 25 items must not make a confident model. */
const RIDGE = 2
/** Attributes that are looked at one by one, at most; against each slope stand more pseudo-observations. */
const ATTRIBUTES_MAX = 48
const ATTRIBUTE_RIDGE = 8
/** One that nearly all questions have, or nearly none, tells them apart too rarely to learn from. */
const TOLD_SHARE_MIN = 0.02
/** Below this many cases the logistic curve stands alone. */
const ISOTONIC_CASES_MIN = 300

/** @returns null without cases */
export function fitCertainty(cases: CertaintyCase[]): Certainty | null {
  const total = cases.reduce((sum, { weight }) => sum + weight, 0)
  if (total === 0) return null
  const attributes = tellingAttributes(cases)
  const rows = cases.map((entry) => signsOf(entry, attributes))
  const width = rows[0].length
  const ridgeOf = (at: number) => (at < width - attributes.length ? RIDGE : ATTRIBUTE_RIDGE)
  const mean = columns(width, (at) => rows.reduce((sum, row, index) => sum + cases[index].weight * row[at], 0) / total)
  const scale = columns(width, (at) => {
    const variance = rows.reduce((sum, row, index) => sum + cases[index].weight * (row[at] - mean[at]) ** 2, 0) / total
    return Math.sqrt(variance) > 1e-6 ? Math.sqrt(variance) : 1
  })
  for (const row of rows) for (let at = 0; at < width; at++) row[at] = (row[at] - mean[at]) / scale[at]
  const weights = new Array<number>(width).fill(0)
  // one more right and one more wrong item than were seen, here and in the bias below: nothing is certain
  const rightWeight = cases.reduce((sum, { right, weight }) => sum + (right ? weight : 0), 0)
  let bias = logit((rightWeight + 1) / (total + 2))
  const scores = new Float64Array(cases.length).fill(bias)
  for (let round = 0; round < ROUNDS; round++) {
    for (let at = -1; at < width; at++) {
      let gradient = at < 0 ? 2 * sigmoid(bias) - 1 : ridgeOf(at) * weights[at]
      let curvature = at < 0 ? 2 * sigmoid(bias) * (1 - sigmoid(bias)) : ridgeOf(at)
      for (let index = 0; index < rows.length; index++) {
        const sign = at < 0 ? 1 : rows[index][at]
        const probability = sigmoid(scores[index])
        gradient += cases[index].weight * sign * (probability - (cases[index].right ? 1 : 0))
        // a quarter bounds the curvature: steps never overshoot
        curvature += cases[index].weight * sign * sign * Math.max(0.02, probability * (1 - probability))
      }
      const step = Math.max(-1, Math.min(1, -gradient / curvature))
      const moved = at < 0 ? step : Math.max(0, weights[at] + step) - weights[at]
      if (at < 0) bias += moved
      else weights[at] += moved
      if (moved !== 0) for (let index = 0; index < rows.length; index++) scores[index] += moved * (at < 0 ? 1 : rows[index][at])
    }
  }
  const isMany = cases.length >= ISOTONIC_CASES_MIN
  const points = isMany
    ? thinIsotonic(
        fitIsotonic(
          Array.from(scores, sigmoid),
          cases.map(({ right }) => (right ? 1 : 0)),
          cases.map(({ weight }) => weight),
        ),
      )
    : { x: [], y: [] }
  return { mean, scale, weights, bias, attributes, points }
}

/** Those that some questions have and others lack, the most divided first. */
function tellingAttributes(cases: CertaintyCase[]): number[] {
  const shares = Array.from(cases[0].told, (_, attribute) => cases.reduce((sum, { told }) => sum + told[attribute], 0) / cases.length).map(
    (share, attribute) => ({ attribute, rarer: Math.min(share, 1 - share) }),
  )
  return shares
    .filter(({ rarer }) => rarer >= TOLD_SHARE_MIN)
    .sort((a, b) => b.rarer - a.rarer || a.attribute - b.attribute)
    .slice(0, ATTRIBUTES_MAX)
    .map(({ attribute }) => attribute)
}

/**
 * Confidence of an answer. Items as far from everything as below `similarityMin` were never held out, or came out wrong: no calibration
 * holds there, and the confidence fades with the similarity of the nearest item. A part of another trade gets next to none.
 */
export function confidenceAt(
  { certainty, confidence, similarityMin }: Pick<Learned, 'certainty' | 'confidence' | 'similarityMin'>,
  signs: CertaintySigns,
): number {
  const calibrated = certainty === undefined ? applyIsotonic(confidence, signs.top) : applyCertainty(certainty, signs)
  return signs.nearest < similarityMin ? (calibrated * Math.max(0, signs.nearest)) / similarityMin : calibrated
}

/** 0 to 1. */
export function applyCertainty({ mean, scale, weights, bias, attributes = [], points }: Certainty, signs: CertaintySigns): number {
  let score = bias
  const values = signsOf(signs, attributes)
  // a version made before the last sign was looked at has no weight for it
  weights.forEach((weight, at) => {
    score += (weight * (values[at] - mean[at])) / scale[at]
  })
  return applyIsotonic(points, sigmoid(score))
}

const columns = (width: number, of: (at: number) => number): number[] => Array.from({ length: width }, (_, at) => of(at))
