/** Search by a vector that the asker has: the same index, breadth and recall as beneath a prediction, and nothing above it. */
import type { VectorSearchRequest, VectorSearchResult } from '../contract/vector-search'
import { DomainError } from '../domain/error'
import type { VectorSearchAnswer } from '../domain/json-answer'
import type { JsonBytes } from '../domain/json-bytes'
import { firstItems } from '../domain/knowledge'
import { chooseBreadth } from '../domain/recall-curve'
import { requireOneBreadth, type Settings } from '../domain/settings'
import type { Model } from './model'

type Asked = Omit<VectorSearchRequest, 'vector'>

/** `json` is written over. Throws `vector_wrong_length`, `vector_not_finite`, `vector_zero`, `bad_request`, `busy`, `deadline_exceeded`. */
export function searchByVector(
  model: Model,
  vector: Float32Array,
  asked: Asked,
  { settings, json, timeoutMs = null }: { settings: Settings; json: JsonBytes; timeoutMs?: number | null },
): VectorSearchAnswer & { count: number } {
  const startedAt = performance.now()
  requireOneBreadth(asked)
  const k = Math.min(asked.k ?? settings.topK, model.index.count)
  const breadth = {
    efSearch: asked.efSearch ?? settings.efSearch,
    recall: asked.efSearch === undefined ? (asked.recall ?? settings.recall) : null,
    topK: k,
  }
  const { ef, recall } = chooseBreadth(model.recall, breadth)
  const { keys, scores } = findNearest(model, vector, { k, ef, timeoutMs })
  const searchedAt = performance.now()
  const { items, vectors } = model.knowledge
  const { version, epoch } = model
  const { configRev } = settings
  const efSearch = ef === null ? model.index.count : Math.max(ef, k)
  json.clear().raw('{"keys":').integers(keys).raw(',"scores":').scores(scores)
  json.raw(',"items":').texts(items.keyTexts, firstItems(model.knowledge, keys))
  json.raw(',"itemCounts":').integers(countItems(vectors, keys))
  const timingsMs = { search: roundMs(searchedAt - startedAt), total: roundMs(performance.now() - startedAt) }
  const rest = { version, epoch, configRev, efSearch, recall, timingsMs } satisfies Omit<VectorSearchResult, List>
  json.raw(`,${JSON.stringify(rest).slice(1)}`)
  return { version, epoch, configRev, efSearch, k: asked.k, timingsMs, cache: null, document: json.bytes(), count: keys.length }
}
type List = 'keys' | 'scores' | 'items' | 'itemCounts'

/** How many items have each of the vectors. */
function countItems({ offsets }: Model['knowledge']['vectors'], keys: Uint32Array): Uint32Array {
  const counts = new Uint32Array(keys.length)
  for (let at = 0; at < keys.length; at++) counts[at] = offsets[keys[at] + 1] - offsets[keys[at]]
  return counts
}

/** The engine knows the vector is wrong, not where it stood. */
function findNearest(
  { index }: Model,
  vector: Float32Array,
  { k, ef, timeoutMs }: { k: number; ef: number | null; timeoutMs: number | null },
) {
  try {
    return ef === null ? index.exact(vector, { k, timeoutMs }) : index.search(vector, { k, ef: Math.max(ef, k), timeoutMs })
  } catch (error) {
    if (!(error instanceof DomainError) || !error.code.startsWith('vector_')) throw error
    throw new DomainError(error.code, error.message, { details: [{ path: '/vector', message: error.message }] })
  }
}

const roundMs = (ms: number): number => Math.round(ms * 10_000) / 10_000
