/** What must hold on every route, also where it refuses: headers, no polluted prototypes, hostile names, one line of log a request. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PeopleApp, startPeopleApp } from '../accounts/people-app'
import { askRoute, fillPeople, routesOf } from '../accounts/role-matrix'
import { routeRequests } from '../accounts/route-requests'

const app: PeopleApp = startPeopleApp()
beforeAll(() => fillPeople(app), 60_000)
afterAll(() => app.stop())
const names = routesOf(app.app).map(({ name }) => name)

const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

describe('headers', () => {
  const check = (headers: Headers) => {
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-request-id': expect.stringMatching(/^[\w-]{8,64}$/),
    })
    for (const name of ['server', 'x-powered-by', 'access-control-allow-origin']) expect(headers.has(name)).toBe(false)
  }

  test.each(names)('%s', async (name) => {
    for (const who of ['boss', null]) {
      const { headers, status, text } = await askRoute(app, name, who)
      check(headers)
      if (status >= 400 && text.startsWith('{"code"')) {
        expect(headers.get('cache-control')).toBe('no-store')
        expect(JSON.parse(text)).toMatchObject({ code: expect.any(String), requestId: headers.get('x-request-id') })
      }
      for (const line of headers.getSetCookie()) expect(line).toMatch(/; Path=\/[^;]*(; Max-Age=\d+)?; HttpOnly; SameSite=Lax(; Secure)?$/)
    }
  })

  test('also where there is no route, or no such method, or nothing that could be read', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/nothing'],
      ['PUT', '/api/v1/keys'],
      ['POST', '/api/v1/predict'],
      ['GET', '/livez?a=1&a=2'],
      ['OPTIONS', '/api/v1/accounts'],
    ] as const) {
      const answer = await app.call(path, { method })
      check(answer.headers)
      expect(answer.status).toBeGreaterThanOrEqual(400)
    }
  })
})

describe('a prototype is never polluted', () => {
  const payloads = [
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"a":{"__proto__":{"polluted":true}}}',
    '{"attributes":{"__proto__":"x","constructor":"y","toString":"z"}}',
    '{"\\u005f_proto__":{"polluted":true}}',
    '[{"__proto__":{"polluted":true}}]',
  ]
  const withBody = names.filter((name) => routeRequests[name]?.body !== undefined)

  test.each(withBody)('%s', async (name) => {
    const method = name.split(' ', 1)[0]!
    const { path, body, headers } = routeRequests[name]!
    const good = JSON.stringify(body)
    const joined = good === '{}' ? [] : payloads.slice(0, 4).map((payload) => `${good.slice(0, -1)},${payload.slice(1)}`)
    for (const sent of [...payloads, ...joined]) {
      const all = { ...headers, ...(await app.headersOf('boss')), 'content-type': 'application/json' }
      const answer = await app.call(path, { method, headers: all, body: sent })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
      await answer.arrayBuffer()
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('names in an address', () => {
  const directory = mkdtempSync(join(tmpdir(), 'routewright-canary-'))
  const canary = 'canary-2f6d-outside'
  writeFileSync(join(directory, 'canary'), canary)
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  const up = '../'.repeat(12)
  const plain = [`${up}${directory.slice(1)}/canary`, `${directory}/canary`, `..\\..\\${directory}\\canary`, `2026.01.31_1/${up}etc/passwd`]
  const hostile = [
    ...plain,
    ...plain.map((name) => name.replaceAll('../', '....//')),
    ...plain.map((name) => `${name}\0.json`),
    ...plain.map((name) => encodeURIComponent(name)),
    'file:///etc/passwd',
    '/proc/self/environ',
    '\u202e2026.01.31_1',
    '2026.01.31_1\r\nX-Injected: 1',
    '2026.01.31_1\u2028{"event":"forged"}',
    '\u001b[31mred',
    "2026.01.31_1' or '1'='1",
    'x'.repeat(5_000),
  ]
  const withName = names.filter((name) => name.includes(':'))

  test.each(withName)(
    '%s',
    async (name) => {
      const [method, template] = name.split(' ') as [string, string]
      const { body, headers } = routeRequests[name]!
      for (const value of hostile) {
        for (const spelling of [encodeURIComponent(value), encodeURIComponent(encodeURIComponent(value))]) {
          const all: Record<string, string> = { ...headers, ...(await app.headersOf('boss')) }
          if (body !== undefined) all['content-type'] = 'application/json'
          const path = template.replace(/:\w+/g, spelling)
          const answer = await app.call(path, { method, headers: all, body: body === undefined ? undefined : JSON.stringify(body) })
          const text = await answer.text()
          expect({ path, refused: answer.status >= 400 && answer.status < 500 }).toEqual({ path, refused: true })
          expect(text).not.toContain(canary)
          expect(text).not.toContain('root:')
          expect(answer.headers.has('x-injected')).toBe(false)
        }
      }
    },
    60_000,
  )

  test('the canary was there to be read', () => {
    expect(readFileSync(join(directory, 'canary'), 'utf8')).toBe(canary)
  })

  test('stand in no line of the log: it says the route, not the path', () => {
    const lines = app.records.map((record) => JSON.stringify(record))
    expect(lines.length).toBeGreaterThan(500)
    for (const line of lines) {
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
      expect(line).not.toMatch(/passwd|X-Injected|forged|canary/)
    }
  })
})
