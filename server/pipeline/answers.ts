/**
 * What a serving process answers with. Each request takes the model and the settings of the configuration once, in the same turn, and
 * never looks back; a batch keeps both until its last line.
 */
import type { CounterfactualRequest, Counterfactuals } from '../contract/counterfactual'
import type { GroupRequest } from '../contract/group'
import type { PredictRequest, SimilarRequest } from '../contract/predict'
import type { TimeSummaryRequest } from '../contract/time'
import type { Settings } from '../domain/settings'
import { counterfactual } from './counterfactual'
import { recommendGroups } from './groups'
import type { Model } from './model'
import type { ModelHolder } from './model-holder'
import { predict, similar } from './predict'
import type { Recorder } from './recorder'
import { timeSummary } from './time-summary'

export interface AnswerOptions {
  holder: Pick<ModelHolder<Model>, 'current' | 'lease'>
  /** Of this moment. */
  settings: () => Settings
  recorder: Pick<Recorder, 'record'>
  reportFailure: (error: unknown) => void
}

export function createAnswers({ holder, settings, recorder, reportFailure }: AnswerOptions) {
  const answer = (model: Model, settings: Settings, request: PredictRequest) =>
    predict(model, request, { settings, observe: (query, prediction) => recorder.record(model, query, prediction) })
  return {
    predict: (request: PredictRequest) => answer(holder.current(), settings(), request),
    similar: (request: SimilarRequest) => similar(holder.current(), request, { settings: settings() }),
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
    counterfactual: async (request: CounterfactualRequest): Promise<Counterfactuals> => {
      const { model, release } = holder.lease()
      try {
        return await counterfactual(model, request, { settings: settings() })
      } finally {
        release()
      }
    },
    recommendGroups: (request: GroupRequest) => recommendGroups(holder.current(), request, { settings: settings() }),
    timeSummary: (request: TimeSummaryRequest) => timeSummary(holder.current(), request, { settings: settings() }),
  }
}
