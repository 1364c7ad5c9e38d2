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
  const told = toldBlocks(model, query)
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
      reasons: at === undefined ? [] : reasons(told, item, found.shares.subarray(at * blocks.length, (at + 1) * blocks.length)),
    }
  })
}

/** An attribute that the query has, and where its share and the neighbours' values are. */
interface ToldBlock {
  name: string
  weight: number
  /** Among the shares of a vector. */
  index: number
  query: string | number
  valueAt: (item: number) => Reason['neighbour']
}

function toldBlocks(model: Model, { values }: Query): ToldBlock[] {
  const byName = new Map(model.knowledge.items.features.map((feature) => [feature.name, feature]))
  return model.encoder.model.blocks.flatMap(({ name, weight }, index) => {
    const query = values.get(name) ?? null
    return query === null ? [] : [{ name, weight, index, query, valueAt: byName.get(name)!.value }]
  })
}

/** The attributes with the largest shares first, then those where both have a value but nothing in common. */
function reasons(told: ToldBlock[], item: number, shares: Float64Array): Reason[] {
  return told
    .toSorted((a, b) => shares[b.index] - shares[a.index] || b.weight - a.weight)
    .slice(0, limits.neighbourReasonsMax)
    .filter(({ index }, at) => at < limits.neighbourReasonsMax / 2 || shares[index] >= SHARE_MIN)
    .map(({ name, index, query, valueAt }) => ({
      attribute: name,
      share: round(Math.max(0, shares[index])),
      query,
      neighbour: valueAt(item),
    }))
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000
