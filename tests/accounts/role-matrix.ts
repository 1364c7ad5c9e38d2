/** Asks every route as everybody and says what came of it: the matrix of routes and roles, made from the router itself. */
import type { AnyElysia } from 'elysia'
import type { PeopleApp } from './people-app'
import { routeRequests } from './route-requests'

export const askers = [
  'anonymous',
  'pending',
  'suspended',
  'must change',
  'user',
  'admin',
  'key predict',
  'key read',
  'key export',
] as const
export type Asker = (typeof askers)[number]
/** What may come: let in, sent away for being nobody (401), or for being the wrong one (403). */
export type Verdict = 'in' | '401' | '403'

export interface RouteRole {
  name: string
  role: string
  scope: string | null
}

/** Every route of the app with what it says about who may call it. */
export const routesOf = (app: AnyElysia): RouteRole[] =>
  app.routes.map(({ method, path, hooks }) => {
    const detail = (hooks as { detail?: Record<string, string> }).detail ?? {}
    return { name: `${method} ${path}`, role: detail['x-role'] ?? 'none', scope: detail['x-scope'] ?? null }
  })

/** What the route's role says must come. */
export function expected({ role, scope }: RouteRole, asker: Asker): Verdict {
  if (role === 'public') return 'in'
  if (asker === 'anonymous' || asker === 'pending' || asker === 'suspended') return '401'
  if (asker.startsWith('key ')) return asker === `key ${scope}` ? 'in' : '403'
  if (asker === 'must change') return role === 'self' ? 'in' : '403'
  return role === 'admin' && asker !== 'admin' ? '403' : 'in'
}

export interface Cell {
  route: RouteRole
  asker: Asker
  status: number
  verdict: Verdict
}

/** Fills the app with one of each kind. */
export async function fillPeople(app: PeopleApp): Promise<void> {
  await app.person('boss', { role: 'admin' })
  await app.person('admin', { role: 'admin' })
  await app.person('user')
  await app.person('pending', { status: 'pending' })
  await app.person('suspended', { status: 'suspended', role: 'admin' })
  const { id } = await app.person('changer', { role: 'admin' })
  await app.ask('boss', 'POST', `/api/v1/accounts/${id}/reset-code`)
}

const logins: Partial<Record<Asker, string>> = { 'must change': 'changer' }

/** Everybody at every route: `askers` × routes. Each asker comes with a session or a key of their own, right in all but their state. */
export async function askAll(app: PeopleApp): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const route of routesOf(app.app)) {
    for (const asker of askers) {
      const who = asker === 'anonymous' ? null : asker.startsWith('key ') ? `key:${asker.slice(4)}` : (logins[asker] ?? asker)
      const { status, code } = await askRoute(app, route.name, who)
      const refused = (status === 401 || status === 403) && code !== routeRequests[route.name]?.own
      const verdict = refused ? (String(status) as Verdict) : 'in'
      cells.push({ route, asker, status, verdict })
    }
  }
  return cells
}

/** The request of the table. Streams are left as soon as they begin. `code` is the problem's, where there is one. */
export async function askRoute(app: PeopleApp, name: string, who: string | null) {
  const request = routeRequests[name]
  if (request === undefined) throw new Error(`no request for ${name}`)
  const headers: Record<string, string> = { ...request.headers, ...(await app.headersOf(who)) }
  if (request.body !== undefined) headers['content-type'] = 'application/json'
  const leave = new AbortController()
  const method = name.split(' ', 1)[0]!
  const body = request.body === undefined ? undefined : JSON.stringify(request.body)
  const answer = await app.call(request.path, { method, headers, body, signal: leave.signal })
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) leave.abort()
  const text = leave.signal.aborted ? '' : await answer.text()
  const code = answer.status >= 400 && text.startsWith('{') ? (JSON.parse(text) as { code?: string }).code : undefined
  return { status: answer.status, code, text, headers: answer.headers }
}
