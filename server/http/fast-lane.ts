/**
 * The short way of a kept answer: a request whose bytes were asked before, of the same model and configuration, is answered before the
 * framework. Nothing is decided here that is not decided by the same functions as there: who asks is looked up each time, headers and
 * origin are checked, and whatever does not end in a kept answer, every refusal too, goes on to the framework as if nothing had been
 * looked at. A kept answer calculates nothing and so stands in no line.
 */
import type { JsonAnswer } from '../domain/json-answer'
import { type Authenticate, enter, type Role } from './access'
import { type AccessRecord, recordOf } from './access-log'
import { answerHeaders, answerResponse } from './answer-response'
import type { ClientOf } from './client'
import { checkOrigin } from './csrf'
import { checkBodyHeaders } from './json-body'
import { bodyBytes } from './request-body'
import { checkRequest, requestIdOf, securityHeaders, transportSecurity } from './request-guard'
import { notesOf } from './request-notes'

export interface FastLaneOptions {
  authenticate: Authenticate
  clientOf: ClientOf
  /** The kept answer to these bytes; null for none. What it throws, the framework's way will throw too. */
  repeat: (bytes: Uint8Array) => JsonAnswer | null
  writeAccess: (record: AccessRecord) => void
  /** So much waits that nothing is read before the door was asked. */
  isCrowded: () => boolean
}

/** The one route whose answers are kept: POST. */
export const keptRoute = { path: '/api/v1/predict', role: 'user:predict' } as const satisfies { path: string; role: Role }

type Handle = (request: Request) => Response | Promise<Response>

/** Longer bodies are read where their parser is. */
const bytesMax = 65_536

export function createFastLane({ authenticate, clientOf, repeat, writeAccess, isCrowded }: FastLaneOptions) {
  const { path, role } = keptRoute
  let answered: { request: Request; response: Response }[] = []
  const isHere = ({ method, url }: Request) => method === 'POST' && url.endsWith(path) && url.indexOf('/', 8) === url.length - path.length

  /** Lines are written when those who asked have their answers. */
  const writeLines = () => {
    const all = answered
    answered = []
    for (const { request, response } of all) {
      const told = { headers: {}, status: 200, route: path, responseValue: response }
      writeAccess(recordOf(request, told, performance.now()))
    }
  }

  let kind: { headers: Headers; of: JsonAnswer; secure: boolean } | null = null
  /** Of the answers of one model and configuration all headers are the same but for the request's id. */
  const headersOf = (answer: JsonAnswer, secure: boolean): Headers => {
    const isSame = ({ of }: { of: JsonAnswer }) =>
      of.version === answer.version && of.epoch === answer.epoch && of.configRev === answer.configRev && of.cache === answer.cache
    if (kind === null || kind.secure !== secure || !isSame(kind)) {
      const headers = new Headers({ ...securityHeaders, ...(secure ? transportSecurity : {}), ...answerHeaders(answer) })
      kind = { headers, of: { ...answer, fields: new Uint8Array(0) }, secure }
    }
    return kind.headers
  }

  const send = (request: Request, answer: JsonAnswer): Response => {
    const own = notesOf(request)
    own.requestId = requestIdOf(request)
    own.stages.parse = performance.now() - own.receivedAt
    const response = answerResponse(request, answer, headersOf(answer, clientOf(request).secure))
    response.headers.set('x-request-id', own.requestId)
    own.answeredAt = performance.now()
    if (answered.length === 0) setImmediate(writeLines)
    answered.push({ request, response })
    return response
  }

  const look = async (request: Request, entered: Promise<void> | undefined, next: Handle): Promise<Response> => {
    let kept: JsonAnswer | null = null
    try {
      await entered
      // an admin is told the stages too
      if (notesOf(request).user?.role !== 'admin') kept = repeat(await bodyBytes(request))
    } catch {
      // refused or broken: said where everything is said
    }
    return kept === null ? next(request) : send(request, kept)
  }

  /** Answers, or lets `next`. */
  return (request: Request, next: Handle): Response | Promise<Response> => {
    if (!isHere(request) || isCrowded() || request.headers.has('x-require-epoch')) return next(request)
    const own = notesOf(request)
    try {
      const length = request.headers.get('content-length')
      if (length === null || !(Number(length) <= bytesMax)) return next(request)
      own.client = clientOf(request).address
      checkRequest(request)
      checkOrigin(request, clientOf)
      checkBodyHeaders(request, bytesMax, ['application/json'])
      return look(request, enter(authenticate, request, role), next)
    } catch {
      return next(request)
    }
  }
}
export type FastLane = ReturnType<typeof createFastLane>
