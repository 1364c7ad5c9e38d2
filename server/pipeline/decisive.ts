/** Which neighbours decide what comes first: the ranking is done again without them, over the evidence at hand. */
import { findDecisive } from '../domain/decisive'
import type { Proposal, Ranked } from '../domain/ranking'
import type { Model } from './model'
import { leaveOut, type Neighbourhood } from './neighbourhood'
import type { Query } from './query'
import { rankRoutings } from './rank'

/** Keys of up to three neighbours (the item itself where its history counts): asking again without them gives another first candidate. */
export function decisiveOf(model: Model, query: Query, neighbourhood: Neighbourhood, proposals: Proposal[], [first]: Ranked[]): string[] {
  if (first === undefined) return []
  const rows = findDecisive(
    first,
    (items) => rankRoutings(model, leaveOut(model, query, neighbourhood, items), proposals).ranked[0]?.operations ?? null,
  )
  return rows.map(model.knowledge.items.key)
}
