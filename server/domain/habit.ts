/** Habits: the routings that a plant makes most often. What one would answer without looking at the item. */
import type { Knowledge } from './knowledge'

/** A signature with its share of the routings. */
export interface Habit {
  signature: number
  share: number
}

const HABITS = 5

/**
 * The most frequent signatures with their share of all routings, most frequent first; those of a single routing are none.
 * @param without rows of items that do not count: a held-out routing must not foretell itself
 */
export function findHabits({ routings, signatures }: Knowledge, without: ReadonlySet<number> = new Set()): Habit[] {
  const counts = new Uint32Array(signatures.count)
  let total = 0
  for (let routing = 0; routing < routings.count; routing++) {
    if (without.has(routings.item[routing])) continue
    counts[routings.signature[routing]]++
    total++
  }
  return Array.from(counts, (count, signature) => ({ signature, share: count / total, count }))
    .filter(({ count }) => count > 1)
    .sort((a, b) => b.count - a.count || a.signature - b.signature)
    .slice(0, HABITS)
    .map(({ signature, share }) => ({ signature, share }))
}
