/** Ports: is one free, and what to say when it is not. */
import { DomainError } from '../domain/error'

/** The number of a port that can be listened on at this moment: the given one, for 0 any. Throws as `listenProblem` says. */
export async function freePort({ port, host }: { port: number; host: string }): Promise<number> {
  try {
    const probe = Bun.serve({ port, hostname: host, fetch: () => new Response() })
    const number = probe.port as number
    await probe.stop(true)
    return number
  } catch (cause) {
    throw listenProblem(cause, host, port)
  }
}

/** `busy`, `forbidden` or `bad_request` with advice; what is none of these as it is. */
export function listenProblem(cause: unknown, host: string, port: number): unknown {
  const { code } = cause as { code?: string }
  if (code === 'EADDRINUSE') {
    return new DomainError('busy', `port ${port} is taken by another program; stop it or choose one with --port`, { cause })
  }
  if (code === 'EACCES') return new DomainError('forbidden', `port ${port} needs more rights; choose one above 1023 with --port`, { cause })
  if (code === 'EADDRNOTAVAIL') return new DomainError('bad_request', `${host} is no address of this machine`, { cause })
  return cause
}
