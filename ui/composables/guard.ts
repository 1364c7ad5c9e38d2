/** Which page a person gets who wants another one. The server refuses by itself; this spares them the refusal. */
import type { RouteLocationNormalized, RouteLocationRaw, Router } from 'vue-router'
import type { Me, PersonRole } from '../../server/contract/account'
import type { useSession } from './session'

export interface Visitor {
  me: Pick<Me, 'role' | 'mustChangePassword'> | null
  state: 'unknown' | 'in' | 'out'
  setupOpen: boolean
}
export interface Wanted {
  path: string
  fullPath: string
  /** `door`: for those who are not in yet. */
  door: boolean
  role: PersonRole
}
export type Decision = 'pass' | 'home' | 'setup' | 'login' | 'account' | 'refuse'

/** Pure. */
export function decide({ me, state, setupOpen }: Visitor, { path, door, role }: Wanted): Decision {
  // The server could not say who this is: the page will show what is wrong.
  if (state === 'unknown') return 'pass'
  if (me === null) {
    if (setupOpen && (!door || path === '/login')) return 'setup'
    return door ? 'pass' : 'login'
  }
  if (me.mustChangePassword) return path === '/account' ? 'pass' : 'account'
  if (door) return 'home'
  return role === 'admin' && me.role !== 'admin' ? 'refuse' : 'pass'
}

/** An address of these screens, from a query that anybody may have written; the start for anything else. */
export const safeNext = (next: unknown): string => (typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/')

const wantedOf = ({ path, fullPath, meta }: RouteLocationNormalized): Wanted => ({
  path,
  fullPath,
  door: meta.door ?? false,
  role: meta.role ?? 'user',
})

const targets = {
  pass: () => true,
  home: (to) => safeNext(to.query.next),
  setup: () => '/setup',
  login: (to) => ({ path: '/login', query: to.path === '/' ? {} : { next: to.fullPath } }),
  account: () => '/account',
  // The address stays: it is right, only not for this person.
  refuse: (to) => ({ name: 'refused', params: { path: to.path.slice(1).split('/') }, query: to.query, hash: to.hash }),
} satisfies Record<Decision, (to: RouteLocationNormalized) => RouteLocationRaw | true>

/** Asks who this is before the first page, and again as long as the server could not say. */
export function guard(router: Router, session: ReturnType<typeof useSession>): Router {
  router.beforeEach(async (to) => {
    if (to.name === 'refused') return true
    if (session.state === 'unknown') await session.load()
    return targets[decide(session, wantedOf(to))](to)
  })
  return router
}
