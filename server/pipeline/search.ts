/** Finds the nearest vectors of a query under the request's weights, with each attribute's share. */
import type { AttributeInput } from '../domain/encoder/block'
import type { KnownFeature } from '../domain/knowledge'
import { blockNorms, type WeightFactors, weighQuery, weightedCosine } from '../domain/similarity'
import { engineLimits } from '../engine/limits'
import type { Model } from './model'

export interface Found {
  vectors: Uint32Array
  similarities: Float64Array
  /** vectors × blocks. */
  shares: Float64Array
}

const nothing: Found = { vectors: new Uint32Array(0), similarities: new Float64Array(0), shares: new Float64Array(0) }

/** The engine is asked for more than is wanted when the order may still change: moved weights, rare categories. */
const WIDEN = 4

/** What is searched for: the unit vector (null: no attribute known) and the values that it was made of. */
export interface SearchQuery {
  vector: Float32Array | null
  values: ReadonlyMap<string, AttributeInput>
}

/** @param k vectors wanted; with none known, nothing is found */
export function searchVectors(
  model: Pick<Model, 'encoder' | 'index' | 'knowledge'>,
  { vector, values }: SearchQuery,
  { k, ef, factors }: { k: number; ef: number; factors: WeightFactors },
): Found {
  const { blockOffsets } = model.encoder
  const weighed = vector === null ? null : weighQuery(vector, blockOffsets, factors)
  if (vector === null || weighed === null || model.index.count === 0) return nothing
  const rare = rareCategories(model, values)
  const isExact = factors === null && rare.length === 0
  const wanted = Math.min(k, model.index.count)
  const asked = isExact ? wanted : Math.min(model.index.count, Math.max(wanted, Math.min(WIDEN * wanted, engineLimits.kMax)))
  const { keys } = model.index.search(weighed, { k: asked, ef: factors === null ? Math.max(ef, asked) : Math.max(ef, 2 * asked) })
  const products = model.index.blockDots(vector, keys, blockOffsets)
  for (const category of rare) forgetOthers(model, category, keys, products.dots, blockOffsets.length - 1)
  const { similarities, shares } = weightedCosine(blockNorms(vector, blockOffsets), products, factors)
  return isExact ? { vectors: keys, similarities, shares } : nearestOf(keys, similarities, shares, wanted)
}

/** Similarity of each vector to the query under the weights, as the search would give it; 0 without any attribute known. */
export function similaritiesOf(
  model: Pick<Model, 'encoder' | 'index' | 'knowledge'>,
  { vector, values }: SearchQuery,
  keys: Uint32Array,
  factors: WeightFactors,
): Float64Array {
  if (vector === null || keys.length === 0) return new Float64Array(keys.length)
  const { blockOffsets } = model.encoder
  const products = model.index.blockDots(vector, keys, blockOffsets)
  for (const category of rareCategories(model, values)) forgetOthers(model, category, keys, products.dots, blockOffsets.length - 1)
  return weightedCosine(blockNorms(vector, blockOffsets), products, factors).similarities
}

interface RareCategory {
  block: number
  feature: KnownFeature
  value: string
}

/** Categories of the query that have no dimension of their own: in the vector they look a little like other rare values. */
function rareCategories(
  { encoder, knowledge }: Pick<Model, 'encoder' | 'knowledge'>,
  values: ReadonlyMap<string, AttributeInput>,
): RareCategory[] {
  return encoder.model.blocks.flatMap((block, index) => {
    const value = values.get(block.name)
    if (block.kind !== 'category' || value == null || value === '' || encoder.ownIndexes[index].has(String(value))) return []
    return [{ block: index, feature: knowledge.items.features.find(({ name }) => name === block.name)!, value: String(value) }]
  })
}

/** A rare value is like itself only: what the hashed dimensions say of others is chance. */
function forgetOthers(
  { knowledge }: Pick<Model, 'knowledge'>,
  { block, feature, value }: RareCategory,
  keys: Uint32Array,
  dots: Float32Array,
  blocks: number,
): void {
  const { offsets, items } = knowledge.vectors
  keys.forEach((vector, row) => {
    const at = row * blocks + block
    if (dots[at] !== 0 && feature.value(items[offsets[vector]]) !== value) dots[at] = 0
  })
}

function nearestOf(keys: Uint32Array, similarities: Float64Array, shares: Float64Array, wanted: number): Found {
  const order = Array.from(keys, (_, index) => index)
    .sort((a, b) => similarities[b] - similarities[a] || keys[a] - keys[b])
    .slice(0, wanted)
  const blocks = keys.length === 0 ? 0 : shares.length / keys.length
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
