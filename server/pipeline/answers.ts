/**
 * What a serving process answers with. Each request takes the model and the settings of the configuration once, in the same turn, and
 * never looks back; a batch keeps both until its last line.
 */
import type { CounterfactualRequest, Counterfactuals } from '../contract/counterfactual'
import type { GroupRequest, Groups } from '../contract/group'
import { limits } from '../contract/limits'
import type { Prediction, PredictRequest, Similar, SimilarRequest } from '../contract/predict'
import type { VectorSearchRequest } from '../contract/vector-search'
import type { JsonAnswer } from '../domain/json-answer'
import { JsonBytes } from '../domain/json-bytes'
import { type Settings, settle } from '../domain/settings'
import type { AnswerCache, CacheBounds, Calculate } from './answer-cache'
import { counterfactual } from './counterfactual'
import { recommendGroups } from './groups'
import type { Model } from './model'
import type { ModelHolder } from './model-holder'
import { type Ahead, searchAhead } from './neighbourhood'
import { predict, similar } from './predict'
import { type Query, resolveQuery } from './query'
import type { Recordable, Recorder } from './recorder'
import type { Found } from './search'
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

/** The pair that one answer is made of; `hold` keeps the model across a wait and gives what lets it go. */
interface Held {
  model: Model
  taken: Settings
  hold: () => () => void
  timeoutMs: number | null
}

export function createAnswers({ watch, noteAnswer, holder, settings, recorder, asked, cache, cacheBounds, reportFailure }: AnswerOptions) {
  const keep = (model: Model, query: Query, prediction: Prediction) => {
    asked?.(model.version, query.vector)
    return recorder.record(model, query, prediction)
  }
  const answer = (model: Model, settings: Settings, request: PredictRequest, ahead: Ahead) =>
    watch(
      model.epoch,
      () => predict(model, request, { settings, ahead, observe: (query, prediction) => keep(model, query, prediction) }),
      ({ candidates }) => candidates.length === 0,
    )
  const calculate =
    (model: Model, settings: Settings, request: PredictRequest, ahead: Ahead): Calculate =>
    ({ record }) => {
      if (!record) return { prediction: predict(model, request, { settings, ahead }), recordable: null }
      let recordable: Recordable | null = null
      const observe: Parameters<typeof predict>[2] = {
        settings,
        ahead,
        observe: (query, prediction) => {
          recordable = keep(model, query, prediction)
        },
      }
      const prediction = predict(model, request, observe)
      return { prediction, recordable }
    }
  const json = new JsonBytes()
  /** Searches first where that is long, off the thread and with the model held; then answers, at once. */
  const searchedOn = <T>(
    { model, taken, hold, timeoutMs }: Held,
    request: Omit<PredictRequest, 'candidates'>,
    act: (ahead: Ahead) => T,
  ): T | Promise<T> => {
    const failed = (error: unknown): never =>
      watch(
        model.epoch,
        () => {
          throw error
        },
        () => false,
      )
    let search: Promise<Found> | null = null
    try {
      search = searchAhead(model, settle(request, taken), timeoutMs, () => resolveQuery(model, request))
    } catch (error) {
      failed(error)
    }
    if (search === null) return act({ timeoutMs })
    const release = hold()
    return search
      .catch(failed)
      .then((found) => act({ found }))
      .finally(release)
  }
  const searched = <T>(
    request: Omit<PredictRequest, 'candidates'>,
    timeoutMs: number | null,
    act: (model: Model, settings: Settings, ahead: Ahead) => T,
  ): T | Promise<T> => {
    const [model, taken] = [holder.current(), settings()]
    const hold = () => holder.lease().release
    return searchedOn({ model, taken, hold, timeoutMs }, request, (ahead) => act(model, taken, ahead))
  }
  return {
    /** `bytes`: what the request was read from. */
    predict: (
      request: PredictRequest,
      bytes: Uint8Array | null = null,
      timeoutMs: number | null = null,
    ): JsonAnswer | Promise<JsonAnswer> =>
      searched(request, timeoutMs, (model, taken, ahead) => {
        const question = { model, configRev: taken.configRev, request, bytes, bounds: cacheBounds() }
        let empty = false
        const inner = calculate(model, taken, request, ahead)
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
      }),
    /** The kept answer to the same bytes; null: `predict` must be asked. Throws `model_not_loaded`, `busy`. */
    repeat: (bytes: Uint8Array): JsonAnswer | null => {
      const startedAt = performance.now()
      const model = holder.current()
      const answer = cache.repeat(bytes, { model, configRev: settings().configRev, bounds: cacheBounds() })
      if (answer !== null) noteAnswer(model.epoch, { failed: false, empty: false, ms: performance.now() - startedAt })
      return answer
    },
    similar: (request: SimilarRequest, timeoutMs: number | null = null): Similar | Promise<Similar> =>
      searched(request, timeoutMs, (model, settings, ahead) =>
        watch(
          model.epoch,
          () => similar(model, request, { settings, ahead }),
          ({ neighbours }) => neighbours.length === 0,
        ),
      ),
    searchVector: (vector: Float32Array, options: Omit<VectorSearchRequest, 'vector'>, timeoutMs: number | null = null) => {
      const model = holder.current()
      return watch(
        model.epoch,
        () => searchByVector(model, vector, options, { settings: settings(), json, timeoutMs }),
        ({ count }) => count === 0,
      )
    },
    /** `timeoutMs`: of each line. */
    openBatch: (timeoutMs: number | null = null) => {
      const { model, release } = holder.lease()
      const taken = settings()
      // a search that is under way when the client goes away keeps the model until its end
      let holding = 1
      const free = () => {
        holding--
        if (holding === 0) release()
      }
      const hold = () => {
        holding++
        return free
      }
      const close = (error?: unknown) => {
        free()
        if (error !== undefined) reportFailure(error)
      }
      const { version, epoch } = model
      return {
        version,
        epoch,
        configRev: taken.configRev,
        predict: (request: PredictRequest): Prediction | Promise<Prediction> =>
          searchedOn({ model, taken, hold, timeoutMs }, request, (ahead) => answer(model, taken, request, ahead)),
        close,
      }
    },
    counterfactual: async (
      request: CounterfactualRequest,
      turn: () => Promise<void>,
      deadlineMs: number = limits.requestDeadlineMs,
    ): Promise<Counterfactuals> => {
      const { model, release } = holder.lease()
      try {
        return await counterfactual(model, request, { settings: settings(), turn, deadlineMs })
      } finally {
        release()
      }
    },
    recommendGroups: (request: GroupRequest, timeoutMs: number | null = null): Groups | Promise<Groups> =>
      searched(request, timeoutMs, (model, settings, ahead) => recommendGroups(model, request, { settings, ahead })),
  }
}
