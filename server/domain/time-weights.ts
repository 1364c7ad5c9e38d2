/**
 * Weights of the neighbours' times. The exponent of the vote on routings is chosen for the vote and often leaves one item the word;
 * a time needs the mean of several.
 */
import type { Neighbour } from './evidence'
import type { StepWitness } from './step-evidence'

/** Weight ∝ similarity^8: what the methods and intervals of the times were chosen and calibrated with. */
export const TIME_EXPONENT = 8

/**
 * @param neighbours as the evidence was gathered from them, the item itself first where `own`
 * @returns a witness's weight: that of its item by similarity, divided among the item's routings as the evidence does
 */
export function timeWeights(neighbours: readonly Neighbour[], own: boolean): (witness: StepWitness) => number {
  const others = own ? neighbours.slice(1) : neighbours
  const share = 1 - (own ? neighbours[0].weight : 0)
  const total = others.reduce((sum, { similarity }) => sum + Math.max(0, similarity) ** TIME_EXPONENT, 0)
  const factors = new Map<number, number>()
  for (const { item, similarity, weight } of others) {
    if (weight > 0 && total > 0) factors.set(item, (share * Math.max(0, similarity) ** TIME_EXPONENT) / total / weight)
  }
  // the item's own weight, and that of witnesses from elsewhere, is what it is
  return ({ item, weight }) => weight * (factors.get(item) ?? 1)
}
