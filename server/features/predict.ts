/** Predictions: one item, many items as a stream, and the similar items alone. */
import { type DocumentDecoration, Elysia } from 'elysia'
import { limits } from '../contract/limits'
import { BatchLine, PredictBatchRequest, Prediction, PredictRequest, Similar, SimilarRequest } from '../contract/predict'
import { answerDocument, type JsonAnswer } from '../domain/json-answer'
import { requireOneBreadth } from '../domain/settings'
import type { Access } from '../http/access'
import type { Admission } from '../http/admission'
import { answerResponse } from '../http/answer-response'
import { shortRoutes } from '../http/fast-lane'
import { jsonBody } from '../http/json-body'
import { modelHeaders } from '../http/model-headers'
import { ndjsonResponse } from '../http/ndjson'
import { problemResponses } from '../http/problems'
import { readBytes } from '../http/request-body'
import { type Batch, batchLines } from './predict-batch'

export interface PredictServices {
  /** At once, or later where the search is long. Throws `unknown_item`, `unknown_attribute`, `invalid_value`, `model_not_loaded`. */
  predict: (request: PredictRequest, bytes?: Uint8Array | null, timeoutMs?: number) => JsonAnswer | Promise<JsonAnswer>
  /** The kept answer to a request with the same bytes; null: `predict` must be asked. Throws `model_not_loaded`. */
  repeat: (bytes: Uint8Array) => JsonAnswer | null
  similar: (request: SimilarRequest, timeoutMs?: number) => Similar | Promise<Similar>
  /** `timeoutMs`: what a line may take. Throws `model_not_loaded`. */
  openBatch: (timeoutMs?: number) => Batch
}

const problems = problemResponses(400, 401, 403, 404, 413, 415, 422, 503, 504)
const tags = ['predict']
const parse = jsonBody(limits.predictBodyBytesMax)

/** A stream is no JSON document: its lines are described here, since the route's own `response` would make one of it. */
const batchResponses = {
  200: { description: 'One line an item', content: { 'application/x-ndjson': { schema: BatchLine } } },
  ...Object.fromEntries(
    Object.entries(problems).map(([status, schema]) => [status, { description: 'Problem', content: { 'application/json': { schema } } }]),
  ),
} as unknown as NonNullable<DocumentDecoration['responses']>

export const predictRoutes = (access: Access, admission: Admission, services: PredictServices) =>
  new Elysia({ prefix: '/api/v1' })
    .use(access)
    .use(modelHeaders())
    .post(
      '/predict',
      async ({ body, request }) => {
        const bytes = await readBytes(request)
        const answer = await admission.run(request, (timeoutMs) => services.predict(body, bytes, timeoutMs))
        return answerResponse<Prediction>(request, answer, answerDocument(answer))
      },
      {
        role: shortRoutes.predict.role,
        parse,
        body: PredictRequest,
        response: { 200: Prediction, ...problems },
        detail: { tags, summary: 'Draft routings for one item', description: 'By attributes, or by the key of a known item.' },
      },
    )
    .post('/predict/batch', ({ body, request }) => streamBatch(admission, services.openBatch, body, request), {
      role: 'user:predict',
      parse: jsonBody(limits.batchBodyBytesMax),
      body: PredictBatchRequest,
      detail: {
        tags,
        summary: 'Draft routings for many items',
        description: `Up to ${limits.batchItemsMax} items; the answer is NDJSON, one line an item in their order, sent while it is made.`,
        responses: batchResponses,
      },
    })
    .post('/similar', ({ body, request }) => admission.run(request, (timeoutMs) => services.similar(body, timeoutMs)), {
      role: 'user:predict',
      parse,
      body: SimilarRequest,
      response: { 200: Similar, ...problems },
      detail: { tags, summary: 'Similar items with reasons' },
    })

function streamBatch(admission: Admission, open: PredictServices['openBatch'], body: PredictBatchRequest, request: Request): Response {
  // before the answer has begun: it would be the problem of every line
  requireOneBreadth(body)
  const place = admission.openLong(request)
  try {
    const batch = open(admission.deadlineMs)
    const close = (error?: unknown) => {
      place.close()
      batch.close(error)
    }
    const headers = { 'x-model-version': batch.version, 'x-model-epoch': String(batch.epoch), 'x-config-rev': String(batch.configRev) }
    return ndjsonResponse(batchLines(batch, body), { signal: request.signal, turn: () => admission.turn(), close, headers })
  } catch (error) {
    place.close()
    throw error
  }
}
