/** What is known of a request when it was answered: one record each, from which the log line, the figures and the metrics are made. */
import { Elysia } from 'elysia'
import type { ServedRequest } from '../domain/served-request'
import { parseTraceParent } from '../domain/trace'
import { notesOf, type RequestNotes } from './request-notes'

export interface AccessRecord extends ServedRequest {
  traceId: string
  spanId: string
  sampled: boolean
  /** Number of the account, `key:NAME` of a machine; never a login. */
  userId: string | null
  role: string | null
  client: string | null
  userAgent: string
  aborted: boolean
}

/** C0, C1 and the line separators have no business in a log line, though JSON would carry some of them. Half a surrogate pair is no text. */
const printable = (text: string) =>
  text
    .slice(0, 256)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')
    .toWellFormed()

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])
const jsonType = 'application/json;charset=utf-8'

export interface AccessLogOptions {
  /** Of the client, from the trusted hop. */
  addressOf?: (request: Request) => string
  now?: () => number
}

/** Calls `write` after each answer; the clock is in milliseconds and monotonic. */
export const accessLog = (
  write: (record: AccessRecord) => void,
  { addressOf = () => '', now = performance.now.bind(performance) }: AccessLogOptions = {},
) =>
  new Elysia({ name: 'access-log' })
    .onRequest(({ request }) => {
      // now, while the connection is there
      notesOf(request).client ??= addressOf(request)
    })
    .onTransform({ as: 'global' }, ({ request }) => {
      const own = notesOf(request)
      own.stages.parse = now() - own.receivedAt
    })
    .onBeforeHandle({ as: 'global' }, ({ request }) => {
      const own = notesOf(request)
      own.stages.validate = now() - own.receivedAt - (own.stages.parse ?? 0)
    })
    // The answer becomes text here and not in the framework: so its size and the time that it takes are known.
    .mapResponse({ as: 'global' }, ({ request, responseValue, set }) => {
      const own = notesOf(request)
      const text = serialize(own, responseValue, now)
      own.answeredAt = now()
      if (own.user?.role === 'admin') set.headers['server-timing'] = timings(own)
      if (text === undefined) return
      set.headers['content-type'] ??= jsonType
      return text as unknown as Response
    })
    .onAfterResponse({ as: 'global' }, ({ request, set, route, responseValue }) => {
      write(recordOf(request, { headers: set.headers, status: set.status, route, responseValue }, now()))
    })

/** For admins only: how long things take tells others what is kept. */
const timings = ({ stages, cache }: RequestNotes): string =>
  [...Object.entries(stages).map(([stage, ms]) => `${stage};dur=${roundMs(ms)}`), ...(cache ? [`cache;desc=${cache}`] : [])].join(', ')

/** The JSON text of plain data; undefined for what is no data (a text, bytes, a stream, an answer of its own). */
function serialize(own: RequestNotes, value: unknown, now: () => number): string | undefined {
  if (typeof value === 'string') {
    own.bytesOut ??= Buffer.byteLength(value)
    return undefined
  }
  if (value instanceof Uint8Array) {
    own.bytesOut ??= value.byteLength
    return undefined
  }
  const prototype = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined
  if (prototype !== Object.prototype && prototype !== Array.prototype) return undefined
  const startedAt = now()
  const text = JSON.stringify(value)
  own.stages.serialize = now() - startedAt
  own.bytesOut = Buffer.byteLength(text)
  return text
}

export interface Answered {
  headers: Record<string, unknown>
  status?: number | string
  route: string
  responseValue: unknown
}

export function recordOf(request: Request, { headers, status, route, responseValue }: Answered, now: number): AccessRecord {
  const own = notesOf(request)
  const answer = responseValue instanceof Response ? responseValue : null
  const header = (name: string) => headers[name] ?? answer?.headers.get(name) ?? undefined
  const number = (value: unknown) => (value === undefined || value === null ? null : Number(value))
  const trace = parseTraceParent(request.headers.get('traceparent'))
  const random = crypto.getRandomValues(new Uint8Array(trace === null ? 24 : 8)).toHex()
  const version = own.version ?? header('x-model-version')
  for (const stage in own.stages) own.stages[stage] = roundMs(own.stages[stage])
  return {
    requestId: own.requestId ?? answer?.headers.get('x-request-id') ?? '',
    traceId: trace?.traceId ?? random.slice(16),
    spanId: random.slice(0, 16),
    sampled: trace?.sampled ?? false,
    method: methods.has(request.method) ? request.method : 'OTHER',
    route: route || '-',
    status: answer?.status ?? (Number(status ?? 200) || 200),
    problem: own.problem ?? null,
    latencyMs: roundMs((own.answeredAt ?? now) - own.receivedAt),
    stages: own.stages,
    activeVersion: version === undefined ? null : String(version),
    epoch: own.epoch ?? number(header('x-model-epoch')),
    configRevision: own.configRevision ?? number(header('x-config-rev')),
    efSearch: own.efSearch ?? null,
    k: own.k ?? null,
    cache: own.cache ?? null,
    bytesIn: bytesIn(request),
    bytesOut: own.bytesOut ?? null,
    userId: own.user === undefined ? null : own.user.kind === 'key' ? own.user.name : String(own.user.id),
    role: own.user === undefined ? null : own.user.kind === 'key' ? 'key' : own.user.role,
    client: own.client || null,
    userAgent: printable(request.headers.get('user-agent') ?? ''),
    aborted: request.signal.aborted,
  }
}

/** Of a request that was refused at the door, before any route was looked at. Its path is one of the few that have no parameters. */
export function refusedRecord(request: Request, answer: Response, client: string): AccessRecord {
  Object.assign(notesOf(request), { problem: answer.status === 429 ? 'too_many_attempts' : 'overloaded', client })
  return recordOf(
    request,
    { headers: {}, status: answer.status, route: new URL(request.url).pathname, responseValue: answer },
    performance.now(),
  )
}

const roundMs = (ms: number) => Math.round(ms * 1_000) / 1_000

/** Bytes of the body as the client declared them; null when it did not. */
function bytesIn(request: Request): number | null {
  const declared = request.headers.get('content-length')
  if (declared !== null) return /^\d{1,15}$/.test(declared) ? Number(declared) : null
  return request.body === null ? 0 : null
}
