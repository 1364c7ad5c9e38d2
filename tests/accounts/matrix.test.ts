import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type PeopleApp, startPeopleApp } from './people-app'
import { askAll, askers, type Cell, expected, fillPeople, routesOf } from './role-matrix'
import { routeRequests } from './route-requests'

let app: PeopleApp
let cells: Cell[]
beforeAll(async () => {
  app = startPeopleApp()
  await fillPeople(app)
}, 60_000)
afterAll(() => app.stop())

test('every route has a request in the table, and every request a route', () => {
  const routes = routesOf(app.app).map(({ name }) => name)
  expect(routes.filter((name) => !(name in routeRequests))).toEqual([])
  expect(Object.keys(routeRequests).filter((name) => !routes.includes(name))).toEqual([])
})

test('every route says who may call it, with a word that is known', () => {
  const known = ['public', 'self', 'user', 'admin']
  expect(routesOf(app.app).filter(({ role }) => !known.includes(role))).toEqual([])
  expect(routesOf(app.app).filter(({ role, scope }) => scope !== null && role !== 'user')).toEqual([])
})

describe('the matrix', () => {
  beforeAll(async () => {
    cells = await askAll(app)
  }, 300_000)

  test('is whole', () => {
    expect(cells.length).toBe(routesOf(app.app).length * askers.length)
  })

  test.each([...askers])('%s is let in where the role says so, and nowhere else', (asker) => {
    const wrong = cells
      .filter((cell) => cell.asker === asker && cell.verdict !== expected(cell.route, asker))
      .map(({ route, status }) => `${route.name} (${route.role}${route.scope ? `:${route.scope}` : ''}) answered ${status}`)
    expect(wrong).toEqual([])
  })

  test('what is let in is answered: no failure of ours', () => {
    const failed = cells.filter(({ status }) => status === 500).map(({ route, asker }) => `${route.name} as ${asker}`)
    expect(failed).toEqual([])
    expect(app.failures.filter(({ error }) => !/sample/.test(String(error)))).toEqual([])
  })

  test('the requests are good: an admin is never refused for what was sent', () => {
    const bad = cells.filter(({ asker, status }) => asker === 'admin' && [400, 413, 415, 422].includes(status))
    expect(bad.map(({ route, status }) => `${route.name} answered ${status}`)).toEqual([])
  })

  test('what changes something is not for everybody: only these routes that write are public', () => {
    const open = routesOf(app.app).filter(({ name, role }) => role === 'public' && !name.startsWith('GET '))
    expect(open.map(({ name }) => name).toSorted()).toEqual(publicWrites)
  })
})

/** Whoever adds to this list must say why a stranger may do it. Each of these is throttled or needs a secret of its own. */
const publicWrites = [
  'POST /api/v1/auth/login',
  'POST /api/v1/auth/logout',
  'POST /api/v1/auth/refresh',
  'POST /api/v1/auth/register',
  'POST /api/v1/auth/reset',
  'POST /api/v1/auth/waiting/enter',
  'POST /api/v1/setup',
]

test('a person is asked again at every request: after a suspension the same cookie opens nothing', async () => {
  const kim = await app.person('kim')
  const headers = await app.headersOf('kim')
  const me = () => app.call('/api/v1/auth/me', { headers }).then(({ status }) => status)
  expect(await me()).toBe(200)
  expect((await app.ask('boss', 'POST', `/api/v1/accounts/${kim.id}/suspend`, { reason: 'left' })).status).toBe(200)
  expect(await me()).toBe(401)
})
