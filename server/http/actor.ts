/** Who asks, as the audit names them. */
import type { Actor } from '../domain/actor'
import { DomainError } from '../domain/error'
import type { Principal } from './access'

interface Context {
  user: Principal | null
  set: { headers: Record<string, unknown> }
}

/** Of a request to a route that is not public. Throws `not_authenticated`, which only a route without a role could make it do. */
export function actorOf({ user, set }: Context): Actor {
  if (user === null) throw new DomainError('not_authenticated', 'log in, or send a key')
  const requestId = set.headers['x-request-id']
  return { id: user.kind === 'person' ? user.id : null, name: user.name, requestId: typeof requestId === 'string' ? requestId : null }
}
