import { Database } from 'bun:sqlite'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Me } from '../../server/contract/account'
import { openSetup } from '../../server/pipeline/accounts/setup'
import { listAudit } from '../../server/store/audit'
import { countAdmins, findUserByLogin } from '../../server/store/user'
import { startServer, stopLeftOver, until } from '../serve/live-server'
import { type PeopleApp, password, startPeopleApp } from './people-app'

let app: PeopleApp
beforeEach(() => {
  app = startPeopleApp()
})
afterEach(() => app.stop())
afterAll(stopLeftOver)

const isOpen = async () => ((await (await app.call('/api/v1/setup')).json()) as { open: boolean }).open
const setUp = (body: object) => app.post('/api/v1/setup', body)
const codeOf = async (answer: Response) => ({ status: answer.status, code: ((await answer.json()) as { code?: string }).code })
const cookieOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')

describe('the first admin', () => {
  test('is made by the token, once, and is logged in with an audit row', async () => {
    const token = (await openSetup(app.db, new Date()))!
    expect(token).toMatch(/^[A-Za-z0-9]{43}$/)
    expect(await isOpen()).toBe(true)
    const answer = await setUp({ token, login: 'Ada', password, name: 'Ada L.' })
    expect(answer.status).toBe(200)
    const me: Me = await answer.json()
    expect(me).toMatchObject({ login: 'ada', name: 'Ada L.', role: 'admin', hasPassword: true, mustChangePassword: false })
    expect((await app.call('/api/v1/accounts', { headers: { cookie: cookieOf(answer) } })).status).toBe(200)
    expect(await isOpen()).toBe(false)
    expect(await codeOf(await setUp({ token, login: 'eve', password }))).toEqual({ status: 409, code: 'setup_closed' })
    expect(await openSetup(app.db, new Date())).toBeNull()
    const rows = listAudit(app.db).map(({ action, actor, subject }) => [action, actor, subject])
    expect(rows).toContainEqual(['setup.admin', 'setup', 'ada'])
    const raw = new Database(app.databasePath, { readonly: true })
    expect(JSON.stringify([raw.query('select * from setup_tokens').all(), raw.query('select * from audit').all()])).not.toContain(token)
    raw.close()
    expect((await app.post('/api/v1/auth/login', { login: 'ada', password })).status).toBe(200)
  })

  test('may look around without a password; the setup stays open until one is set, and the same account comes back', async () => {
    const first = await setUp({ token: (await openSetup(app.db, new Date()))!, login: 'ada' })
    expect(await first.json()).toMatchObject({ login: 'ada', hasPassword: false })
    expect(await isOpen()).toBe(true)
    const { id } = findUserByLogin(app.db, 'ada')!
    const again = await setUp({ token: (await openSetup(app.db, new Date()))!, login: 'boss', password })
    expect(await again.json()).toMatchObject({ id, login: 'boss', hasPassword: true })
    expect(countAdmins(app.db)).toBe(1)
    expect(await isOpen()).toBe(false)
    // The session from before the password is over.
    expect((await app.call('/api/v1/auth/me', { headers: { cookie: cookieOf(first) } })).status).toBe(401)
  })

  test('sets the password in the session: then nobody needs the link any more', async () => {
    const first = await setUp({ token: (await openSetup(app.db, new Date()))!, login: 'ada' })
    const set = await app.post('/api/v1/auth/password', { next: password }, { cookie: cookieOf(first) })
    expect(await set.json()).toMatchObject({ hasPassword: true })
    expect(await isOpen()).toBe(false)
  })

  test('is refused alike for a wrong, an older and a used token, whatever else is sent', async () => {
    const older = (await openSetup(app.db, new Date()))!
    await openSetup(app.db, new Date())
    for (const body of [
      { token: older, login: 'ada', password },
      { token: 'wrong', login: 'ada', password },
      { token: '', login: 'ada' },
      { token: 'wrong', login: 'ada', password: 'weak' },
    ]) {
      expect(await codeOf(await setUp(body))).toEqual({ status: 409, code: 'setup_closed' })
    }
    expect(countAdmins(app.db)).toBe(0)
  })

  test('needs a good password and a free login; a token that failed so is still good', async () => {
    await app.person('kim', { status: 'pending' })
    const token = (await openSetup(app.db, new Date()))!
    expect(await codeOf(await setUp({ token, login: 'ada', password: 'short' }))).toEqual({ status: 422, code: 'weak_password' })
    expect(await codeOf(await setUp({ token, login: 'KIM', password }))).toEqual({ status: 409, code: 'account_conflict' })
    expect(await codeOf(await setUp({ token, login: 'ada', password, role: 'admin' }))).toEqual({ status: 422, code: 'invalid_value' })
    expect((await setUp({ token, login: 'ada', password })).status).toBe(200)
  })

  test('is one of two who come at the same moment', async () => {
    const token = (await openSetup(app.db, new Date()))!
    const answers = await Promise.all(['ada', 'eve', 'bob'].map((login) => setUp({ token, login })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
    expect(countAdmins(app.db)).toBe(1)
  })

  test('guessing is slowed down', async () => {
    await openSetup(app.db, new Date())
    const statuses: number[] = []
    for (let nth = 0; nth < 40; nth++) statuses.push((await setUp({ token: `guess-${nth}`, login: 'ada' })).status)
    expect(statuses.filter((status) => status === 409).length).toBeLessThan(20)
    expect(statuses.at(-1)).toBe(429)
  })
})

describe('the console of a server', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'routewright-setup-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
  const store = () => ['--models', join(directory, 'models'), '--database', join(directory, 'db.sqlite')]
  const tokenOf = (url: string | undefined) => new URL(url!).hash.replace('#token=', '')
  const logs = () =>
    readdirSync(join(directory, 'logs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ndjson'))
      .map((name) => readFileSync(join(directory, 'logs', name), 'utf8'))
      .join('')

  test.each([['1'], ['2']])(
    'prints a link that works once, with %s workers; a new start prints another',
    async (workers) => {
      const first = await startServer({ store: store() }, '--workers', workers)
      expect(first.ready.setupUrl).toStartWith(`${first.ready.url}setup#token=`)
      const old = tokenOf(first.ready.setupUrl)
      expect(await first.stop()).toBe(0)
      const second = await startServer({ store: store() }, '--workers', workers)
      const token = tokenOf(second.ready.setupUrl)
      expect(token).not.toBe(old)
      expect((await second.post('/api/v1/setup', { token: old, login: 'ada', password })).status).toBe(409)
      expect((await second.post('/api/v1/setup', { token, login: 'ada', password })).status).toBe(200)
      expect(await second.stop()).toBe(0)
      const third = await startServer({ store: store() }, '--workers', workers)
      expect(third.ready.setupUrl).toBeUndefined()
      expect(await third.stop()).toBe(0)
      const written = logs()
      expect(written).toContain('process.ready')
      for (const secret of [old, token, password]) expect(written).not.toContain(secret)
    },
    60_000,
  )

  test('prints it once: workers that die and come back leave the link as it is', async () => {
    const server = await startServer({ store: store() }, '--workers', '2')
    const workers = readFileSync(`/proc/${server.child.pid}/task/${server.child.pid}/children`, 'utf8').trim().split(' ').map(Number)
    expect(workers).toHaveLength(2)
    for (const pid of workers) process.kill(pid, 'SIGKILL')
    const token = tokenOf(server.ready.setupUrl)
    const back = () =>
      server.post('/api/v1/setup', { token, login: 'ada', password }).then(
        ({ status }) => status === 200,
        () => false,
      )
    expect(await until(back, 30_000)).toBe(true)
    expect(await server.stop()).toBe(0)
  }, 60_000)
})
