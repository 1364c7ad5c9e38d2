/** Time summaries by operation and resource. */
import { Elysia } from 'elysia'
import { limits } from '../contract/limits'
import { TimeSummary, TimeSummaryRequest } from '../contract/time'
import type { JsonTable } from '../domain/json-table'
import type { Access } from '../http/access'
import { jsonBody } from '../http/json-body'
import { modelHeaders } from '../http/model-headers'
import { problemResponses } from '../http/problems'
import { tableResponse } from '../http/table-response'

export interface TimeServices {
  /** Throws `not_found` for an operation that the version does not know. */
  timeSummary: (request: TimeSummaryRequest) => JsonTable
}

export const timeRoutes = (access: Access, { timeSummary }: TimeServices) =>
  new Elysia({ prefix: '/api/v1/time' })
    .use(access)
    .use(modelHeaders())
    .post('/summary', ({ body, request }) => tableResponse<TimeSummary>(request, timeSummary(body)), {
      role: 'user:predict',
      parse: jsonBody(limits.predictBodyBytesMax),
      body: TimeSummaryRequest,
      response: { 200: TimeSummary, ...problemResponses(400, 401, 403, 404, 413, 415, 422, 503) },
      detail: { tags: ['time'], summary: 'Times of an operation, on one resource or on all' },
    })
