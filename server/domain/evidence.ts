/**
 * Evidence: the routings of the nearest items with their weights. Everything that a prediction says about operations,
 * resources and times is a weighted count over it.
 */
import type { Knowledge } from './knowledge'

/** An item near the query. */
export interface Neighbour {
  item: number
  vector: number
  similarity: number
  /** Weight of the item's say; the weights of all neighbours sum to 1. */
  weight: number
}

export interface EvidenceRouting {
  routing: number
  neighbour: Neighbour
  /** The neighbour's weight, divided among its routings by their number of orders. */
  weight: number
}

/** Items of one vector beyond which more say nothing new: 500 equal kits are not 500 witnesses. */
const ITEMS_PER_VECTOR_MAX = 12

/**
 * Vectors with their similarities, best first → items, each with weight ∝ similarity^exponent.
 * The trade's own formula has exponent 2 (field formula w = s² / Σ s²); training picks the one that predicts best.
 * @param skip the query's own item (row) when its history is to be ignored, or −1; or the rows of all items held out together
 */
export function gatherNeighbours(
  knowledge: Knowledge,
  vectors: ArrayLike<number>,
  similarities: ArrayLike<number>,
  exponent: number,
  skip: number | Pick<ReadonlySet<number>, 'has'>,
): Neighbour[] {
  const { offsets, items } = knowledge.vectors
  const neighbours: Neighbour[] = []
  let total = 0
  for (let index = 0; index < vectors.length; index++) {
    const vector = vectors[index]
    const similarity = similarities[index]
    let taken = 0
    for (let at = offsets[vector]; at < offsets[vector + 1] && taken < ITEMS_PER_VECTOR_MAX; at++) {
      if (typeof skip === 'number' ? items[at] === skip : skip.has(items[at])) continue
      const weight = Math.max(0, similarity) ** exponent
      neighbours.push({ item: items[at], vector, similarity, weight })
      total += weight
      taken++
    }
  }
  if (total > 0) for (const neighbour of neighbours) neighbour.weight /= total
  return neighbours
}

/** The routings of the neighbours. */
export function gatherRoutings(knowledge: Knowledge, neighbours: Neighbour[]): EvidenceRouting[] {
  const { routingOffsets } = knowledge.items
  const { orders } = knowledge.routings
  const evidence: EvidenceRouting[] = []
  for (const neighbour of neighbours) {
    const from = routingOffsets[neighbour.item]
    const to = routingOffsets[neighbour.item + 1]
    let total = 0
    for (let routing = from; routing < to; routing++) total += orders[routing]
    for (let routing = from; routing < to; routing++) {
      evidence.push({ routing, neighbour, weight: (neighbour.weight * orders[routing]) / total })
    }
  }
  return evidence
}
