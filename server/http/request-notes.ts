/**
 * What the parts that handle a request tell about it, for its line in the log, the figures and the metrics. Notes hang on the request
 * itself and go with it: nothing is shared between requests. Writing one costs less than a microsecond.
 */
import type { CacheUse } from '../contract/access-line'

export interface RequestNotes {
  /** Monotonic ms when the request was first looked at: whoever touches the notes first starts the clock, so that waiting counts. */
  receivedAt: number
  /** When the answer was ready, without the turn of the event loop that the log waits for; null before. */
  answeredAt: number | null
  /** Of the handling: stage → ms. `queue`, `parse`, `validate`, `encode`, `search`, `compose`, `times`, `serialize`. */
  stages: Record<string, number>
  /** Sent back as `x-request-id`. */
  requestId?: string
  version?: string
  epoch?: number
  configRevision?: number
  efSearch?: number
  k?: number
  cache?: CacheUse
  /** Code of the problem that was answered. */
  problem?: string
  /** Who asked: never a name, only the number of the account, or the name of a machine's key. */
  user?: { kind: 'person' | 'key'; id: number; name: string; role: string }
  /** Address of the client, from the trusted hop. */
  client?: string
  bytesOut?: number
}

// Keyed weakly by the request: this is not state of the module but of each request.
const notes = new WeakMap<Request, RequestNotes>()

/** The notes of a request; the first call starts its clock. Write into what comes back. */
export function notesOf(request: Request): RequestNotes {
  let own = notes.get(request)
  if (own === undefined) {
    own = { receivedAt: performance.now(), answeredAt: null, stages: {} }
    notes.set(request, own)
  }
  return own
}
