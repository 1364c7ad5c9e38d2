/** What is refused before any route is looked at, and the headers that every answer carries. */
import { Elysia } from 'elysia'
import { limits } from '../contract/limits'
import { DomainError } from '../domain/error'
import { notesOf } from './request-notes'

/** `style-src` allows inline styles because the screens' kit injects its colours; scripts come from this server only. */
export const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** Of answers that came over TLS. */
export const transportSecurity = { 'strict-transport-security': 'max-age=31536000' }

const requestIdPattern = /^[A-Za-z0-9_-]{8,64}$/

/** The client's own id when it is well-formed, else a new one. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get('x-request-id')
  return given !== null && requestIdPattern.test(given) ? given : crypto.randomUUID()
}

/** Sets `x-request-id` (the client's own when it is well-formed) and refuses TRACE, CONNECT, two hosts and repeated query keys. */
export const requestGuard = () =>
  new Elysia({ name: 'request-guard' }).headers(securityHeaders).onRequest(({ request, set }) => {
    const requestId = requestIdOf(request)
    set.headers['x-request-id'] = requestId
    notesOf(request).requestId = requestId
    checkRequest(request)
  })

/** Throws `method_not_allowed`, `bad_request` or `body_too_large`. */
export function checkRequest(request: Request): void {
  if (request.method === 'TRACE' || request.method === 'CONNECT') {
    throw new DomainError('method_not_allowed', 'this method is not accepted')
  }
  // Bun joins repeated headers: a second Host shows as a comma.
  if (request.headers.get('host')?.includes(',')) throw new DomainError('bad_request', 'there must be one Host header')
  if (Number(request.headers.get('content-length') ?? 0) > limits.batchBodyBytesMax) {
    throw new DomainError('body_too_large', `the body has more than ${limits.batchBodyBytesMax} bytes`)
  }
  const question = request.url.indexOf('?')
  if (question !== -1) checkQuery(request.url.slice(question + 1))
}

/** Which of two equal keys counts is answered differently by every proxy: neither. */
function checkQuery(query: string): void {
  const keys = [...new URLSearchParams(query).keys()]
  if (new Set(keys).size !== keys.length) throw new DomainError('bad_request', 'a query key appears twice')
}
