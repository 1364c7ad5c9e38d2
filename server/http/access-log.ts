/** One structured line per request: the route's template, never the path; what answered (version, epoch), how, and how fast. */
import { Elysia } from 'elysia'

export interface AccessRecord {
  requestId: string
  method: string
  /** Template, for example `/api/v1/items/:code`; `-` when no route matched. */
  route: string
  status: number
  latencyMs: number
  activeVersion: string | null
  epoch: number | null
  userAgent: string
}

/** C0, C1 and the line separators have no business in a log line, though JSON would carry some of them. */
const printable = (text: string) => text.slice(0, 256).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')

/** Calls `write` after each answer; the clock is in milliseconds and monotonic. */
export const accessLog = (write: (record: AccessRecord) => void, now: () => number = performance.now.bind(performance)) => {
  const startedAt = new WeakMap<Request, number>()
  return new Elysia({ name: 'access-log' })
    .onRequest(({ request }) => {
      startedAt.set(request, now())
    })
    .onAfterResponse({ as: 'global' }, ({ request, set, route, responseValue }) => {
      const version = set.headers['x-model-version']
      write({
        requestId: String(set.headers['x-request-id'] ?? ''),
        method: request.method,
        route: route || '-',
        status: responseValue instanceof Response ? responseValue.status : Number(set.status ?? 200),
        latencyMs: Math.round((now() - (startedAt.get(request) ?? now())) * 1000) / 1000,
        activeVersion: version === undefined ? null : String(version),
        epoch: version === undefined ? null : Number(set.headers['x-model-epoch']),
        userAgent: printable(request.headers.get('user-agent') ?? ''),
      })
    })
}
