/** How near a proposed sequence of operations is to the accepted ones. */

/** Levenshtein distance of two sequences (insert, delete, replace cost 1), two rows of memory. */
export function levenshtein<T>(a: ArrayLike<T>, b: ArrayLike<T>): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replace = previous[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replace, previous[column] + 1, current[column - 1] + 1))
    }
    previous = current
  }
  return previous[b.length]
}

/** 1 − distance ÷ longer length; 1 for two empty sequences. */
export function sequenceSimilarity<T>(a: ArrayLike<T>, b: ArrayLike<T>): number {
  const longer = Math.max(a.length, b.length)
  return longer === 0 ? 1 : 1 - levenshtein(a, b) / longer
}

/** F1 of the operations as multisets: order does not count, repetitions do. */
export function multisetF1<T>(a: readonly T[], b: readonly T[]): number {
  if (a.length === 0 && b.length === 0) return 1
  const counts = new Map<T, number>()
  for (const entry of b) counts.set(entry, (counts.get(entry) ?? 0) + 1)
  let common = 0
  for (const entry of a) {
    const left = counts.get(entry) ?? 0
    if (left === 0) continue
    counts.set(entry, left - 1)
    common++
  }
  return (2 * common) / (a.length + b.length)
}

export interface SequenceScores {
  em1: number
  em3: number
  em5: number
  /** Mean over the items of the share of their distinct accepted routings that stand among the first five candidates. */
  coverage5: number
  /** Mean reciprocal rank of the first accepted candidate, 0 when none is. */
  mrr: number
  /** Of the first candidate against the accepted routing that it is nearest to. */
  levenshtein: number
  setF1: number
  /** Share of items with at least one candidate. */
  coverage: number
  items: number
}

/** A sequence as a key. Operation codes hold no control characters. */
export const keyOf = (operations: readonly string[]): string => operations.join('\u0001')

/** @param answers candidates in order, and the accepted sequences, as operation codes */
export function scoreSequences(answers: { candidates: string[][]; accepted: string[][] }[]): SequenceScores {
  const scores: SequenceScores = {
    em1: 0,
    em3: 0,
    em5: 0,
    coverage5: 0,
    mrr: 0,
    levenshtein: 0,
    setF1: 0,
    coverage: 0,
    items: answers.length,
  }
  for (const { candidates, accepted } of answers) {
    const keys = new Set(accepted.map(keyOf))
    const proposed = candidates.map(keyOf)
    const rank = proposed.findIndex((key) => keys.has(key))
    const found = new Set(proposed.slice(0, 5).filter((key) => keys.has(key)))
    if (keys.size > 0) scores.coverage5 += found.size / keys.size
    if (rank === 0) scores.em1++
    if (rank >= 0 && rank < 3) scores.em3++
    if (rank >= 0 && rank < 5) scores.em5++
    if (rank >= 0) scores.mrr += 1 / (rank + 1)
    if (candidates.length === 0) continue
    scores.coverage++
    scores.levenshtein += Math.max(...accepted.map((operations) => sequenceSimilarity(candidates[0], operations)))
    scores.setF1 += Math.max(...accepted.map((operations) => multisetF1(candidates[0], operations)))
  }
  const count = Math.max(1, answers.length)
  for (const name of ['em1', 'em3', 'em5', 'coverage5', 'mrr', 'levenshtein', 'setF1', 'coverage'] as const) scores[name] /= count
  return scores
}

/**
 * Of the pairs of steps that the first candidate shares with the accepted routing nearest to it (by operation and occurrence):
 * the share that stands in the other order. 0 without pairs.
 */
export function orderErrors(answers: { candidates: string[][]; accepted: string[][] }[]): number {
  let pairs = 0
  let swapped = 0
  for (const { candidates, accepted } of answers) {
    if (candidates.length === 0) continue
    const similarities = accepted.map((operations) => sequenceSimilarity(candidates[0], operations))
    const places = new Map<string, number[]>()
    accepted[similarities.indexOf(Math.max(...similarities))].forEach((operation, at) => {
      places.set(operation, [...(places.get(operation) ?? []), at])
    })
    const shared = candidates[0].flatMap((operation) => places.get(operation)?.shift() ?? [])
    shared.forEach((place, at) => {
      for (let later = at + 1; later < shared.length; later++) {
        pairs++
        if (shared[later] < place) swapped++
      }
    })
  }
  return swapped / Math.max(1, pairs)
}
