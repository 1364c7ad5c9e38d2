/** The listening socket: one app on one port. */
import type { AnyElysia } from 'elysia'
import { limits } from '../contract/limits'
import type { Admission } from './admission'
import type { FastLane } from './fast-lane'
import type { LoginDoor } from './login-door'
import { listenProblem } from './port'

export interface ListenOptions {
  port: number
  host: string
  /** Lets several processes share the port (Linux). */
  shared?: boolean
  /** The door of requests that are calculated. */
  admission?: Admission
  /** The short way of kept answers and searches; it asks the door itself. */
  fastLane?: FastLane
  /** The door of log-ins. */
  loginDoor?: LoginDoor
  /** While it says so, each answer closes its connection. */
  isStopping?: () => boolean
}

/**
 * Seconds without a byte in either direction, or in which less than a trickle of a body came, after which a connection is closed. The
 * runtime counts in steps of four.
 */
const idleSeconds = 12
const switching = /\/api\/v1\/models\/(rollback|[^/?]+\/activate)(\?|$)/

/**
 * Starts listening. All requests go through the app, also those whose body the app refuses: the runtime's own bound is only a second
 * line, because its refusal has no envelope.
 * Throws `port_taken` or `forbidden`.
 */
export function serveApp(
  app: AnyElysia,
  { port, host, shared = false, admission, fastLane, loginDoor, isStopping = () => false }: ListenOptions,
): Bun.Server<undefined> {
  const handle = (request: Request) => app.fetch(request)
  const pass = (request: Request) => (admission === undefined ? handle(request) : admission.admit(request, handle))
  // nothing is sent while the workers prepare a version
  const patient = (request: Request, server: Bun.Server<undefined>) => {
    if (request.method === 'POST' && switching.test(request.url)) server.timeout(request, 0)
  }
  try {
    return Bun.serve({
      port,
      hostname: host,
      reusePort: shared,
      idleTimeout: idleSeconds,
      maxRequestBodySize: 2 * limits.batchBodyBytesMax,
      development: false,
      fetch: (request, server) => {
        patient(request, server)
        const answer = loginDoor?.refuse(request) ?? (fastLane === undefined ? pass(request) : fastLane(request, handle))
        return isStopping() ? lastOf(answer) : answer
      },
    })
  } catch (cause) {
    throw listenProblem(cause, host, port)
  }
}

/** A client that hears this opens another connection, there or elsewhere, instead of losing a request on this one. */
async function lastOf(answer: Response | Promise<Response>): Promise<Response> {
  const last = await answer
  last.headers.set('connection', 'close')
  return last
}
