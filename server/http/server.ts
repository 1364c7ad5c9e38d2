/** The listening socket: one app on one port. */
import type { AnyElysia } from 'elysia'
import { limits } from '../contract/limits'
import { DomainError } from '../domain/error'
import type { Admission } from './admission'

export interface ListenOptions {
  port: number
  host: string
  /** Lets several processes share the port (Linux). */
  shared?: boolean
  /** The door of requests that are calculated. */
  admission?: Admission
}

/** Seconds without a byte in either direction after which a connection is closed. */
const idleSeconds = 15
const switching = /\/api\/v1\/models\/(rollback|[^/?]+\/activate)(\?|$)/

/**
 * Starts listening. All requests go through the app, also those whose body the app refuses: the runtime's own bound is only a second
 * line, because its refusal has no envelope.
 * Throws `port_taken` or `forbidden`.
 */
export function serveApp(app: AnyElysia, { port, host, shared = false, admission }: ListenOptions): Bun.Server<undefined> {
  const handle = (request: Request) => app.fetch(request)
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
        return admission === undefined ? handle(request) : admission.admit(request, handle)
      },
    })
  } catch (cause) {
    throw listenProblem(cause, host, port)
  }
}

function listenProblem(cause: unknown, host: string, port: number): unknown {
  const { code } = cause as { code?: string }
  if (code === 'EADDRINUSE') {
    return new DomainError('busy', `port ${port} is taken by another program; stop it or choose one with --port`, { cause })
  }
  if (code === 'EACCES') return new DomainError('forbidden', `port ${port} needs more rights; choose one above 1023 with --port`, { cause })
  if (code === 'EADDRNOTAVAIL') return new DomainError('bad_request', `${host} is no address of this machine`, { cause })
  return cause
}
