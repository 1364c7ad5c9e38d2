/** A batch answered line by line from one model: a prediction an item, or that item's problem. */
import type { BatchLine, PredictBatchRequest, Prediction, PredictRequest } from '../contract/predict'
import { DomainError } from '../domain/error'

/** One model and one configuration held for a whole batch, whatever is activated meanwhile, until `close`. */
export interface Batch {
  version: string
  epoch: number
  configRev: number
  /** At once, or later where the search is long. */
  predict: (request: PredictRequest) => Prediction | Promise<Prediction>
  /** With the error that broke the batch off, if one did. */
  close: (error?: unknown) => void
}

/** Lines in the order of the items, the next asked for when the last is there. A problem of one item is its line; any other error ends the batch. */
export function* batchLines(batch: Batch, { items, ...shared }: PredictBatchRequest): Generator<BatchLine | Promise<BatchLine>> {
  for (let index = 0; index < items.length; index++) yield answer(batch, index, { ...shared, ...items[index] })
}

function answer(batch: Batch, index: number, request: PredictRequest): BatchLine | Promise<BatchLine> {
  const told = (prediction: Prediction): BatchLine => ({ index, prediction })
  const failed = (error: unknown): BatchLine => {
    if (!(error instanceof DomainError)) throw error
    return { index, problem: { code: error.code, message: error.message } }
  }
  try {
    const made = batch.predict(request)
    return made instanceof Promise ? made.then(told, failed) : told(made)
  } catch (error) {
    return failed(error)
  }
}
