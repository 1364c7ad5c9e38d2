/** Choosing and calibrating on held-out items: pure arithmetic over what the predictor would have said of them. */
import type { Learned } from '../contract/learned'
import { fitIsotonic } from './isotonic'

/** What is known of one held-out item under every exponent. */
export interface HeldOutCase {
  /** Similarity of the nearest other item; 0 without any. */
  nearest: number
  /** Per exponent of the grid: the sequences in question with the neighbours' vote; the model's probability is the same for all. */
  votes: number[][]
  model: number[]
  /** Which of the sequences are accepted routings of the item. */
  accepted: boolean[]
}

export const exponentGrid = [1, 2, 4, 8, 16, 32, 64]
export const shareGrid = [0, 0.25, 0.5, 0.75, 0.9, 1]

/** Exact match in the first k under one choice. */
function rankOf(item: HeldOutCase, exponent: number, share: number): { position: number; top: number } {
  const hasModel = item.model.some((probability) => probability > 0)
  const hasVotes = item.votes[exponent].some((vote) => vote > 0)
  const used = hasModel ? (hasVotes ? share : 1) : 0
  const scores = item.accepted.map((_, index) => used * item.model[index] + (1 - used) * item.votes[exponent][index])
  const order = scores.map((_, index) => index).sort((a, b) => scores[b] - scores[a])
  return { position: order.findIndex((index) => item.accepted[index]), top: scores[order[0]] ?? 0 }
}

/**
 * Picks exponent and model share with the best EM@1 (then EM@5), calibrates the confidence of the first candidate and the
 * similarity below which nothing is near. Without cases the trade's own formula stands (exponent 2) and the confidence is the raw probability.
 */
export function chooseRanking(cases: HeldOutCase[]): Omit<Learned, 'intervals'> {
  const trials = exponentGrid.flatMap((voteExponent, exponent) =>
    shareGrid.map((modelShare) => {
      let em1 = 0
      let em5 = 0
      for (const item of cases) {
        const { position } = rankOf(item, exponent, modelShare)
        if (position === 0) em1++
        if (position >= 0 && position < 5) em5++
      }
      return { voteExponent, modelShare, em1: em1 / Math.max(1, cases.length), em5: em5 / Math.max(1, cases.length) }
    }),
  )
  if (cases.length === 0) {
    return { format: 1, voteExponent: 2, modelShare: 0.5, confidence: { x: [], y: [] }, similarityMin: 0.5, trials: [], heldOutItems: 0 }
  }
  const score = (trial: (typeof trials)[number]) => trial.em1 + 0.5 * trial.em5
  // among near-equals the more balanced choice: one held-out item is no reason to trust one side alone
  const best = Math.max(...trials.map(score))
  const near = trials.filter((trial) => score(trial) >= best - 1 / cases.length)
  near.sort((a, b) => Math.abs(a.modelShare - 0.6) - Math.abs(b.modelShare - 0.6) || score(b) - score(a) || a.voteExponent - b.voteExponent)
  const chosen = near[0]
  const exponent = exponentGrid.indexOf(chosen.voteExponent)
  const outcomes = cases.map((item) => rankOf(item, exponent, chosen.modelShare))
  const nearest = cases.map((item) => item.nearest).sort((a, b) => a - b)
  return {
    format: 1,
    voteExponent: chosen.voteExponent,
    modelShare: chosen.modelShare,
    confidence: thin(
      fitIsotonic(
        outcomes.map(({ top }) => top),
        outcomes.map(({ position }) => (position === 0 ? 1 : 0)),
      ),
    ),
    similarityMin: Math.min(0.6, Math.max(0.2, 0.95 * nearest[Math.floor(0.01 * (nearest.length - 1))])),
    trials,
    heldOutItems: cases.length,
  }
}

/** At most 64 points: the file is read by people too. */
function thin(points: { x: number[]; y: number[] }): { x: number[]; y: number[] } {
  const step = Math.ceil(points.x.length / 64)
  const keep = (_: number, index: number) => index % step === 0 || index === points.x.length - 1
  return { x: points.x.filter(keep), y: points.y.filter(keep) }
}

/** A held-out time beside its estimate. */
export interface TimeResidual {
  kind: string
  level: string
  actual: number
  p50: number
  sd: number
}

const RESIDUALS_MIN = 40
const SPREAD_FLOOR = 0.05

/** Factors that make p10 … p90 hold 80 % of the held-out times, per kind and level; pooled over levels where one has too few. */
export function calibrateIntervals(residuals: TimeResidual[]): Learned['intervals'] {
  const intervals: Learned['intervals'] = {}
  for (const kind of new Set(residuals.map((residual) => residual.kind))) {
    const ofKind = residuals.filter((residual) => residual.kind === kind)
    if (ofKind.length < RESIDUALS_MIN) continue
    intervals[kind] = {}
    for (const level of ['neighbours', 'operation_resource', 'operation', 'process_group', 'all']) {
      const ofLevel = ofKind.filter((residual) => residual.level === level)
      intervals[kind][level] = fitInterval(ofLevel.length >= RESIDUALS_MIN ? ofLevel : ofKind)
    }
  }
  return intervals
}

function fitInterval(residuals: TimeResidual[]): { low: number; high: number; floor: number } {
  const scores = residuals.map(({ actual, p50, sd }) => (actual - p50) / Math.max(sd, SPREAD_FLOOR * p50, 1e-9)).sort((a, b) => a - b)
  const at = (share: number) => scores[Math.min(scores.length - 1, Math.max(0, Math.round(share * (scores.length - 1))))]
  return { low: Math.max(0, -at(0.1)), high: Math.max(0, at(0.9)), floor: SPREAD_FLOOR }
}
