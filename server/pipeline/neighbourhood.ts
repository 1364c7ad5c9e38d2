/** The items near a query with their say: found, those left out taken away, the item's own history weighed in. */
import type { Neighbour } from '../domain/evidence'
import { gatherNeighbours } from '../domain/evidence'
import type { Model } from './model'
import type { Query } from './query'
import { type Found, searchVectors, weightFactors } from './search'

/** Weight of an item's own routings among the evidence when its history counts: it has been made before. */
const OWN_WEIGHT = 0.9

export interface NeighbourhoodRequest {
  topK: number
  ef: number
  ignoreOwnHistory?: boolean
  weights?: Record<string, number>
  without?: string[]
}

export interface Neighbourhood {
  found: Found
  /** Nearest first, the item itself before them when its history counts. */
  neighbours: Neighbour[]
  /** Whether the item's own routings count. */
  own: boolean
}

export function findNeighbourhood(model: Model, query: Query, request: NeighbourhoodRequest): Neighbourhood {
  const { knowledge, learned } = model
  const left = leftOut(model, query, request.without ?? [])
  const routed = query.row >= 0 && knowledge.items.routingOffsets[query.row + 1] > knowledge.items.routingOffsets[query.row]
  const own = routed && request.ignoreOwnHistory !== true
  // as many more as are left out: each may have a vector to itself
  const k = request.topK + left.size + (left.has(query.row) ? 0 : 1)
  const found = searchVectors(model, query, { k, ef: Math.max(request.ef, k), factors: weightFactors(model, request.weights) })
  const others = gatherNeighbours(knowledge, found.vectors, found.similarities, learned.voteExponent, left)
  if (!own) return { found, neighbours: others, own }
  for (const neighbour of others) neighbour.weight *= 1 - OWN_WEIGHT
  const itself: Neighbour = {
    item: query.row,
    vector: knowledge.items.vector[query.row],
    similarity: 1,
    weight: others.length === 0 ? 1 : OWN_WEIGHT,
  }
  return { found, neighbours: [itself, ...others], own }
}

/** Rows of the items that are no evidence; the query's own is never its own neighbour. */
function leftOut({ knowledge }: Model, query: Query, without: string[]): Set<number> {
  const rows = new Set<number>()
  if (query.row >= 0) rows.add(query.row)
  for (const key of without) {
    const row = knowledge.items.find(key.trim())
    if (row >= 0) rows.add(row)
  }
  return rows
}
