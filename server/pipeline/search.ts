/** Finds the nearest vectors of a query under the request's weights, with each attribute's share. */
import { blockNorms, type WeightFactors, weighQuery, weightedCosine } from '../domain/similarity'
import type { Model } from './model'

export interface Found {
  vectors: Uint32Array
  similarities: Float64Array
  /** vectors × blocks. */
  shares: Float64Array
}

const nothing: Found = { vectors: new Uint32Array(0), similarities: new Float64Array(0), shares: new Float64Array(0) }

/** The engine asks for more than is needed when weights are moved: the graph was built with the unmoved ones. */
const MOVED_WEIGHTS_WIDEN = 4

/**
 * @param vector unit query, or null (no attribute known): nothing is found
 * @param k vectors wanted
 */
export function searchVectors(
  model: Pick<Model, 'encoder' | 'index'>,
  vector: Float32Array | null,
  { k, ef, factors }: { k: number; ef: number; factors: WeightFactors },
): Found {
  const { blockOffsets } = model.encoder
  const weighed = vector === null ? null : weighQuery(vector, blockOffsets, factors)
  if (vector === null || weighed === null || model.index.count === 0) return nothing
  const wanted = Math.min(k, model.index.count)
  const asked = factors === null ? wanted : Math.min(model.index.count, MOVED_WEIGHTS_WIDEN * wanted)
  const { keys } = model.index.search(weighed, { k: asked, ef: factors === null ? ef : Math.max(ef, 2 * asked) })
  const { similarities, shares } = weightedCosine(
    blockNorms(vector, blockOffsets),
    model.index.blockDots(vector, keys, blockOffsets),
    factors,
  )
  if (factors === null) return { vectors: keys, similarities, shares }
  const order = Array.from(keys, (_, index) => index)
    .sort((a, b) => similarities[b] - similarities[a] || keys[a] - keys[b])
    .slice(0, wanted)
  const blocks = blockOffsets.length - 1
  const sorted = new Float64Array(order.length * blocks)
  order.forEach((from, to) => {
    sorted.set(shares.subarray(from * blocks, (from + 1) * blocks), to * blocks)
  })
  return {
    vectors: Uint32Array.from(order, (index) => keys[index]),
    similarities: Float64Array.from(order, (index) => similarities[index]),
    shares: sorted,
  }
}

/** Attribute name → factor, as factors by block; null when every factor is 1. Unknown names are the caller's to refuse. */
export function weightFactors(model: Model, weights: Record<string, number> | undefined): WeightFactors {
  if (weights === undefined || Object.values(weights).every((factor) => factor === 1)) return null
  const factors = new Float64Array(model.encoder.model.blocks.length).fill(1)
  for (const [name, factor] of Object.entries(weights)) {
    const block = model.encoder.blockOf.get(name)
    if (block !== undefined) factors[block] = factor
  }
  return factors
}
