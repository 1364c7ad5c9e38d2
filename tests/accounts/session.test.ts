/** Sessions over HTTP: cookies letter by letter, renewal, theft, what ends them, and what keeps them alive. */
import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { listAudit } from '../../server/store/audit'
import { findSession } from '../../server/store/session'
import { type AuthApp, password, startAuthApp } from './auth-app'

let app: AuthApp
beforeAll(async () => {
  app = await startAuthApp()
  for (const login of ['anna', 'bert', 'cora', 'dora', 'emil', 'fred', 'gina']) await app.person(login)
})
afterAll(() => app.stop())

const me = async (browser: ReturnType<AuthApp['browser']>) => (await browser.ask('GET', '/api/v1/auth/me')).status
const refresh = (browser: ReturnType<AuthApp['browser']>) => browser.ask('POST', '/api/v1/auth/refresh', {})
const sessionOf = (browser: ReturnType<AuthApp['browser']>) => findSession(app.db, browser.cookies.get('rid')!.split('.')[0])!

describe('cookies', () => {
  const shape = (line: string) => line.replace(/=[^;]+/, '=…')

  test('on this machine without TLS', async () => {
    const answer = await app.browser().logIn('anna')
    expect(answer.headers.getSetCookie().map(shape)).toEqual([
      'sid=…; Path=/; HttpOnly; SameSite=Lax',
      'rid=…; Path=/api/v1/auth; HttpOnly; SameSite=Lax',
      'device=…; Path=/api/v1/auth; Max-Age=15552000; HttpOnly; SameSite=Lax',
    ])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('strict-transport-security')).toBeNull()
  })

  test('behind a proxy with TLS they are bound to the host, and the browser is told to stay with TLS', async () => {
    const own = await startAuthApp({ trustedProxies: ['127.0.0.1'], plainAllowed: false })
    await own.person('anna')
    const browser = own.browser({ 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' })
    const answer = await browser.logIn('anna')
    expect(answer.headers.getSetCookie().map(shape)).toEqual([
      '__Host-sid=…; Path=/; HttpOnly; SameSite=Lax; Secure',
      '__Secure-rid=…; Path=/api/v1/auth; HttpOnly; SameSite=Lax; Secure',
      '__Secure-device=…; Path=/api/v1/auth; Max-Age=15552000; HttpOnly; SameSite=Lax; Secure',
    ])
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000')
    expect((await browser.ask('GET', '/api/v1/auth/me')).status).toBe(200)
    // A sibling host can plant a cookie of the plain name, never of the bound one.
    const planted = await own.call('/api/v1/auth/me', {
      headers: { cookie: `sid=${browser.cookies.get('__Host-sid')}`, 'x-forwarded-proto': 'https' },
    })
    expect(planted.status).toBe(401)
    await own.stop()
  })

  test('without TLS from elsewhere nobody logs in, and the answer says what to do', async () => {
    const own = await startAuthApp({ plainAllowed: false })
    await own.person('anna')
    const answer = await own.browser({ 'x-forwarded-proto': 'https' }).logIn('anna')
    expect(answer.status).toBe(403)
    expect(answer.headers.getSetCookie()).toEqual([])
    const { code, message } = await answer.json()
    expect(code).toBe('insecure_transport')
    expect(message).toContain('--trusted-proxy')
    expect(own.passwords.verifications()).toBe(0)
    await own.stop()
  })
})

describe('the refresh token', () => {
  test('works once, and with it the session goes on under the same id', async () => {
    const browser = app.browser()
    await browser.logIn('anna')
    const before = new Map(browser.cookies)
    expect((await refresh(browser)).status).toBe(200)
    expect(browser.cookies.get('rid')).not.toBe(before.get('rid'))
    expect(browser.cookies.get('sid')).not.toBe(before.get('sid'))
    expect(browser.cookies.get('rid')!.split('.')[0]).toBe(before.get('rid')!.split('.')[0])
    expect(await me(browser)).toBe(200)
  })

  test("presented again after the grace ends the whole session, the thief's and the owner's", async () => {
    const owner = app.browser()
    await owner.logIn('bert')
    const stolen = owner.cookies.get('rid')!
    await refresh(owner)
    app.clock.aheadMs += 11_000
    const thief = app.browser()
    thief.cookies.set('rid', stolen)
    expect((await refresh(thief)).status).toBe(401)
    expect(await me(owner)).toBe(401)
    expect((await refresh(owner)).status).toBe(401)
    expect(listAudit(app.db).some(({ action, subject }) => action === 'session.reuse' && subject === 'bert')).toBe(true)
  })

  test('of an older turn ends the session as well', async () => {
    const owner = app.browser()
    await owner.logIn('bert')
    const oldest = owner.cookies.get('rid')!
    for (let turn = 0; turn < 3; turn++) await refresh(owner)
    const thief = app.browser()
    thief.cookies.set('rid', oldest)
    expect((await refresh(thief)).status).toBe(401)
    expect(await me(owner)).toBe(401)
  })

  test('fifty tabs at once: one new token, no logout', async () => {
    const browser = app.browser()
    await browser.logIn('anna')
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(browser)))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    const renewed = answers.filter((answer) => answer.headers.getSetCookie().some((line) => line.startsWith('rid=')))
    expect(renewed.length).toBe(1)
    expect(sessionOf(browser).endedAt).toBeNull()
    expect(await me(browser)).toBe(200)
    expect((await refresh(browser)).status).toBe(200)
  })

  test('that is not ours says so and nothing else', async () => {
    for (const value of ['x', `${'A'.repeat(22)}.${'B'.repeat(43)}`, "' or 1=1 --"]) {
      const browser = app.browser()
      browser.cookies.set('rid', value)
      const answer = await refresh(browser)
      expect(answer.status).toBe(401)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
  })
})

describe('a session ends', () => {
  test('by logging out, at once, in another process too', async () => {
    const other = await startAuthApp({ beside: { directory: app.directory } })
    const browser = app.browser()
    await browser.logIn('cora')
    const sid = browser.cookies.get('sid')!
    const there = () => other.call('/api/v1/auth/me', { headers: { cookie: `sid=${sid}` } })
    expect((await there()).status).toBe(200)
    const answer = await browser.ask('POST', '/api/v1/auth/logout', {})
    expect(answer.status).toBe(200)
    expect([...browser.cookies.keys()]).toEqual(['device'])
    expect((await there()).status).toBe(401)
    await other.stop()
  })

  test('with a suspension: the next request is refused, and so is the refresh', async () => {
    const browser = app.browser()
    await browser.logIn('dora')
    expect(await me(browser)).toBe(200)
    await app.suspend('dora')
    expect(await me(browser)).toBe(401)
    expect((await refresh(browser)).status).toBe(401)
    expect((await browser.logIn('dora')).status).toBe(401)
  })

  test('after half an hour without a request, not before', async () => {
    const own = await startAuthApp()
    await own.person('anna')
    const browser = own.browser()
    await browser.logIn('anna')
    for (let step = 0; step < 4; step++) {
      own.clock.aheadMs += 29 * 60_000
      expect((await browser.ask('POST', '/api/v1/auth/refresh', {})).status).toBe(200)
    }
    own.clock.aheadMs += 31 * 60_000
    expect((await browser.ask('POST', '/api/v1/auth/refresh', {})).status).toBe(401)
    await own.stop()
  })

  test('twelve hours after the login, whatever happens', async () => {
    const own = await startAuthApp()
    await own.person('anna')
    const browser = own.browser()
    await browser.logIn('anna')
    let renewed = 0
    for (let minutes = 0; minutes < 12 * 60 + 20; minutes += 20) {
      own.clock.aheadMs += 20 * 60_000
      if ((await browser.ask('POST', '/api/v1/auth/refresh', {})).status === 200) renewed++
    }
    expect(renewed).toBe(35)
    await own.stop()
  })

  test('the oldest when a person opens more than the limit', async () => {
    const own = await startAuthApp({ perUserMax: 2 })
    await own.person('anna')
    const browsers = [own.browser(), own.browser(), own.browser()]
    for (const browser of browsers) await browser.logIn('anna')
    const states = await Promise.all(browsers.map(async (browser) => (await browser.ask('GET', '/api/v1/auth/me')).status))
    expect(states).toEqual([401, 200, 200])
    await own.stop()
  })

  test("by its person from another browser; nobody ends somebody else's", async () => {
    const [first, second, stranger] = [app.browser(), app.browser(), app.browser()]
    await first.logIn('emil')
    await second.logIn('emil')
    await stranger.logIn('anna')
    const { sessions } = await (await first.ask('GET', '/api/v1/auth/sessions')).json()
    expect(sessions.length).toBe(2)
    const other = sessions.find(({ current }: { current: boolean }) => !current).id
    expect((await stranger.ask('DELETE', `/api/v1/auth/sessions/${other}`)).status).toBe(404)
    expect(await me(second)).toBe(200)
    expect((await first.ask('DELETE', `/api/v1/auth/sessions/${other}`)).status).toBe(200)
    expect(await me(second)).toBe(401)
    expect(await me(first)).toBe(200)
  })
})

describe('a password change', () => {
  const next = 'another horse with batteries'
  test('ends all other sessions and gives this browser a new one', async () => {
    const [first, second] = [app.browser(), app.browser()]
    await first.logIn('fred')
    await second.logIn('fred')
    const before = first.cookies.get('rid')!.split('.')[0]
    expect((await first.ask('POST', '/api/v1/auth/password', { current: 'wrong', next })).status).toBe(401)
    expect((await first.ask('POST', '/api/v1/auth/password', { next })).status).toBe(401)
    const same = await first.ask('POST', '/api/v1/auth/password', { current: password, next: password })
    expect(await same.json()).toMatchObject({ code: 'weak_password', details: [{ path: '/next', message: 'same_as_before' }] })
    expect((await first.ask('POST', '/api/v1/auth/password', { current: password, next })).status).toBe(200)
    expect(await me(first)).toBe(200)
    expect(await me(second)).toBe(401)
    expect((await refresh(second)).status).toBe(401)
    expect(first.cookies.get('rid')!.split('.')[0]).not.toBe(before)
    expect((await app.browser().logIn('fred', password)).status).toBe(401)
    expect((await app.browser().logIn('fred', next)).status).toBe(200)
  })
})

test('while the database cannot be read, who was let in may ask on, and change nothing', async () => {
  const own = await startAuthApp()
  await own.person('anna', 'admin')
  const browser = own.browser()
  await browser.logIn('anna')
  const cookie = `sid=${browser.cookies.get('sid')}`
  const ask = () => own.authenticate(new Request('http://x/', { headers: { cookie } }))
  expect(await ask()).toMatchObject({ name: 'anna' })
  // by another hand: nothing that serves changes a table
  const other = new Database(own.db.$client.filename)
  other.run('ALTER TABLE sessions RENAME TO sessions_away')
  expect(await ask()).toMatchObject({ name: 'anna', stale: true })
  expect((await browser.ask('GET', '/api/v1/accounts')).status).toBe(503)
  const stranger = own.authenticate(
    new Request('http://x/', { headers: { authorization: `Bearer rw_${'a'.repeat(12)}_${'b'.repeat(43)}` } }),
  )
  expect(await stranger).toBeNull()
  other.run('ALTER TABLE sessions_away RENAME TO sessions')
  expect((await ask())?.stale).toBeUndefined()
  other.run("UPDATE users SET role = 'user' WHERE login = 'anna'")
  expect(await ask()).toMatchObject({ role: 'user' })
  other.run('UPDATE sessions SET ended_at = 1')
  expect(await ask()).toBeNull()
  other.close()
  await own.stop()
})
