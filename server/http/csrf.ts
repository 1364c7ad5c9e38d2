/**
 * No other site makes a browser change anything here. Cookies go along with requests of any page of the same site, so what counts is
 * what the browser says about the page: `Sec-Fetch-Site`, or `Origin` where that is absent (plain http). Programs with a key and
 * without cookies are none of this.
 */
import { Elysia } from 'elysia'
import { DomainError } from '../domain/error'
import type { ClientOf } from './client'
import { transportSecurity } from './request-guard'
import { notesOf } from './request-notes'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])
const formTypes = /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i

/** Throws `cross_site`, `unsupported_media_type`. Also notes the client for the log; over TLS the browser is told to stay there. */
export const csrfGuard = (clientOf: ClientOf) =>
  new Elysia({ name: 'csrf-guard' }).onRequest(({ request, set }) => {
    const { address, secure } = clientOf(request)
    notesOf(request).client = address
    if (secure) Object.assign(set.headers, transportSecurity)
    if (!safe.has(request.method)) checkOrigin(request, clientOf)
  })

export function checkOrigin(request: Request, clientOf: ClientOf): void {
  const { headers } = request
  if (headers.has('authorization') && !headers.has('cookie')) return
  const site = headers.get('sec-fetch-site')
  if (site !== null ? site !== 'same-origin' && site !== 'none' : !isOwnOrigin(headers.get('origin'), clientOf(request))) {
    throw new DomainError('cross_site', 'a page of another site asked for this')
  }
  // The kinds that a form can send without asking first.
  if (formTypes.test(headers.get('content-type') ?? '')) {
    throw new DomainError('unsupported_media_type', 'the body must be application/json')
  }
}

/** Programs send no origin. A proxy that is not known to speak TLS may still do: then the scheme is left open. */
function isOwnOrigin(origin: string | null, { host, secure }: { host: string; secure: boolean }): boolean {
  if (origin === null) return true
  try {
    const url = new URL(origin)
    return new URL(`${url.protocol}//${host}`).host === url.host && (url.protocol === 'https:' || (url.protocol === 'http:' && !secure))
  } catch {
    return false
  }
}
