/** A batch answered line by line from one model: a prediction an item, or that item's problem. */
import type { BatchLine, PredictBatchRequest, Prediction, PredictRequest } from '../contract/predict'
import { DomainError } from '../domain/error'

/** One model and one configuration held for a whole batch, whatever is activated meanwhile, until `close`. */
export interface Batch {
  version: string
  epoch: number
  configRev: number
  predict: (request: PredictRequest) => Prediction
  /** With the error that broke the batch off, if one did. */
  close: (error?: unknown) => void
}

/** Lines in the order of the items. A problem of one item is its line; any other error ends the batch. */
export function* batchLines(batch: Batch, { items, ...shared }: PredictBatchRequest): Generator<BatchLine> {
  for (let index = 0; index < items.length; index++) yield answer(batch, index, { ...shared, ...items[index] })
}

function answer(batch: Batch, index: number, request: PredictRequest): BatchLine {
  try {
    return { index, prediction: batch.predict(request) }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return { index, problem: { code: error.code, message: error.message } }
  }
}
