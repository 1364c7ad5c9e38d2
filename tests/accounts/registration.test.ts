/** Registering, waiting and getting in; nothing of it tells a stranger who has an account. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { throttleRules } from '../../server/pipeline/accounts/throttle'
import { type AuthApp, password, startAuthApp } from './auth-app'

let app: AuthApp
let boss: ReturnType<AuthApp['browser']>
const wide = { kind: 'bucket', burst: 1_000, everyMs: 1 } as const
beforeAll(async () => {
  app = await startAuthApp({ rules: { ...throttleRules, registerAddress: wide, registerTotal: wide, address: wide, total: wide } })
  await app.person('boss', 'admin')
  boss = app.browser()
  await boss.logIn('boss')
})
afterAll(() => app.stop())

const register = (browser: ReturnType<AuthApp['browser']>, login: string, secret = password) =>
  browser.ask('POST', '/api/v1/auth/register', { login, password: secret })
const waiting = async (browser: ReturnType<AuthApp['browser']>) => (await browser.ask('GET', '/api/v1/auth/waiting')).json()
const enter = (browser: ReturnType<AuthApp['browser']>) => browser.ask('POST', '/api/v1/auth/waiting/enter', {})
const accountOf = async (login: string) =>
  (await (await boss.ask('GET', `/api/v1/accounts?search=${login}`)).json()).accounts.find((one: { login: string }) => one.login === login)

describe('who registers', () => {
  test('waits, is let in by an admin, and enters once with the browser that registered', async () => {
    const anna = app.browser()
    expect((await register(anna, 'Anna@Plant')).status).toBe(202)
    expect(await waiting(anna)).toEqual({ status: 'pending', reason: null, admins: ['boss'] })
    expect((await enter(anna)).status).toBe(401)
    expect((await anna.logIn('anna@plant')).status).toBe(401)
    const { id, status } = await accountOf('anna@plant')
    expect(status).toBe('pending')
    await boss.ask('POST', `/api/v1/accounts/${id}/approve`, {})
    expect((await waiting(anna)).status).toBe('approved')
    const ticket = anna.cookies.get('waiting')!
    expect((await enter(anna)).status).toBe(200)
    expect((await anna.ask('GET', '/api/v1/auth/me')).status).toBe(200)
    expect(anna.cookies.has('waiting')).toBe(false)
    const thief = app.browser()
    thief.cookies.set('waiting', ticket)
    expect((await enter(thief)).status).toBe(401)
    expect((await app.browser().logIn('ANNA@plant')).status).toBe(200)
  })

  test('is refused with a reason', async () => {
    const bert = app.browser()
    await register(bert, 'bert')
    const { id } = await accountOf('bert')
    await boss.ask('POST', `/api/v1/accounts/${id}/reject`, { reason: 'not of this plant' })
    expect(await waiting(bert)).toEqual({ status: 'rejected', reason: 'not of this plant', admins: [] })
    expect((await enter(bert)).status).toBe(401)
    expect((await bert.logIn('bert')).status).toBe(401)
  })

  test('with a name that is taken sees what everybody sees', async () => {
    const [real, decoy] = [app.browser(), app.browser()]
    const [first, second] = [await register(real, 'cora'), await register(decoy, 'cora', 'quite another long one')]
    expect([second.status, await second.text()]).toEqual([first.status, await first.text()])
    const names = (answer: Response) => [...answer.headers.keys()].sort()
    expect(names(second)).toEqual(names(first))
    const shape = (answer: Response) => answer.headers.getSetCookie().map((line) => line.replace(/[A-Za-z0-9]/g, 'x'))
    expect(shape(second).map((line) => line.length)).toEqual(shape(first).map((line) => line.length))
    expect(await waiting(decoy)).toEqual(await waiting(real))
    const { id } = await accountOf('cora')
    await boss.ask('POST', `/api/v1/accounts/${id}/approve`, {})
    expect((await enter(decoy)).status).toBe(401)
    expect((await app.browser().logIn('cora', 'quite another long one')).status).toBe(401)
  })

  test('cannot make a ticket up, nor choose a role', async () => {
    const eve = app.browser()
    for (const ticket of ['x', `${Date.now().toString(36)}.${'A'.repeat(22)}.${'B'.repeat(43)}`]) {
      eve.cookies.set('waiting', ticket)
      expect(await waiting(eve)).toEqual({ status: 'unknown', reason: null, admins: [] })
      expect((await enter(eve)).status).toBe(401)
    }
    for (const more of [{ role: 'admin' }, { status: 'active' }, { id: 1 }, { tokenEpoch: 9 }]) {
      expect((await eve.ask('POST', '/api/v1/auth/register', { login: 'eve', password, ...more })).status).toBe(422)
    }
  })

  test('too often has to wait, whoever the name is', async () => {
    const own = await startAuthApp()
    await own.person('anna')
    const statuses: number[] = []
    for (let times = 0; times < 7; times++) statuses.push((await register(own.browser(), times % 2 === 0 ? 'anna' : `new${times}`)).status)
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429, 429])
    const last = await register(own.browser(), 'anna')
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    await own.stop()
  })
})

describe('a log-in that fails', () => {
  test('says the same of every kind of name, and takes one verification each', async () => {
    await register(app.browser(), 'paula')
    await app.person('susan')
    await app.suspend('susan')
    const answers: string[] = []
    const before = app.passwords.verifications()
    for (const [login, secret] of [
      ['boss', 'wrong'],
      ['nobody-at-all', password],
      ['paula', password],
      ['susan', password],
      ['bert', password],
      ['x', password],
      ["' or 1=1 --", password],
    ]) {
      const answer = await app.browser().logIn(login, secret)
      const { requestId: _, ...body } = await answer.json()
      const headers = [...answer.headers].filter(([name]) => !['date', 'x-request-id'].includes(name))
      answers.push(JSON.stringify([answer.status, body, headers]))
    }
    expect(new Set(answers).size).toBe(1)
    expect(app.passwords.verifications() - before).toBe(7)
  })
})

describe('a password', () => {
  const rule = async (secret: string, login = 'quentin.miller') => {
    const answer = await app.browser().ask('POST', '/api/v1/auth/register', { login, password: secret })
    return answer.status === 202 ? 'accepted' : ((await answer.json()).details?.[0]?.message ?? answer.status)
  }
  const emoji = Array.from({ length: 256 }, (_, at) => String.fromCodePoint(0x1f400 + ((at * 7919) % 200))).join('')
  const table: [string, string, unknown][] = [
    ['of 14 characters', 'k3v!9zq-Lm2#pX', 'too_short'],
    ['of 14 characters in 28 units', '🐴🔋📎✅🧲🧭🧪🪵🪛🔩🪚🛠⚙🧰', 'too_short'],
    ['of 15 characters', 'k3v!9zq-Lm2#pXw', 'accepted'],
    ['of 257 characters', `${emoji}x`, 'too_long'],
    ["that is everybody's", 'passwordpassword1', 'contains_context'],
    ["that is everybody's, twice", 'iloveyouiloveyou', 'too_common'],
    ['along the keyboard', 'qwertyuiopasdfghjkl', 'too_common'],
    ['of one character', 'aaaaaaaaaaaaaaaaaaaa', 'too_common'],
    ['of digits in order', '123456789012345678', 'too_common'],
    ["of the product's name", 'routewright-2026', 'contains_context'],
    ["of the login's parts", 'miller-quentin-1', 'contains_context'],
    ['without capitals, digits or signs', 'seven green rivers cross', 'accepted'],
    ['in Korean', '우리 공장 라우팅은 참 빠르고 정확하다', 'accepted'],
    ['with blanks at its ends', '  seven green rivers  ', 'accepted'],
  ]
  for (const [name, secret, expected] of table) {
    test(`${name}: ${expected}`, async () => {
      expect(await rule(secret)).toBe(expected)
    })
  }

  test('of 256 emoji logs in; the beginning of it does not; two spellings of one text are one', async () => {
    const login = async (name: string, secret: string) => (await app.browser().logIn(name, secret)).status
    for (const [name, secret] of [
      ['emoji', emoji],
      ['umlaut', 'sieben gr\u00fcne Fl\u00fcsse \ud55c\uae00'],
    ]) {
      expect((await register(app.browser(), name, secret)).status).toBe(202)
      const { id } = await accountOf(name)
      await boss.ask('POST', `/api/v1/accounts/${id}/approve`, {})
      expect(await login(name, secret)).toBe(200)
    }
    expect(await login('emoji', [...emoji].slice(0, 255).join(''))).toBe(401)
    expect(await login('umlaut', 'sieben gr\u00fcne Fl\u00fcsse \ud55c\uae00'.normalize('NFD'))).toBe(200)
  })

  test("is set anew by an admin's code, once, and everything of before ends", async () => {
    const gina = await app.person('gina')
    const before = app.browser()
    await before.logIn('gina')
    const { code } = await (await boss.ask('POST', `/api/v1/accounts/${gina.id}/reset-code`, {})).json()
    const reset = (login: string, given: string) =>
      app.browser().ask('POST', '/api/v1/auth/reset', { login, code: given, next: 'nine blue mountains far' })
    const wrong = [await reset('gina', 'AAAAA-AAAAA-AAAAA-AAAAA'), await reset('nobody', code)]
    expect(wrong.map(({ status }) => status)).toEqual([401, 401])
    expect((await reset('gina', code.toLowerCase())).status).toBe(200)
    expect((await reset('gina', code)).status).toBe(401)
    expect((await before.ask('GET', '/api/v1/auth/me')).status).toBe(401)
    expect((await app.browser().logIn('gina')).status).toBe(401)
    expect((await app.browser().logIn('gina', 'nine blue mountains far')).status).toBe(200)
  })
})
