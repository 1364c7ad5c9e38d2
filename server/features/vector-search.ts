/** Search by a ready vector: for programs that encode for themselves, and for measuring what the search alone costs over HTTP. */
import { Elysia, t } from 'elysia'
import { limits } from '../contract/limits'
import { VectorSearchRequest, VectorSearchResult } from '../contract/vector-search'
import { DomainError } from '../domain/error'
import type { VectorSearchAnswer } from '../domain/json-answer'
import { readQueryVector } from '../domain/query-vector'
import type { Access } from '../http/access'
import type { Admission } from '../http/admission'
import { answerResponse } from '../http/answer-response'
import { bytesOrJsonBody } from '../http/bytes-body'
import { shortRoutes } from '../http/fast-lane'
import { alsoInReference } from '../http/openapi'
import { problemResponses } from '../http/problems'
import { readBytes } from '../http/request-body'

export interface VectorSearchServices {
  /** Throws `vector_wrong_length`, `vector_not_finite`, `vector_zero`, `bad_request`, `deadline_exceeded`, `model_not_loaded`. */
  searchVector: (vector: Float32Array, options: Omit<VectorSearchRequest, 'vector'>, timeoutMs?: number) => VectorSearchAnswer
}

/** As in the body; the framework's own types read numbers of texts. */
const optionsInAddress = t.Object(
  {
    k: t.Optional(t.Integer({ minimum: 1, maximum: limits.vectorSearchMax, description: 'As in the body' })),
    efSearch: t.Optional(t.Integer({ minimum: limits.efSearchMin, maximum: limits.efSearchMax, description: 'As in the body' })),
    recall: t.Optional(t.Number({ minimum: limits.recallMin, maximum: limits.recallMax, description: 'As in the body' })),
  },
  { additionalProperties: false },
)

const octets = {
  'application/octet-stream': {
    schema: {
      type: 'string',
      format: 'binary',
      minLength: 4,
      maxLength: 4 * limits.vectorDimensionsMax,
      description:
        'Little-endian f32, four bytes a dimension of the active version, without anything before or behind; the length is declared',
    },
  },
}

export const vectorSearchRoutes = (access: Access, admission: Admission, services: VectorSearchServices) =>
  new Elysia({ prefix: '/api/v1' }).use(access).post(
    '/search',
    async ({ body: { vector, ...options }, query, request }) => {
      const values = readQueryVector(vector ?? (await sentBytes(request)))
      const answer = await admission.run(request, (timeoutMs) => services.searchVector(values, { ...query, ...options }, timeoutMs))
      return answerResponse<VectorSearchResult>(request, answer, answer.document)
    },
    {
      role: shortRoutes.search.role,
      parse: bytesOrJsonBody(limits.predictBodyBytesMax),
      body: VectorSearchRequest,
      query: optionsInAddress,
      response: { 200: VectorSearchResult, ...problemResponses(400, 401, 403, 413, 415, 422, 503, 504) },
      detail: {
        tags: ['predict'],
        summary: 'The nearest vectors of a vector',
        description:
          "The vector is one of the active version's encoder, of any length but 0. In JSON it is a list of numbers or base64 of little-endian f32, with the options beside it; as application/octet-stream the body is the bytes themselves and the options stand in the address.",
        ...alsoInReference({ body: octets }),
      },
    },
  )

async function sentBytes(request: Request): Promise<Uint8Array> {
  const isJson = request.headers.get('content-type')?.startsWith('application/octet-stream') !== true
  const bytes = isJson ? null : await readBytes(request)
  if (bytes !== null) return bytes
  throw new DomainError('invalid_value', 'the request is not as the contract says', {
    details: [{ path: '/vector', message: 'Expected a vector' }],
  })
}
