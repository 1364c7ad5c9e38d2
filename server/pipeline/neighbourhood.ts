/** The items near a query with their say: found, those left out taken away, the item's own history weighed in. */
import type { ItemFilter, SearchPath } from '../contract/item-filter'
import { limits } from '../contract/limits'
import type { SearchRecall } from '../contract/recall'
import type { Neighbour } from '../domain/evidence'
import { gatherNeighbours } from '../domain/evidence'
import { chooseBreadth } from '../domain/recall-curve'
import { type AllowedItems, allowedItems } from './item-filter'
import type { Model } from './model'
import type { Query } from './query'
import { type Found, planSearch, type SearchPlan, weightFactors } from './search'

/** Weight of an item's own routings among the evidence when its history counts: it has been made before. */
const OWN_WEIGHT = 0.9

/** A walk below is surely short. */
const WIDE = 1_000

export interface NeighbourhoodRequest {
  topK: number
  efSearch: number
  /** In place of efSearch; null: efSearch counts. */
  recall: number | null
  /** Vectors less similar are left out; 0 keeps all. */
  similarityMin: number
  ignoreOwnHistory?: boolean
  weights?: Record<string, number>
  without?: string[]
  filter?: ItemFilter
}

export interface Neighbourhood {
  /** More vectors than have a say: those that would come up if some of the nearest items were not there. */
  found: Found
  /** Nearest first, the item itself before them when its history counts. */
  neighbours: Neighbour[]
  /** Whether the item's own routings count. */
  own: boolean
  /** Rows that are no neighbours: left out by the request, and the item's own. */
  left: ReadonlySet<number>
  /** What the request's filter leaves; null: everything. */
  allowed: AllowedItems | null
  /** Vectors that have a say. */
  wanted: number
  /** Less similar ones have none. */
  similarityMin: number
  /** What is told of the search. */
  told: { efSearch: number; recall: SearchRecall; searchPath: SearchPath; allowedItems: number | null }
}

/**
 * The item's own key in `without` is as good as `ignoreOwnHistory`; keys that the version does not know leave nothing out. As many
 * vectors have a say as without any item left out: further ones take the places.
 */
export function findNeighbourhood(
  model: Model,
  query: Query,
  request: NeighbourhoodRequest,
  { found, timeoutMs = null }: Ahead = {},
): Neighbourhood {
  const { plan, conclude } = planNeighbourhood(model, query, request, timeoutMs)
  return conclude(found ?? plan.conclude(plan.searches.map((search) => model.index.searchNow(search))))
}

/** What was found before, where the search is long, and how long it may take, where it is not. */
export interface Ahead {
  found?: Found
  timeoutMs?: number | null
}

interface NeighbourhoodPlan {
  plan: SearchPlan
  conclude: (found: Found) => Neighbourhood
}

function planNeighbourhood(model: Model, query: Query, request: NeighbourhoodRequest, timeoutMs: number | null): NeighbourhoodPlan {
  const { items } = model.knowledge
  const left = rowsOf(model, request.without ?? [])
  const routed = query.row >= 0 && items.routingOffsets[query.row + 1] > items.routingOffsets[query.row]
  const allowed = allowedItems(model, request.filter)
  const own = routed && request.ignoreOwnHistory !== true && !left.has(query.row) && allowed?.has(query.row) !== false
  if (query.row >= 0) left.add(query.row)
  const wanted = request.topK + 1
  // each of those left out, or taken away to see what the answer rests on, may have a vector to itself
  const k = wanted + left.size + limits.decisiveMax
  const factors = weightFactors(model, request.weights)
  const { ef, recall } = chooseBreadth(model.recall, request, { moved: factors !== null })
  const plan = planSearch(model, query, { k, ef: ef === null ? null : Math.max(ef, k), factors, allowed, timeoutMs })
  const conclude = (found: Found): Neighbourhood => {
    const told = {
      efSearch: ef ?? model.index.count,
      recall: allowed !== null && found.path === 'scan' ? { ...recall, expected: 1, exact: true } : recall,
      searchPath: found.path,
      allowedItems: allowed?.count ?? null,
    }
    const asked = { found, own, left, allowed, wanted, similarityMin: request.similarityMin, told }
    return { ...asked, neighbours: weigh(model, query, asked) }
  }
  return { plan, conclude }
}

/**
 * The search of a neighbourhood in the engine's own threads where it is long; null where it is short and is done with the answer.
 * Rejects with `deadline_exceeded`, `model_not_loaded`.
 */
export function searchAhead(
  model: Model,
  request: NeighbourhoodRequest,
  timeoutMs: number | null,
  resolve: () => Query,
): Promise<Found> | null {
  if (isPlain(model, request)) return null
  const { plan } = planNeighbourhood(model, resolve(), request, timeoutMs)
  if (!plan.isLong) return null
  return Promise.all(plan.searches.map((search) => model.index.searchLater(search))).then(plan.conclude)
}

/** What most ask for: a walk, which is short. */
const isPlain = (model: Model, request: NeighbourhoodRequest): boolean =>
  request.filter === undefined &&
  weightFactors(model, request.weights) === null &&
  (chooseBreadth(model.recall, request).ef ?? Number.POSITIVE_INFINITY) < WIDE

/** The same neighbourhood as if some more items (rows, at most `limits.decisiveMax`) had been left out: nothing is searched again. */
export function leaveOut(model: Model, query: Query, neighbourhood: Neighbourhood, rows: ReadonlySet<number>): Neighbourhood {
  const less = {
    ...neighbourhood,
    own: neighbourhood.own && !rows.has(query.row),
    left: new Set([...neighbourhood.left, ...rows]),
  }
  return { ...less, neighbours: weigh(model, query, less) }
}

function weigh(model: Model, query: Query, asked: Omit<Neighbourhood, 'neighbours'>): Neighbour[] {
  const { knowledge, learned } = model
  const { found, own } = asked
  const places = usablePlaces(model, asked)
  const others = gatherNeighbours(
    knowledge,
    places.map((at) => found.vectors[at]),
    places.map((at) => found.similarities[at]),
    learned.voteExponent,
    skipped(asked),
  )
  if (!own) return others
  for (const neighbour of others) neighbour.weight *= 1 - OWN_WEIGHT
  const itself: Neighbour = {
    item: query.row,
    vector: knowledge.items.vector[query.row],
    similarity: 1,
    weight: others.length === 0 ? 1 : OWN_WEIGHT,
  }
  return [itself, ...others]
}

/** Places of the nearest vectors that are similar enough and stand for at least one item that counts. */
function usablePlaces({ knowledge }: Model, asked: Omit<Neighbourhood, 'neighbours'>): number[] {
  const { found, wanted, similarityMin } = asked
  const { vectors, similarities } = found
  const skip = skipped(asked)
  const { offsets, items } = knowledge.vectors
  const places: number[] = []
  for (let at = 0; at < vectors.length && places.length < wanted; at++) {
    const end = offsets[vectors[at] + 1]
    let row = similarities[at] < similarityMin ? end : offsets[vectors[at]]
    while (row < end && skip.has(items[row])) row++
    if (row < end) places.push(at)
  }
  return places
}

/** Rows that are no neighbours. */
const skipped = ({ left, allowed }: Pick<Neighbourhood, 'left' | 'allowed'>): Pick<ReadonlySet<number>, 'has'> =>
  allowed === null ? left : { has: (row) => left.has(row) || !allowed.has(row) }

function rowsOf({ knowledge }: Model, keys: string[]): Set<number> {
  const rows = new Set<number>()
  for (const key of keys) {
    const row = knowledge.items.find(key.trim())
    if (row >= 0) rows.add(row)
  }
  return rows
}
