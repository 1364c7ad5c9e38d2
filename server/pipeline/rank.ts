/** The routings in question, best first: neighbours and learned model weighed as training found best for how near the nearest is. */
import { type EvidenceRouting, gatherRoutings } from '../domain/evidence'
import { modelShareAt, type Proposal, type Ranked, rankSequences } from '../domain/ranking'
import type { Model } from './model'
import type { Neighbourhood } from './neighbourhood'

export interface RankedRoutings {
  evidence: EvidenceRouting[]
  ranked: Ranked[]
}

/** @param proposals of the learned model */
export function rankRoutings(
  { knowledge, learned }: Model,
  { neighbours, own }: Pick<Neighbourhood, 'neighbours' | 'own'>,
  proposals: Proposal[],
): RankedRoutings {
  const evidence = gatherRoutings(knowledge, neighbours)
  const ranked = rankSequences(knowledge, evidence, proposals, {
    modelShare: own ? 0 : modelShareAt(learned, neighbours[0]?.similarity ?? 0),
    habitShare: own ? 0 : (learned.habitShare ?? 0),
    habits: learned.habits ?? [],
  }).filter((entry) => entry.operations.length > 0)
  return { evidence, ranked }
}
