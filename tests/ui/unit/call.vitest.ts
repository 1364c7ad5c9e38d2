import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiProblem } from '../../../ui/composables/api-problem'
import { call } from '../../../ui/composables/call'
import { SessionKeeper, sessionKeeper } from '../../../ui/composables/session-keeper'

interface Sent {
  path: string
  method: string
  headers: Record<string, string>
  body: string | undefined
}

/** A server with a session that may have run out. */
const server = { valid: true, refreshes: true as boolean | number, sent: [] as Sent[], refreshed: 0 }
const refused = (code: string, status: number, headers = {}) =>
  Response.json({ code, message: 'no', requestId: 'r-1' }, { status, headers })

beforeEach(() => {
  Object.assign(server, { valid: true, refreshes: true, sent: [], refreshed: 0 })
  sessionKeeper.whenEnded(async () => false)
  globalThis.fetch = (async (path: string, { method = 'GET', headers = {}, body }: RequestInit = {}) => {
    await new Promise((resume) => setTimeout(resume, 1))
    if (path === '/api/v1/auth/refresh') {
      server.refreshed++
      if (typeof server.refreshes === 'number') return refused('database_unavailable', server.refreshes)
      server.valid = server.refreshes
      return server.refreshes ? Response.json({ status: 'done' }) : refused('not_authenticated', 401)
    }
    server.sent.push({ path, method, headers: headers as Record<string, string>, body: body as string | undefined })
    if (path === '/login') return refused('login_failed', 401)
    if (path === '/busy') return refused('too_many_attempts', 429, { 'retry-after': '20' })
    return server.valid ? Response.json({ path }) : refused('not_authenticated', 401)
  }) as unknown as typeof fetch
})
afterEach(() => sessionKeeper.whenEnded(async () => false))

const codeOf = (run: Promise<unknown>) =>
  run.then(
    () => null,
    (error) => (error as ApiProblem).code,
  )

describe('a session that ran out', () => {
  test('is renewed without a word, once for all calls that wait, and each call is repeated', async () => {
    server.valid = false
    const answers = await Promise.all(['/a', '/b', '/c'].map((path) => call<{ path: string }>(path)))
    expect(answers.map(({ path }) => path)).toEqual(['/a', '/b', '/c'])
    expect(server.refreshed).toBe(1)
    expect(server.sent).toHaveLength(6)
  })
  test('that cannot be renewed asks the person once, and what waited goes on', async () => {
    Object.assign(server, { valid: false, refreshes: false })
    let asked = 0
    sessionKeeper.whenEnded(async () => {
      asked++
      await new Promise((resume) => setTimeout(resume, 20))
      server.valid = true
      return true
    })
    const answers = await Promise.all([call('/a', { body: { typed: 'text' } }), call('/b')])
    expect(answers).toEqual([{ path: '/a' }, { path: '/b' }])
    expect(asked).toBe(1)
    expect(server.sent.filter(({ path }) => path === '/a').map(({ body }) => body)).toEqual(['{"typed":"text"}', '{"typed":"text"}'])
  })
  test('is refused where the person does not come back', async () => {
    Object.assign(server, { valid: false, refreshes: false })
    expect(await codeOf(call('/a'))).toBe('not_authenticated')
  })
  test('is not taken for ended while the server cannot say', async () => {
    Object.assign(server, { valid: false, refreshes: 503 })
    let asked = 0
    sessionKeeper.whenEnded(async () => Boolean(++asked))
    expect(await codeOf(call('/a'))).toBe('database_unavailable')
    expect(asked).toBe(0)
  })
  test('of who only wants to know asks nobody', async () => {
    Object.assign(server, { valid: false, refreshes: false })
    let asked = 0
    sessionKeeper.whenEnded(async () => Boolean(++asked))
    expect(await codeOf(call('/a', { session: 'refresh' }))).toBe('not_authenticated')
    expect(asked).toBe(0)
  })
  test('an aborted question is not asked again after the login', async () => {
    Object.assign(server, { valid: false, refreshes: false })
    const stop = new AbortController()
    sessionKeeper.whenEnded(async () => {
      stop.abort()
      return true
    })
    await expect(call('/a', { signal: stop.signal })).rejects.toThrow()
    expect(server.sent).toHaveLength(1)
  })
})

test('a wrong password is not an ended session', async () => {
  expect(await codeOf(call('/login', { body: {} }))).toBe('login_failed')
  expect(server.refreshed).toBe(0)
})
test('how long to wait is read from the answer', async () => {
  const error = (await call('/busy').catch((problem: unknown) => problem)) as ApiProblem
  expect(error).toBeInstanceOf(ApiProblem)
  expect(error.retryAfter).toBe(20)
})
test('methods, revision and bodies travel as the server wants them', async () => {
  await call('/x', { method: 'PATCH', body: { a: 1 }, ifMatch: 7 })
  await call('/y', { method: 'DELETE' })
  await call('/z', { method: 'POST' })
  expect(server.sent[0]).toMatchObject({ method: 'PATCH', body: '{"a":1}' })
  expect(server.sent[0].headers).toMatchObject({ 'if-match': '"7"', 'content-type': 'application/json' })
  expect(server.sent[1]).toMatchObject({ method: 'DELETE', body: undefined })
  expect(server.sent[2]).toMatchObject({ method: 'POST', body: '{}' })
})
test('a later end is asked about anew', async () => {
  const keeper = new SessionKeeper()
  server.refreshes = false
  let asked = 0
  keeper.whenEnded(async () => ++asked === 2)
  expect([await keeper.renew(), await keeper.renew()]).toEqual([false, true])
})
