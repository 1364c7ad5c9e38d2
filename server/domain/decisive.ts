/** On whose word an answer rests: the supporters without whom another routing would come first. */
import { limits } from '../contract/limits'
import type { EvidenceRouting } from './evidence'
import type { Ranked } from './ranking'

/**
 * The fewest of the heaviest supporters of the first sequence without whom another one is first; at most `limits.decisiveMax`,
 * none when it stands without them.
 * @param firstWithout what comes first when these items are no evidence; null when nothing does
 * @returns rows of items, heaviest first
 */
export function findDecisive(first: Ranked, firstWithout: (items: ReadonlySet<number>) => Uint32Array | null): number[] {
  const supporters = heaviestItems(first.evidence)
  const falls = (count: number): boolean => {
    const other = firstWithout(new Set(supporters.slice(0, count)))
    return other === null || !isEqual(other, first.operations)
  }
  // most answers stand: one look suffices for them
  if (supporters.length === 0 || !falls(supporters.length)) return []
  for (let count = 1; count < supporters.length; count++) if (falls(count)) return supporters.slice(0, count)
  return supporters
}

/** Items by the weight of their routings, heaviest first; of equal ones the nearer first. */
function heaviestItems(evidence: EvidenceRouting[]): number[] {
  const weights = new Map<number, number>()
  for (const { neighbour, weight } of evidence) weights.set(neighbour.item, (weights.get(neighbour.item) ?? 0) + weight)
  return [...weights]
    .sort((a, b) => b[1] - a[1])
    .slice(0, limits.decisiveMax)
    .map(([item]) => item)
}

const isEqual = (a: Uint32Array, b: Uint32Array): boolean => a.length === b.length && a.every((operation, at) => operation === b[at])
