/**
 * Learns how much each attribute should count: coordinate search for multipliers under which similar items have similar routings.
 * Half of the questions choose, the other half decide whether the choice is kept.
 */
import type { Random } from './random'

/** Queries × references, blocks side by side. */
export interface WeightProblem {
  queries: number
  references: number
  /** Per block: inner products of unit codes, queries × references; 0 where either is missing. */
  dots: Float32Array[]
  /** Per block: 1 where the query, the reference has a value. */
  queryKnown: Uint8Array[]
  referenceKnown: Uint8Array[]
  /** Routing similarity of each pair, 0 to 1; below 0 for a pair that must not be looked at (the item itself). */
  agreement: Float32Array
}

const NEIGHBOURS = 10
const EXPONENT = 8
const ROUNDS = 2
const STEPS = [0.5, 2]
/** A multiplier never leaves this range: the mapping's prior is an engineer's word. */
const MULTIPLIER_MIN = 0.25
const MULTIPLIER_MAX = 4
/** Gain of the mean agreement that keeps the learned weights, on the questions that did not choose them. */
const GAIN_MIN = 0.005

export interface LearnedWeights {
  weights: Float64Array
  /** Mean agreement of the ten nearest on the deciding half, before and after; equal when the prior stays. */
  before: number
  after: number
  /** Loss of agreement when an attribute's similarities are those of another query. */
  importance: Float64Array
}

export function searchWeights(problem: WeightProblem, prior: Float64Array, random: Random): LearnedWeights {
  const choosing = (query: number) => query % 2 === 0
  const deciding = (query: number) => query % 2 === 1
  const weights = prior.slice()
  let best = agreementOf(problem, weights, choosing)
  for (let round = 0; round < ROUNDS; round++) {
    for (let block = 0; block < weights.length; block++) {
      const held = weights[block]
      let chosen = held
      for (const step of STEPS) {
        const tried = Math.max(MULTIPLIER_MIN * prior[block], Math.min(MULTIPLIER_MAX * prior[block], held * step))
        if (tried === held) continue
        weights[block] = tried
        const value = agreementOf(problem, weights, choosing)
        if (value <= best + 1e-4) continue
        best = value
        chosen = tried
      }
      weights[block] = chosen
    }
  }
  const before = agreementOf(problem, prior, deciding)
  const after = agreementOf(problem, weights, deciding)
  const kept = after >= before + GAIN_MIN ? weights : prior.slice()
  return { weights: kept, before, after: kept === weights ? after : before, importance: importanceOf(problem, kept, random) }
}

function importanceOf(problem: WeightProblem, weights: Float64Array, random: Random): Float64Array {
  const all = () => true
  const whole = agreementOf(problem, weights, all)
  const { queries, references } = problem
  return Float64Array.from(problem.dots, (dots, block) => {
    const shift = 1 + Math.floor(random() * Math.max(1, queries - 1))
    const moved = new Float32Array(dots.length)
    const known = new Uint8Array(queries)
    for (let query = 0; query < queries; query++) {
      const from = (query + shift) % queries
      moved.set(dots.subarray(from * references, (from + 1) * references), query * references)
      known[query] = problem.queryKnown[block][from]
    }
    const shuffled = {
      ...problem,
      dots: problem.dots.map((entry, at) => (at === block ? moved : entry)),
      queryKnown: problem.queryKnown.map((entry, at) => (at === block ? known : entry)),
    }
    return Math.max(0, whole - agreementOf(shuffled, weights, all))
  })
}

/** Mean over the asked queries of the similarity-weighted agreement of their ten nearest references. */
export function agreementOf(problem: WeightProblem, weights: Float64Array, isAsked: (query: number) => boolean): number {
  const { queries, references, dots, agreement } = problem
  const referenceNorm = new Float64Array(references)
  weights.forEach((weight, block) => {
    const known = problem.referenceKnown[block]
    for (let reference = 0; reference < references; reference++) referenceNorm[reference] += weight * known[reference]
  })
  const products = new Float64Array(references)
  const top = new Float64Array(NEIGHBOURS)
  const found = new Int32Array(NEIGHBOURS)
  let sum = 0
  let asked = 0
  for (let query = 0; query < queries; query++) {
    if (!isAsked(query)) continue
    asked++
    const from = query * references
    products.fill(0)
    let queryNorm = 0
    for (let block = 0; block < weights.length; block++) {
      if (problem.queryKnown[block][query] === 0) continue
      const weight = weights[block]
      queryNorm += weight
      const row = dots[block]
      for (let reference = 0; reference < references; reference++) products[reference] += weight * row[from + reference]
    }
    let count = 0
    for (let reference = 0; reference < references; reference++) {
      if (agreement[from + reference] < 0) continue
      const norm = queryNorm * referenceNorm[reference]
      const similarity = norm > 0 ? products[reference] / Math.sqrt(norm) : 0
      if (count === NEIGHBOURS && similarity <= top[NEIGHBOURS - 1]) continue
      let place = count < NEIGHBOURS ? count++ : NEIGHBOURS - 1
      for (; place > 0 && top[place - 1] < similarity; place--) {
        top[place] = top[place - 1]
        found[place] = found[place - 1]
      }
      top[place] = similarity
      found[place] = reference
    }
    let right = 0
    let total = 0
    for (let place = 0; place < count; place++) {
      const weight = Math.max(1e-6, top[place]) ** EXPONENT
      right += weight * agreement[from + found[place]]
      total += weight
    }
    if (total > 0) sum += right / total
  }
  return asked === 0 ? 0 : sum / asked
}
