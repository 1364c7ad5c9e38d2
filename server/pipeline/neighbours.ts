/** Neighbours as they are shown: who they are and why they are near. */
import { limits } from '../contract/limits'
import type { Reason, Neighbour as ShownNeighbour } from '../contract/predict'
import type { Neighbour } from '../domain/evidence'
import { signatureOperations, signatureText } from '../domain/knowledge'
import type { Model } from './model'
import type { Query } from './query'
import type { Found } from './search'

/** Shares below this say nothing to a person. */
const SHARE_MIN = 0.005

/** @param neighbours in order; at most `limit` are shown */
export function showNeighbours(model: Model, query: Query, found: Found, neighbours: Neighbour[], limit: number): ShownNeighbour[] {
  const { items, routings } = model.knowledge
  const blocks = model.encoder.model.blocks
  const place = new Map(Array.from(found.vectors, (vector, index) => [vector, index]))
  return neighbours.slice(0, limit).map(({ item, vector, similarity }) => {
    const at = place.get(vector)
    const from = items.routingOffsets[item]
    const to = items.routingOffsets[item + 1]
    return {
      item: items.key(item),
      title: items.title === null ? null : items.title.value(items.title.codes[item]) || null,
      family: items.family === null ? null : items.family.value(items.family.codes[item]) || null,
      similarity: round(similarity),
      routings: to - from,
      signature: to > from ? signatureText(model.knowledge, signatureOperations(model.knowledge, routings.signature[from])) : null,
      reasons: at === undefined ? [] : reasons(model, query, item, found.shares.subarray(at * blocks.length, (at + 1) * blocks.length)),
    }
  })
}

/** The attributes with the largest shares first, then those where both have a value but nothing in common. */
function reasons(model: Model, query: Query, item: number, shares: Float64Array): Reason[] {
  const byName = new Map(model.knowledge.items.features.map((feature) => [feature.name, feature]))
  return model.encoder.model.blocks
    .map(({ name, weight }, index) => ({ name, weight, share: shares[index] }))
    .filter(({ name }) => query.values.get(name) != null)
    .sort((a, b) => b.share - a.share || b.weight - a.weight)
    .filter(({ share }, index) => index < limits.neighbourReasonsMax / 2 || share >= SHARE_MIN)
    .slice(0, limits.neighbourReasonsMax)
    .map(({ name, share }) => ({
      attribute: name,
      share: round(Math.max(0, share)),
      query: query.values.get(name) ?? null,
      neighbour: byName.get(name)!.value(item),
    }))
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000
