/** One call to the server: JSON in both directions, one class of error, and a session that renews itself. */
import { type ApiProblem, offlineProblem, parseProblem } from './api-problem'
import { sessionKeeper } from './session-keeper'

/** Milliseconds after which a silent server counts as away. The server's own deadline is 2 s. */
const SILENCE_MS = 15_000

export interface CallOptions {
  /** GET without a body, POST with one, unless told. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  signal?: AbortSignal
  /** A status that is an answer as well, beside 2xx. */
  alsoStatus?: number
  /** The revision that a change was made on: refused with `stale_revision` when there is a newer one. */
  ifMatch?: number | string
  /** Further headers, for example `x-note`. */
  headers?: Record<string, string>
  /** For calls that may take longer than an answer does. */
  silenceMs?: number
  /** When nobody is logged in: ask the person (the default), only renew silently, or leave it as it is. */
  session?: 'ask' | 'refresh' | 'none'
}

/** @throws ApiProblem; an aborted call throws what `fetch` throws */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const { session = 'ask', signal } = options
  try {
    return await send<T>(path, options)
  } catch (error) {
    const refused = error as Partial<ApiProblem>
    if (refused.code !== 'not_authenticated' || session === 'none') throw error
    const back = await (session === 'ask' ? sessionKeeper.renew() : sessionKeeper.refresh())
    if (!back) throw error
    // A newer question replaced this one while the person logged in.
    signal?.throwIfAborted()
    return send<T>(path, options)
  }
}

async function send<T>(path: string, options: CallOptions): Promise<T> {
  const { body, signal, alsoStatus, method = body === undefined ? 'GET' : 'POST', ifMatch, headers, silenceMs = SILENCE_MS } = options
  const timeout = AbortSignal.timeout(silenceMs)
  // The server takes no other kind of body, so a page of another site cannot make a browser send one.
  const sent = method === 'POST' && body === undefined ? {} : body
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
        ...headers,
      },
      body: sent === undefined ? undefined : JSON.stringify(sent),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
  } catch (cause) {
    // A newer question replaced this one: no problem to show.
    if (signal?.aborted) throw cause
    throw offlineProblem()
  }
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok && (response.status !== alsoStatus || answer === null))
    throw parseProblem(answer, response.status, secondsToWait(response))
  return answer as T
}

/** Of `Retry-After`: whole seconds, which is the only form that the server sends. */
function secondsToWait(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null
}

export const search = (parameters: Record<string, string | number>) =>
  new URLSearchParams(Object.entries(parameters).map(([key, value]) => [key, String(value)])).toString()
