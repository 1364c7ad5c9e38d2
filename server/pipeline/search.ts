/** Finds the nearest vectors of a query under the request's weights, with each attribute's share. */
import type { SearchPath } from '../contract/item-filter'
import type { AttributeInput } from '../domain/encoder/block'
import { firstItems, type KnownFeature } from '../domain/knowledge'
import { blockNorms, spreadFactors, type WeightFactors, weightedCosine } from '../domain/similarity'
import type { AllowedKeys, Search, SearchFound } from '../engine/ann-index'
import { engineLimits } from '../engine/limits'
import type { Model } from './model'

export interface Found {
  vectors: Uint32Array
  similarities: Float64Array
  /** vectors × blocks. */
  shares: Float64Array
  path: SearchPath
}

const nothing: Found = { vectors: new Uint32Array(0), similarities: new Float64Array(0), shares: new Float64Array(0), path: 'scan' }

/** The engine is asked for more than is wanted when the order may still change: rare categories. */
const WIDEN = 4
/** A walk under moved weights is this much wider than one under those that the graph was built with. */
const MOVED_WIDEN = 2
const MOVED_EF_MAX = 2_048
/** Values up to which reading those that count of all vectors costs no more than a wide walk; coming to a vector costs as much as 32. */
const SCANNED_MAX = 3_000_000
const SCANNED_ROW = 32
/** Where less of the weight than this is left, its part of the int8 codes is too coarse to lead a walk: much more is read. */
const COARSE_BELOW = 0.05
const COARSE_SCANNED_MAX = 30_000_000
/** Factors below are as good as 0: their squares would be lost beside the others. */
const FACTOR_MIN = 1e-6

/**
 * Bytes that a search reads within a millisecond or two; a step of a walk waits for as long as so many bytes are read. With moved
 * weights a step scores every neighbour on its own codes and norm, which takes three times as long and more.
 */
const LONG_BYTES = 16_000_000
const BYTES_A_STEP = 8_000
const BYTES_A_MOVED_STEP = 24_000
const bytesOfFloat = Float32Array.BYTES_PER_ELEMENT

/** What is searched for: the unit vector (null: no attribute known) and the values that it was made of. */
export interface SearchQuery {
  vector: Float32Array | null
  values: ReadonlyMap<string, AttributeInput>
}

export interface SearchOptions {
  /** Vectors wanted; with none known, nothing is found. */
  k: number
  /** Null: every vector is read. */
  ef: number | null
  factors: WeightFactors
  /** Bitset of the vectors that may be found, and how many they are; null: all. */
  allowed?: { vectors: AllowedKeys; vectorCount: number } | null
  /** When the answer is of no use any more; null: never. */
  timeoutMs?: number | null
}

/** What the engine is asked, and what becomes of its answers. */
export interface SearchPlan {
  searches: Search[]
  /** They may take milliseconds: on the event loop nobody else would be answered. */
  isLong: boolean
  conclude: (answers: SearchFound[]) => Found
}

type SearchedModel = Pick<Model, 'encoder' | 'index' | 'knowledge'>

/** At once. Throws `deadline_exceeded`, `model_not_loaded`. */
export const searchVectors = (model: SearchedModel, query: SearchQuery, options: SearchOptions): Found => {
  const { searches, conclude } = planSearch(model, query, options)
  return conclude(searches.map((search) => model.index.searchNow(search)))
}

export function planSearch(
  model: SearchedModel,
  { vector, values }: SearchQuery,
  { k, ef, factors, allowed = null, timeoutMs = null }: SearchOptions,
): SearchPlan {
  if (vector === null || model.index.count === 0) return { searches: [], isLong: false, conclude: () => nothing }
  const { blockOffsets } = model.encoder
  const rare = rareCategories(model, values).filter(({ block }) => factors === null || factors[block] > 0)
  const wanted = Math.min(k, model.index.count)
  const left = weightLeft(model, factors)
  // what only looks like a rare value crowds out those that share it, the more the heavier its attribute is made
  const crowd = rare.reduce((most, { block }) => Math.max(most, factors === null ? 1 : factors[block]), 1)
  const widened = Math.ceil(Math.min((WIDEN * wanted * crowd) / left, engineLimits.kMax))
  const asked = rare.length === 0 ? wanted : Math.min(model.index.count, Math.max(wanted, widened))
  const rows = allowed?.vectorCount ?? model.index.count
  const moved = factors === null ? null : planMoved(model, { k: asked, ef, left, factors, rows })
  const breadth = moved !== null ? moved.breadth : ef === null ? null : Math.max(ef, asked)
  // what a walk passes by is found with the rare values, the others without them
  const queries = moved === null && ef !== null ? [vector] : [vector, withoutBlocks(vector, model.encoder, rare)]
  const searches = queries
    .filter((query): query is Float32Array => query !== null && !isNothing(query, moved?.factors ?? null))
    .map((query) => ({
      vector: query,
      factors: moved?.factors ?? null,
      k: asked,
      ef: breadth,
      allowed: allowed?.vectors ?? null,
      timeoutMs,
    }))
  const read = moved === null ? rows * model.index.dimensions : bytesOfFloat * rows * moved.valuesRead
  const step = moved === null ? BYTES_A_STEP : BYTES_A_MOVED_STEP
  const most = breadth !== null && allowed === null ? breadth * step : read
  return {
    searches,
    isLong: searches.length * most > LONG_BYTES,
    conclude: (answers) => {
      const keys = answers.length === 1 ? answers[0].keys : Uint32Array.from(new Set(answers.flatMap(({ keys }) => [...keys])))
      const path = answers.every(({ scanned }) => scanned) ? 'scan' : allowed === null ? 'walk' : 'filtered'
      const products = model.index.blockDots(vector, keys, blockOffsets)
      for (const category of rare) forgetOthers(model, category, keys, products.dots, blockOffsets.length - 1)
      const { similarities, shares } = weightedCosine(blockNorms(vector, blockOffsets), products, factors)
      if (factors === null && rare.length === 0) return { vectors: keys, similarities, shares, path }
      const above = factors === null ? Number.NEGATIVE_INFINITY : 0
      return { ...nearestOf(keys, similarities, shares, { wanted, above }), path }
    },
  }
}

/**
 * By the weighted cosine. Where the factors take much of the weight away the graph leads less straight, and the walk is wider; small
 * plants are read as a whole.
 */
function planMoved(
  { encoder }: Pick<Model, 'encoder'>,
  { k, ef, left, factors, rows }: { k: number; ef: number | null; left: number; factors: Float64Array; rows: number },
): { factors: Float32Array; breadth: number | null; valuesRead: number } {
  const kept = encoder.model.blocks.filter((_, block) => factors[block] > 0)
  const counted = kept.reduce((sum, { size }) => sum + size, 0)
  // a single category, number or code has few distinct places: the walk finds those
  const isCoarse = left < COARSE_BELOW && (kept.length > 1 || kept[0]?.kind === 'text')
  const scannedMax = isCoarse ? COARSE_SCANNED_MAX : SCANNED_MAX
  const valuesRead = SCANNED_ROW + counted
  const isScanned = ef === null || valuesRead * rows <= scannedMax
  const breadth = isScanned ? null : Math.ceil(Math.max(k, Math.min(MOVED_EF_MAX, (MOVED_WIDEN * ef) / left)))
  return { factors: spreadFactors(factors, encoder), breadth, valuesRead }
}

/** Share of the attributes' weight that the factors leave, above 0. */
function weightLeft({ encoder }: Pick<Model, 'encoder'>, factors: WeightFactors): number {
  if (factors === null) return 1
  const { blocks } = encoder.model
  const all = blocks.reduce((sum, { weight }) => sum + weight, 0)
  const left = blocks.reduce((sum, { weight }, block) => sum + weight * Math.min(1, factors[block]), 0)
  return Math.max(left, Number.MIN_VALUE) / all
}

/** By chance a rare value is a little like other rare ones: without it the others are found. */
function withoutBlocks(vector: Float32Array, { blockOffsets }: Model['encoder'], rare: RareCategory[]): Float32Array | null {
  if (rare.length === 0) return null
  const less = vector.slice()
  for (const { block } of rare) less.fill(0, blockOffsets[block], blockOffsets[block + 1])
  return less
}

/** Of such a query nothing is left, and nothing is found. */
const isNothing = (query: Float32Array, factors: Float32Array | null): boolean =>
  query.every((value, at) => value === 0 || factors?.[at] === 0)

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
  const rows = firstItems(knowledge, keys)
  const { text } = feature
  const codes = new Uint32Array(rows.length)
  if (text !== null) for (let at = 0; at < rows.length; at++) codes[at] = text.codes[rows[at]]
  for (let at = 0; at < rows.length; at++) {
    const place = at * blocks + block
    if (dots[place] === 0) continue
    const own = text === null ? feature.value(rows[at]) : text.value(codes[at])
    if (own !== value) dots[place] = 0
  }
}

/** @param above with all weights but a few at 0, most items have nothing in common with the query: they are no neighbours */
function nearestOf(
  keys: Uint32Array,
  similarities: Float64Array,
  shares: Float64Array,
  { wanted, above }: { wanted: number; above: number },
): Omit<Found, 'path'> {
  const order = Array.from(keys, (_, index) => index)
    .filter((index) => similarities[index] > above)
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
export function weightFactors(model: Pick<Model, 'encoder'>, weights: Record<string, number> | undefined): WeightFactors {
  if (weights === undefined || Object.values(weights).every((factor) => factor === 1)) return null
  const factors = new Float64Array(model.encoder.model.blocks.length).fill(1)
  for (const [name, factor] of Object.entries(weights)) {
    const block = model.encoder.blockOf.get(name)
    if (block !== undefined) factors[block] = factor < FACTOR_MIN ? 0 : factor
  }
  return factors.every((factor) => factor === 1) ? null : factors
}
