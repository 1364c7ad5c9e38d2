/**
 * The short way of the two routes that are asked most: a prediction whose bytes were asked before, of the same model and configuration,
 * and a search by vector in the usual spelling are answered before the framework. Nothing is decided here that is not decided by the
 * same functions as there: who asks is looked up each time, headers and origin are checked, and whatever does not end in an answer, every
 * refusal too, goes on to the framework as if nothing had been looked at. A kept answer calculates nothing and so stands in no line; a
 * search passes the same door and waits in the same line as there.
 */
import { type AnswerOrigin, answerDocument, type JsonAnswer, type VectorSearchAnswer } from '../domain/json-answer'
import { readVectorBytes, readVectorSearch, type VectorSearchBody } from '../domain/vector-search-body'
import { type Authenticate, enter, type Role } from './access'
import { type AccessRecord, recordOf } from './access-log'
import type { Admission } from './admission'
import { answerHeaders, answerResponse } from './answer-response'
import type { ClientOf } from './client'
import { checkOrigin } from './csrf'
import { checkBodyHeaders } from './json-body'
import { bodyBytes } from './request-body'
import { checkRequest, requestIdOf, securityHeaders, transportSecurity } from './request-guard'
import { notesOf } from './request-notes'
import { pathOf } from './request-path'

export interface FastLaneOptions {
  authenticate: Authenticate
  clientOf: ClientOf
  /** The kept answer to these bytes; null for none. What it throws, the framework's way will throw too. */
  repeat: (bytes: Uint8Array) => JsonAnswer | null
  /** As the route's. */
  search: (vector: VectorSearchBody['vector'], options: VectorSearchBody['options'], timeoutMs: number) => VectorSearchAnswer
  writeAccess: (record: AccessRecord) => void
  admission: Admission
}

/** POST. */
export const shortRoutes = {
  predict: { path: '/api/v1/predict', role: 'user:predict' },
  search: { path: '/api/v1/search', role: 'user:predict' },
} as const satisfies Record<string, { path: string; role: Role }>

type Handle = (request: Request) => Response | Promise<Response>
type Route = (typeof shortRoutes)[keyof typeof shortRoutes]

/** An answer with its bytes, which are good until the next one. */
interface Made {
  of: AnswerOrigin
  document: Uint8Array<ArrayBuffer>
}
type Answer = (request: Request, bytes: Uint8Array<ArrayBuffer>) => Made | null | Promise<Made>

/** Longer bodies are read where their parser is. */
const bytesMax = 65_536
const [json, raw] = ['application/json', 'application/octet-stream']

export function createFastLane({ authenticate, clientOf, repeat, search, writeAccess, admission }: FastLaneOptions) {
  let answered: { request: Request; response: Response; path: string }[] = []

  /** Lines are written when those who asked have their answers. */
  const writeLines = () => {
    const all = answered
    answered = []
    for (const { request, response, path } of all) {
      const told = { headers: {}, status: 200, route: path, responseValue: response }
      writeAccess(recordOf(request, told, performance.now()))
    }
  }

  const send = (request: Request, { path }: Route, { of, document }: Made, headers: Headers): Response => {
    const own = notesOf(request)
    own.requestId = requestIdOf(request)
    const response = answerResponse(request, of, document, headers)
    response.headers.set('x-request-id', own.requestId)
    own.answeredAt = performance.now()
    if (answered.length === 0) setImmediate(writeLines)
    answered.push({ request, response, path })
    return response
  }

  /** Answers by `answer`, or lets `next`. */
  const way = (route: Route, types: readonly string[], answer: Answer) => {
    const headersOf = headersOfKind()
    const look = async (request: Request, entered: Promise<void> | undefined, next: Handle): Promise<Response> => {
      let made: Made | null = null
      try {
        await entered
        // an admin is told the stages too
        if (notesOf(request).user?.role !== 'admin') made = await answer(request, await bodyBytes(request))
      } catch {
        // refused or broken: said where everything is said
      }
      return made === null ? next(request) : send(request, route, made, headersOf(made.of, clientOf(request).secure))
    }
    return (request: Request, next: Handle): Response | Promise<Response> => {
      const own = notesOf(request)
      try {
        const length = request.headers.get('content-length')
        if (length === null || !(Number(length) <= bytesMax)) return next(request)
        own.client = clientOf(request).address
        checkRequest(request)
        checkOrigin(request, clientOf)
        checkBodyHeaders(request, bytesMax, [...types])
        return look(request, enter(authenticate, request, route.role), next)
      } catch {
        return next(request)
      }
    }
  }

  const kept = way(shortRoutes.predict, [json], (request, bytes) => {
    const of = repeat(bytes)
    noteParsed(request)
    return of && { of, document: answerDocument(of) }
  })

  const found = way(shortRoutes.search, [json, raw], (request, bytes) => {
    const { url, headers } = request
    const question = url.indexOf('?')
    const query = question === -1 ? '' : url.slice(question + 1)
    const isRaw = headers.get('content-type') === raw
    if (!isRaw && query !== '') return null
    const asked = isRaw ? readVectorBytes(bytes, query) : readVectorSearch(bytes)
    if (asked === null) return null
    noteParsed(request)
    return admission.run(request, (timeoutMs) => {
      const of = search(asked.vector, asked.options, timeoutMs)
      return { of, document: of.document }
    })
  })

  /** Answers, or hands on to `handle`; what is calculated passes the door first. */
  return (request: Request, handle: Handle): Response | Promise<Response> => {
    const path = pathOf(request)
    const isShort = request.method === 'POST' && !request.headers.has('x-require-epoch')
    if (path === shortRoutes.predict.path && isShort && !admission.isCrowded())
      return kept(request, (request) => admission.admit(request, handle))
    return admission.admit(request, path === shortRoutes.search.path && isShort ? (request) => found(request, handle) : handle)
  }
}
export type FastLane = ReturnType<typeof createFastLane>

/** Of the answers of one model and configuration all headers are the same but for the request's id. */
function headersOfKind() {
  let kind: { headers: Headers; of: AnswerOrigin; secure: boolean } | null = null
  return (answer: AnswerOrigin, secure: boolean): Headers => {
    const isSame = ({ of }: { of: AnswerOrigin }) =>
      of.version === answer.version && of.epoch === answer.epoch && of.configRev === answer.configRev && of.cache === answer.cache
    if (kind === null || kind.secure !== secure || !isSame(kind)) {
      const headers = new Headers({ ...securityHeaders, ...(secure ? transportSecurity : {}), ...answerHeaders(answer) })
      const { version, epoch, configRev, efSearch, k, timingsMs, cache } = answer
      kind = { headers, of: { version, epoch, configRev, efSearch, k, timingsMs, cache }, secure }
    }
    return kind.headers
  }
}

function noteParsed(request: Request): void {
  const own = notesOf(request)
  own.stages.parse = performance.now() - own.receivedAt
}
