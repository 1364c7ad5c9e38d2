/** On whose word an answer rests: the supporters without whom it would be another. */
import { limits } from '../contract/limits'
import type { EvidenceRouting } from './evidence'

/**
 * The fewest of the heaviest supporters without whom the answer is another; none when it stands without all of them.
 * @param supporters rows of items, heaviest first, at most `limits.decisiveMax`
 * @param falls whether the answer is another without the first `count` of them
 */
export function findDecisive(supporters: number[], falls: (count: number) => boolean): number[] {
  // most answers stand: one look suffices for them
  if (supporters.length === 0 || !falls(supporters.length)) return []
  for (let count = 1; count < supporters.length; count++) if (falls(count)) return supporters.slice(0, count)
  return supporters
}

/** Rows of the items whose routings weigh most; of equal ones the nearer first. */
export function heaviestItems(evidence: EvidenceRouting[]): number[] {
  const weights = new Map<number, number>()
  for (const { neighbour, weight } of evidence) weights.set(neighbour.item, (weights.get(neighbour.item) ?? 0) + weight)
  return [...weights]
    .sort((a, b) => b[1] - a[1])
    .slice(0, limits.decisiveMax)
    .map(([item]) => item)
}
