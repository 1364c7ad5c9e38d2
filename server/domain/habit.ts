/** Habits: the routings that a plant makes most often. What one would answer without looking at the item. */
import type { Knowledge } from './knowledge'

/** A signature with its share of the routings. */
export interface Habit {
  signature: number
  share: number
}

const HABITS = 5

/** The most frequent signatures with their share of all routings, most frequent first; those of a single routing are none. */
export function findHabits({ routings, signatures }: Knowledge): Habit[] {
  const counts = new Uint32Array(signatures.count)
  for (const signature of routings.signature) counts[signature]++
  return Array.from(counts, (count, signature) => ({ signature, share: count / routings.count, count }))
    .filter(({ count }) => count > 1)
    .sort((a, b) => b.count - a.count || a.signature - b.signature)
    .slice(0, HABITS)
    .map(({ signature, share }) => ({ signature, share }))
}
