/**
 * What a serving process answers with. Each request takes the model and the settings of the configuration once, in the same turn, and
 * never looks back; a batch keeps both until its last line.
 */
import type { CounterfactualRequest, Counterfactuals } from '../contract/counterfactual'
import type { GroupRequest } from '../contract/group'
import type { Prediction, PredictRequest, SimilarRequest } from '../contract/predict'
import type { VectorSearchRequest } from '../contract/vector-search'
import type { JsonAnswer } from '../domain/json-answer'
import { JsonBytes } from '../domain/json-bytes'
import type { Settings } from '../domain/settings'
import type { AnswerCache, CacheBounds, Calculate } from './answer-cache'
import { counterfactual } from './counterfactual'
import { recommendGroups } from './groups'
import type { Model } from './model'
import type { ModelHolder } from './model-holder'
import { predict, similar } from './predict'
import type { Query } from './query'
import type { Recordable, Recorder } from './recorder'
import type { AnswerCounts } from './switching/answer-counts'
import { searchByVector } from './vector-search'

export interface AnswerOptions {
  holder: Pick<ModelHolder<Model>, 'current' | 'lease'>
  /** Of this moment. */
  settings: () => Settings
  recorder: Pick<Recorder, 'record'>
  /** Told of every question that is answered by a search for a prediction; must be quick. */
  asked?: (version: string, vector: Query['vector']) => void
  cache: AnswerCache
  /** Of this moment. */
  cacheBounds: () => CacheBounds
  /** Counts how the answers of an epoch come out. */
  watch: AnswerCounts['watch']
  noteAnswer: AnswerCounts['noteAnswer']
  reportFailure: (error: unknown) => void
}

export function createAnswers({ watch, noteAnswer, holder, settings, recorder, asked, cache, cacheBounds, reportFailure }: AnswerOptions) {
  const keep = (model: Model, query: Query, prediction: Prediction) => {
    asked?.(model.version, query.vector)
    return recorder.record(model, query, prediction)
  }
  const answer = (model: Model, settings: Settings, request: PredictRequest) =>
    watch(
      model.epoch,
      () => predict(model, request, { settings, observe: (query, prediction) => keep(model, query, prediction) }),
      ({ candidates }) => candidates.length === 0,
    )
  const calculate =
    (model: Model, settings: Settings, request: PredictRequest): Calculate =>
    ({ record }) => {
      if (!record) return { prediction: predict(model, request, { settings }), recordable: null }
      let recordable: Recordable | null = null
      const observe: Parameters<typeof predict>[2] = {
        settings,
        observe: (query, prediction) => {
          recordable = keep(model, query, prediction)
        },
      }
      const prediction = predict(model, request, observe)
      return { prediction, recordable }
    }
  const json = new JsonBytes()
  return {
    /** `bytes`: what the request was read from. */
    predict: (request: PredictRequest, bytes: Uint8Array | null = null): JsonAnswer => {
      const model = holder.current()
      const taken = settings()
      const question = { model, configRev: taken.configRev, request, bytes, bounds: cacheBounds() }
      let empty = false
      const inner = calculate(model, taken, request)
      const noting: Calculate = (options) => {
        const made = inner(options)
        empty = made.prediction.candidates.length === 0
        return made
      }
      return watch(
        model.epoch,
        () => cache.answer(question, noting),
        () => empty,
      )
    },
    /** The kept answer to the same bytes; null: `predict` must be asked. Throws `model_not_loaded`, `busy`. */
    repeat: (bytes: Uint8Array): JsonAnswer | null => {
      const startedAt = performance.now()
      const model = holder.current()
      const answer = cache.repeat(bytes, { model, configRev: settings().configRev, bounds: cacheBounds() })
      if (answer !== null) noteAnswer(model.epoch, { failed: false, empty: false, ms: performance.now() - startedAt })
      return answer
    },
    similar: (request: SimilarRequest) => {
      const model = holder.current()
      return watch(
        model.epoch,
        () => similar(model, request, { settings: settings() }),
        ({ neighbours }) => neighbours.length === 0,
      )
    },
    searchVector: (vector: Float32Array, options: Omit<VectorSearchRequest, 'vector'>) => {
      const model = holder.current()
      return watch(
        model.epoch,
        () => searchByVector(model, vector, options, { settings: settings(), json }),
        ({ count }) => count === 0,
      )
    },
    openBatch: () => {
      const { model, release } = holder.lease()
      const taken = settings()
      const close = (error?: unknown) => {
        release()
        if (error !== undefined) reportFailure(error)
      }
      const { version, epoch } = model
      return { version, epoch, configRev: taken.configRev, predict: (request: PredictRequest) => answer(model, taken, request), close }
    },
    counterfactual: async (request: CounterfactualRequest, turn: () => Promise<void>): Promise<Counterfactuals> => {
      const { model, release } = holder.lease()
      try {
        return await counterfactual(model, request, { settings: settings(), turn })
      } finally {
        release()
      }
    },
    recommendGroups: (request: GroupRequest) => recommendGroups(holder.current(), request, { settings: settings() }),
  }
}
