/** Other sites' pages, forged addresses. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { createClients } from '../../server/http/client'
import { type AuthApp, type Browser, startAuthApp } from './auth-app'

let app: AuthApp
let anna: Browser
beforeAll(async () => {
  app = await startAuthApp()
  await app.person('anna', 'admin')
  anna = app.browser()
  await anna.logIn('anna')
})
afterAll(() => app.stop())

const own = () => app.url.origin
/** Headers of the browser, and whether the request may change something. */
const pages: [string, () => Record<string, string>, number][] = [
  ['our own page', () => ({ 'sec-fetch-site': 'same-origin', origin: own() }), 200],
  ['our own page in a browser that says no site', () => ({ origin: own() }), 200],
  ['a program', () => ({}), 200],
  ['an address typed by hand', () => ({ 'sec-fetch-site': 'none' }), 200],
  ['another site', () => ({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }), 403],
  ['another site that says no origin', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
  ['a sibling host of the intranet', () => ({ 'sec-fetch-site': 'same-site', origin: 'http://wiki.plant.example' }), 403],
  ['a site that the browser does not name', () => ({ 'sec-fetch-site': '' }), 403],
  ['another origin where the browser says no site', () => ({ origin: 'http://evil.example' }), 403],
  ['the same host on another port', () => ({ origin: `${app.url.protocol}//${app.url.hostname}:1` }), 403],
  ['a host that begins like ours', () => ({ origin: `${own()}.evil.example` }), 403],
  ['a sandboxed frame', () => ({ origin: 'null' }), 403],
  ['an origin that is none', () => ({ origin: 'x y' }), 403],
  ['a file', () => ({ origin: 'file://' }), 403],
]

describe('asked by', () => {
  for (const [name, headers, status] of pages) {
    test(`${name}: ${status === 200 ? 'done' : 'refused, nothing changes'}`, async () => {
      const before = app.db.$client.query('select count(*) as rows, max(id) as last from audit').get()
      for (const path of ['/api/v1/auth/refresh', '/api/v1/keys']) {
        const body = path.endsWith('keys') ? { name: 'k', scopes: ['read'] } : {}
        const answer = await anna.ask('POST', path, body, headers())
        expect(Math.floor(answer.status / 100)).toBe(Math.floor(status / 100))
        if (status !== 200) expect(await answer.json()).toMatchObject({ code: 'cross_site' })
      }
      if (status !== 200) expect(app.db.$client.query('select count(*) as rows, max(id) as last from audit').get()).toEqual(before)
    })
  }

  test('another site: no login, no registration, no logout', async () => {
    const evil = { 'sec-fetch-site': 'cross-site' }
    const paths: [string, unknown][] = [
      ['login', { login: 'anna', password: 'x' }],
      ['register', { login: 'eve', password: 'a long enough one indeed' }],
      ['logout', {}],
      ['reset', { login: 'anna', code: 'x', next: 'x' }],
      ['waiting/enter', {}],
      ['password', { next: 'x' }],
    ]
    const before = app.passwords.verifications()
    for (const [path, body] of paths) expect((await anna.ask('POST', `/api/v1/auth/${path}`, body, evil)).status).toBe(403)
    expect(app.passwords.verifications()).toBe(before)
    expect((await anna.ask('GET', '/api/v1/auth/me')).status).toBe(200)
  })

  test('a form of any kind', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', 'TEXT/PLAIN;charset=utf-8']) {
      for (const path of ['/api/v1/auth/logout', '/api/v1/auth/login', '/api/v1/auth/refresh']) {
        const answer = await anna.ask('POST', path, {}, { 'content-type': type })
        expect(answer.status).toBe(415)
      }
    }
  })

  test('a link: reading changes nothing, and no method can be smuggled in', async () => {
    const before = app.db.$client.query('select count(*) as rows from audit').get()
    for (const path of ['login', 'logout', 'refresh', 'register', 'password', 'reset', 'waiting/enter']) {
      for (const headers of [{}, { 'x-http-method-override': 'POST' }, { 'x-method-override': 'DELETE' }] as Record<string, string>[]) {
        expect((await anna.ask('GET', `/api/v1/auth/${path}?_method=POST`, undefined, headers)).status).toBe(405)
      }
    }
    expect(app.db.$client.query('select count(*) as rows from audit').get()).toEqual(before)
  })
})

test('a key without cookies is no page; with cookies it is', async () => {
  const { key } = await (await anna.ask('POST', '/api/v1/keys', { name: 'erp', scopes: ['predict', 'read'] })).json()
  const evil = { authorization: `Bearer ${key}`, 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }
  const post = (headers: Record<string, string>) => app.call('/api/v1/predict', { method: 'POST', body: '{"item":"AB-1/2"}', headers })
  expect((await post(evil)).status).toBe(200)
  expect((await post({ ...evil, cookie: `sid=${anna.cookies.get('sid')}` })).status).toBe(403)
})

test('who may not ask sends no body: the refusal comes before it', async () => {
  const send = (headers: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ host: app.url.hostname, port: Number(app.url.port) })
      // The head only: the body is never sent.
      socket.write(
        `POST /api/v1/predict/batch HTTP/1.1\r\nHost: ${app.url.host}\r\nContent-Type: application/json\r\nContent-Length: 40000000\r\n${headers}\r\n{`,
      )
      socket.setTimeout(3_000, () => {
        socket.destroy()
        resolve('waits for the body')
      })
      socket.on('data', (data) => {
        socket.destroy()
        resolve(data.toString('latin1').slice(9, 12))
      })
      socket.on('error', reject)
    })
  expect(await send('')).toBe('401')
  expect(await send(`Cookie: sid=${anna.cookies.get('sid')!.slice(0, -2)}AA\r\n`)).toBe('401')
  expect(await send(`Cookie: sid=${anna.cookies.get('sid')}\r\n`)).toBe('waits for the body')
}, 20_000)

describe('the client behind', () => {
  const table: [string, string[], Record<string, string>, string][] = [
    [
      'no proxy: what it claims counts for nothing',
      [],
      { 'x-forwarded-for': '1.1.1.1', 'x-real-ip': '2.2.2.2', forwarded: 'for=3.3.3.3' },
      '127.0.0.1',
    ],
    ['a trusted proxy', ['127.0.0.0/8'], { 'x-forwarded-for': '203.0.113.9' }, '203.0.113.9'],
    ['a trusted proxy, with forged hops to the left', ['127.0.0.1'], { 'x-forwarded-for': '1.1.1.1, 8.8.8.8, 203.0.113.9' }, '203.0.113.9'],
    ['two trusted proxies', ['127.0.0.1', '10.0.0.0/8'], { 'x-forwarded-for': '1.1.1.1, 203.0.113.9, 10.1.2.3' }, '203.0.113.9'],
    ['only proxies', ['127.0.0.1', '10.0.0.0/8'], { 'x-forwarded-for': '10.9.9.9, 10.1.2.3' }, '10.9.9.9'],
    ['a proxy that writes rubbish', ['127.0.0.1'], { 'x-forwarded-for': '203.0.113.9, unknown' }, '127.0.0.1'],
    ['a proxy that writes ports', ['127.0.0.1'], { 'x-forwarded-for': '[2001:db8::1]:4711' }, '2001:db8::1'],
    ['a proxy that writes IPv4 in IPv6', ['127.0.0.1'], { 'x-forwarded-for': '::ffff:203.0.113.9' }, '203.0.113.9'],
    ['another header than the one that counts', ['127.0.0.1'], { 'x-real-ip': '2.2.2.2', forwarded: 'for=3.3.3.3' }, '127.0.0.1'],
    ['a proxy that is not on the list', ['10.0.0.1'], { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }, '127.0.0.1'],
  ]
  for (const [name, trusted, headers, address] of table) {
    test(name, () => {
      const clients = createClients(trusted)
      clients.listen({ requestIP: () => ({ address: '::ffff:127.0.0.1' }) })
      expect(clients.of(new Request('http://x/', { headers })).address).toBe(address)
    })
  }

  test('TLS is what a trusted proxy says, and nobody else', () => {
    const secure = (trusted: string[], proto: string) => {
      const clients = createClients(trusted)
      clients.listen({ requestIP: () => ({ address: '127.0.0.1' }) })
      return clients.of(new Request('http://x/', { headers: { 'x-forwarded-proto': proto } })).secure
    }
    expect([secure(['127.0.0.1'], 'https'), secure(['127.0.0.1'], 'http'), secure([], 'https'), secure(['10.0.0.1'], 'https')]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  test('a list that is none is refused at the start', () => {
    for (const wrong of ['proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/x', '::/129']) {
      expect(() => createClients([wrong])).toThrow()
    }
  })
})
