/** No secret of a run ever stands in a log file, an answer that refuses, or the health: passwords, tokens, keys, codes and their hashes. */

import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer, stopLeftOver } from './live-server'

const directory = mkdtempSync(join(tmpdir(), 'routewright-secrets-'))
const database = join(directory, 'db.sqlite')
let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  server = await startServer({ store: ['--models', join(directory, 'models'), '--database', database] }, '--workers', '1')
}, 60_000)
afterAll(async () => {
  await stopLeftOver()
  rmSync(directory, { recursive: true, force: true })
})

const secrets = new Set<string>()
const secret = <T extends string>(text: T): T => {
  secrets.add(text)
  return text
}
/** What was refused, and what the health says. */
const answers: string[] = []

async function ask(method: string, path: string, { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {}) {
  const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body)
  const all = text === undefined ? headers : { 'content-type': 'application/json', ...headers }
  const answer = await server.call(path, { method, body: text, headers: all })
  for (const line of answer.headers.getSetCookie()) {
    const value = /^[^=]+=([^;]*)/.exec(line)?.[1] ?? ''
    if (value.length > 8) secret(value)
  }
  const received = await answer.text()
  if (answer.status >= 400) answers.push(received)
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  return { status: answer.status, cookie, json: () => JSON.parse(received) }
}

const password = secret('canary-4c1d orchid lantern 77')
const other = secret('canary-9e2b walnut glacier 31')

test('a day of people, with all its mistakes, leaves no secret behind', async () => {
  const token = secret(new URL(server.ready.setupUrl!).hash.replace('#token=', ''))
  await ask('POST', '/api/v1/setup', { body: { token: secret('canary-wrong-token-1'), login: 'ada', password } })
  const admin = await ask('POST', '/api/v1/setup', { body: { token, login: 'ada', password } })
  expect(admin.status).toBe(200)
  const asAdmin = { headers: { cookie: admin.cookie } }
  // Someone registers, is let in, and forgets the password.
  expect((await ask('POST', '/api/v1/auth/register', { body: { login: 'kim', password: other } })).status).toBe(202)
  const { accounts } = (await ask('GET', '/api/v1/accounts?status=pending', asAdmin)).json()
  const kim = `/api/v1/accounts/${accounts[0].id}`
  expect((await ask('POST', `${kim}/approve`, { ...asAdmin, body: {} })).status).toBe(200)
  await ask('POST', '/api/v1/auth/login', { body: { login: 'kim', password: secret('canary-wrong-password') } })
  await ask('POST', '/api/v1/auth/login', { body: `{"login":"kim","password":canary-unquoted-password}` })
  secret('canary-unquoted-password')
  expect((await ask('POST', '/api/v1/auth/login', { body: { login: 'kim', password: other } })).status).toBe(200)
  const { code } = (await ask('POST', `${kim}/reset-code`, asAdmin)).json()
  secret(code)
  await ask('POST', '/api/v1/auth/reset', { body: { login: 'kim', code: secret('canary-wrong-code'), next: password } })
  await ask('POST', '/api/v1/auth/reset', { body: { login: 'kim', code, next: secret('canary-weak') } })
  expect(
    (await ask('POST', '/api/v1/auth/reset', { body: { login: 'kim', code, next: secret('canary-7f00 meadow copper 58') } })).status,
  ).toBe(200)
  // A machine, with its key and with wrong ones.
  const { key } = (await ask('POST', '/api/v1/keys', { ...asAdmin, body: { name: 'ERP', scopes: ['predict'] } })).json()
  secret(key)
  secret(key.split('_')[2])
  await ask('GET', '/api/v1/models', { headers: { authorization: `Bearer ${key}` } })
  await ask('POST', '/api/v1/predict', { headers: { authorization: `Bearer ${key}` }, body: { item: 'x' } })
  await ask('GET', '/api/v1/models', { headers: { authorization: `Bearer ${secret(`${key.slice(0, -5)}canar`)}` } })
  await ask('GET', '/api/v1/models', { headers: { authorization: secret('Basic Y2FuYXJ5LWJhc2lj') } })
  await ask('GET', '/api/v1/auth/me', { headers: { cookie: `sid=${secret('canary.session.token')}` } })
  await ask('POST', '/api/v1/auth/refresh', { headers: { cookie: `rid=${secret('canary-refresh-token')}` } })
  await ask('GET', `/api/v1/models?token=${secret('canary-in-the-query')}`, asAdmin)
  for (const path of [
    '/health',
    '/readyz',
    '/livez',
    '/metrics',
    '/api/v1/audit?limit=200',
    '/api/v1/accounts',
    '/api/v1/keys',
    '/api/v1/config',
  ]) {
    const answer = await server.call(path, asAdmin)
    answers.push(await answer.text())
  }
  expect(await server.stop()).toBe(0)

  const raw = new Database(database, { readonly: true })
  for (const [hash] of raw.query('select password_hash from users union all select secret_hash from api_keys').values())
    secret(String(hash))
  raw.close()
  const keys = JSON.parse(readFileSync(join(directory, 'keys.json'), 'utf8'))
  for (const one of [keys.current, keys.next, keys.tickets]) secret(one.secret)

  const logs = readdirSync(join(directory, 'logs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('.ndjson') && !name.endsWith('.gz'))
    .map((name) => readFileSync(join(directory, 'logs', name), 'utf8'))
    .join('')
  // There is something to be found in: every request has its line.
  expect(logs.split('\n').length).toBeGreaterThan(30)
  expect(logs).toContain('/api/v1/auth/reset')
  expect(answers.length).toBeGreaterThan(15)
  expect(secrets.size).toBeGreaterThan(20)
  const found = [...secrets].filter((one) => logs.includes(one) || answers.some((answer) => answer.includes(one)))
  expect(found).toEqual([])
  expect(logs).not.toMatch(/canary/)
}, 120_000)
