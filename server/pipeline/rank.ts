/** The routings in question, best first: neighbours and learned model weighed as training found best for how near the nearest is. */
import { type EvidenceRouting, gatherRoutings } from '../domain/evidence'
import type { Habit } from '../domain/habit'
import { type Proposal, type Ranked, rankSequences, sharesAt } from '../domain/ranking'
import type { Model } from './model'
import type { Neighbourhood } from './neighbourhood'

export interface RankedRoutings {
  evidence: EvidenceRouting[]
  ranked: Ranked[]
}

/** Who speaks beside the neighbours. */
export interface Voices {
  /** Of the learned model. */
  proposals: Proposal[]
  /** What is usual for such an item. */
  habits: Habit[]
}

export function rankRoutings(
  { knowledge, learned }: Model,
  { neighbours, own }: Pick<Neighbourhood, 'neighbours' | 'own'>,
  { proposals, habits }: Voices,
): RankedRoutings {
  const evidence = gatherRoutings(knowledge, neighbours)
  const ranked = rankSequences(knowledge, evidence, proposals, {
    ...(own ? { modelShare: 0, habitShare: 0 } : sharesAt(learned, neighbours[0]?.similarity ?? 0)),
    habits,
  }).filter((entry) => entry.operations.length > 0)
  return { evidence, ranked }
}
