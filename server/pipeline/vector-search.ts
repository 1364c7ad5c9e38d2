/** Search by a vector that the asker has: the same index, breadth and recall as beneath a prediction, and nothing above it. */
import type { VectorSearchRequest, VectorSearchResult } from '../contract/vector-search'
import { DomainError } from '../domain/error'
import { chooseBreadth } from '../domain/recall-curve'
import { requireOneBreadth, type Settings } from '../domain/settings'
import type { Model } from './model'

type Asked = Omit<VectorSearchRequest, 'vector'>

/** @throws vector_wrong_length, vector_not_finite, vector_zero, bad_request, busy */
export function searchByVector(model: Model, vector: Float32Array, asked: Asked, settings: Settings): VectorSearchResult {
  const startedAt = performance.now()
  requireOneBreadth(asked)
  const k = Math.min(asked.k ?? settings.topK, model.index.count)
  const breadth = {
    efSearch: asked.efSearch ?? settings.efSearch,
    recall: asked.efSearch === undefined ? (asked.recall ?? settings.recall) : null,
    topK: k,
  }
  const { ef, recall } = chooseBreadth(model.recall, breadth)
  const { keys, scores } = findNearest(model, vector, { k, ef })
  const searchedAt = performance.now()
  const { items, vectors } = model.knowledge
  return {
    keys: Array.from(keys),
    scores: Array.from(scores, round),
    items: Array.from(keys, (key) => items.key(vectors.items[vectors.offsets[key]])),
    itemCounts: Array.from(keys, (key) => vectors.offsets[key + 1] - vectors.offsets[key]),
    version: model.version,
    epoch: model.epoch,
    configRev: settings.configRev,
    efSearch: ef === null ? model.index.count : Math.max(ef, k),
    recall,
    timingsMs: { search: roundMs(searchedAt - startedAt), total: roundMs(performance.now() - startedAt) },
  }
}

/** The engine knows the vector is wrong, not where it stood. */
function findNearest({ index }: Model, vector: Float32Array, { k, ef }: { k: number; ef: number | null }) {
  try {
    return ef === null ? index.exact(vector, { k }) : index.search(vector, { k, ef: Math.max(ef, k) })
  } catch (error) {
    if (!(error instanceof DomainError) || !error.code.startsWith('vector_')) throw error
    throw new DomainError(error.code, error.message, { details: [{ path: '/vector', message: error.message }] })
  }
}

/** An f32 has seven digits. */
const round = (score: number): number => Math.round(score * 1e7) / 1e7
const roundMs = (ms: number): number => Math.round(ms * 10_000) / 10_000
