/** Who may call a route. Every route names its `role`; a machine's key needs the scope behind the colon, and without one it is refused. */
import { type DocumentDecoration, Elysia } from 'elysia'
import type { PersonRole } from '../contract/account'
import type { KeyScope } from '../contract/api-key'
import { DomainError } from '../domain/error'
import { notesOf } from './request-notes'

/** public: anybody. self: people about themselves, also before a password that must change. user, admin: people. `user:SCOPE`: people, and machines whose key has the scope. */
export type Role = 'public' | 'self' | PersonRole | `user:${KeyScope}`

/** Who asks, as the session or the key says at this moment. */
export interface Principal {
  kind: 'person' | 'key'
  /** Of the person; of a key 0. */
  id: number
  /** For the audit and the ledger: the login, or `key:NAME`. */
  name: string
  role: PersonRole
  /** Of a key; people have none. */
  scopes: readonly KeyScope[]
  /** Of a person: the session's id. */
  session: string | null
  mustChangePassword: boolean
  /** Known from memory while the database cannot be read: good for asking, not for changing anything. */
  stale?: true
}

/** Finds who asks; null for nobody. Throws only what is nobody's fault but ours (`database_unavailable`). */
export type Authenticate = (request: Request) => Promise<Principal | null> | Principal | null

/** The macro `role`: gives `{ user }` to the handler, null on public routes. Throws `not_authenticated`, `forbidden`, `password_change_needed`. */
export const createAccess = (authenticate: Authenticate) =>
  new Elysia({ name: 'access' }).macro({
    role: (role: Role) => ({
      // Kept with the route, for the reference and for the test that every route has one.
      detail: { 'x-role': role.split(':')[0], ...(role.includes(':') ? { 'x-scope': role.split(':')[1] } : {}) } as DocumentDecoration,
      // Before anything of the request is checked: whoever may not ask learns nothing of what would be valid.
      ...(role === 'public' ? {} : { transform: ({ request }: { request: Request }) => enter(authenticate, request, role) }),
      resolve: ({ request }): { user: Principal | null } => ({ user: role === 'public' ? null : (askers.get(request) ?? null) }),
    }),
  })
export type Access = ReturnType<typeof createAccess>

// Keyed weakly by the request: this is not state of the module but of each request.
const askers = new WeakMap<Request, Principal>()

/** Notes who asks, at once for a key. A second call for the same request costs nothing. Throws or rejects with `not_authenticated`, `forbidden`, `password_change_needed`. */
export function enter(authenticate: Authenticate, request: Request, role: Exclude<Role, 'public'>): Promise<void> | undefined {
  if (askers.has(request)) return
  const user = authenticate(request)
  if (user instanceof Promise) return user.then((found) => letIn(request, found, role))
  letIn(request, user, role)
}

function letIn(request: Request, user: Principal | null, role: Exclude<Role, 'public'>): void {
  if (user === null) throw new DomainError('not_authenticated', 'log in, or send a key')
  notesOf(request).user = user
  checkRole(user, role)
  askers.set(request, user)
}

function checkRole(user: Principal, role: Exclude<Role, 'public'>): void {
  if (user.kind === 'key') {
    const scope = role.split(':')[1] as KeyScope | undefined
    if (scope === undefined || !user.scopes.includes(scope)) throw new DomainError('forbidden', 'the key has no scope for this')
    return
  }
  if (user.stale && (role === 'admin' || role === 'self')) {
    throw new DomainError('database_unavailable', 'the database cannot be read at this moment')
  }
  if (role === 'admin' && user.role !== 'admin') throw new DomainError('forbidden', 'this needs a higher role')
  if (user.mustChangePassword && role !== 'self') throw new DomainError('password_change_needed', 'set a new password first')
}
