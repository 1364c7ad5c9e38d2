import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { securityHeaders } from '../../server/http/request-guard'
import { startApp } from './sample-app'
import { knownItem } from './sample-services'

let running: ReturnType<typeof startApp>
let site: string
beforeAll(async () => {
  site = mkdtempSync(join(tmpdir(), 'site-'))
  await Bun.write(join(site, 'index.html'), '<!doctype html><title>first page</title>')
  await Bun.write(join(site, 'assets/app-1a2b.js'), 'console.log(1)'.repeat(100))
  await Bun.write(join(site, 'assets/app-1a2b.js.br'), brotliCompressSync('console.log(1)'.repeat(100)))
  await Bun.write(join(site, 'favicon.svg'), '<svg/>')
  await Bun.write(join(site, 'secret.env'), 'no known type')
  running = startApp({ itemForm: () => fail('the secret text of an exception') }, { siteDirectory: site })
})
afterAll(() => {
  running.stop()
  rmSync(site, { recursive: true })
})

function fail(text: string): never {
  throw new Error(text)
}

describe('every answer', () => {
  const paths = [
    '/',
    '/livez',
    '/api/v1/items',
    '/api/v1/nothing',
    '/assets/app-1a2b.js',
    '/api/docs',
    '/api/v1/form',
    '/api/v1/items?a=1&a=2',
  ]
  for (const path of paths) {
    test(`carries the security headers and a request id: ${path}`, async () => {
      const { headers } = await running.call(path)
      for (const [name, value] of Object.entries(securityHeaders)) expect(headers.get(name)).toBe(value)
      expect(headers.get('x-request-id')).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
      expect(headers.get('server')).toBeNull()
    })
  }

  test('repeats a well-formed request id and replaces any other', async () => {
    const id = async (given: string) => (await running.call('/livez', { headers: { 'x-request-id': given } })).headers.get('x-request-id')
    expect(await id('abcd-1234_EFGH')).toBe('abcd-1234_EFGH')
    for (const bad of ['short', 'with blank 123', 'x'.repeat(65), '<script>alert(1)']) expect(await id(bad)).not.toBe(bad)
  })
})

describe('predict', () => {
  test('says in body and headers which version answered', async () => {
    const answer = await running.post('/api/v1/predict', { item: knownItem })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-model-version')).toBe('2026.01.31_1')
    expect(answer.headers.get('x-model-epoch')).toBe('7')
    expect(await answer.json()).toMatchObject({ version: '2026.01.31_1', epoch: 7, item: knownItem })
  })

  test('takes JSON with the charset named', async () => {
    const answer = await running.post('/api/v1/similar', { item: knownItem }, { 'content-type': 'application/json; charset=UTF-8' })
    expect(answer.status).toBe(200)
  })

  test('without a model is 503 with a time to come back', async () => {
    const other = startApp()
    const answer = await other.call('/api/v1/form')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.json()).toMatchObject({ code: 'model_not_loaded' })
    other.stop()
  })
})

test('an error of our own says nothing of itself, and the log has its cause', async () => {
  const answer = await running.call('/api/v1/form')
  const text = await answer.text()
  expect(answer.status).toBe(500)
  expect(text).not.toContain('secret')
  expect(text).not.toContain('Error')
  const { requestId } = JSON.parse(text)
  const logged = running.failures.find((one) => one.requestId === requestId)
  expect(String(logged?.error)).toContain('the secret text of an exception')
})

test('the log names the route, never the path, and one line comes for each request', async () => {
  const other = startApp()
  await other.call('/api/v1/items/some-secret-item', { headers: { 'user-agent': 'test\u0085agent' } })
  await other.call('/some/page')
  await other.call('/api/v1/items', { method: 'DELETE' })
  await other.post('/api/v1/predict', { item: knownItem })
  for (let tries = 0; other.records.length < 4 && tries < 100; tries++) await Bun.sleep(5)
  expect(other.records.map(({ method, route, status }) => `${method} ${route} ${status}`)).toEqual([
    'GET /api/v1/items/:code 404',
    'GET /* 503',
    'DELETE - 405',
    'POST /api/v1/predict 200',
  ])
  expect(other.records[3]).toMatchObject({ activeVersion: '2026.01.31_1', epoch: 7 })
  expect(JSON.stringify(other.records)).not.toContain('secret')
  for (const { latencyMs, userAgent } of other.records) {
    expect(latencyMs).toBeGreaterThan(0)
    expect(userAgent).not.toMatch(/[\u0080-\u009f]/)
  }
  other.stop()
})

describe('HEAD', () => {
  for (const path of ['/', '/livez', '/api/v1/items', '/assets/app-1a2b.js']) {
    test(`answers as GET without a body: ${path}`, async () => {
      const [head, get] = await Promise.all([running.call(path, { method: 'HEAD' }), running.call(path)])
      expect(head.status).toBe(get.status)
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
      expect(await head.text()).toBe('')
    })
  }
})

describe('the probes', () => {
  test('not ready is 503', async () => {
    const other = startApp({ ready: () => ({ ready: false, reason: 'stopping', version: null, epoch: null }) })
    const answer = await other.call('/readyz')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ ready: false, reason: 'stopping' })
    other.stop()
  })

  test('health is health+json, never kept, 503 only for fail', async () => {
    for (const [status, expected] of [
      ['pass', 200],
      ['warn', 200],
      ['fail', 503],
    ] as const) {
      const other = startApp({ health: async () => ({ status, version: '1', releaseId: null, checks: {} }) })
      const answer = await other.call('/health')
      expect(answer.status).toBe(expected)
      expect(answer.headers.get('content-type')).toStartWith('application/health+json')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      other.stop()
    }
  })
})

describe('the screens', () => {
  const plain = { headers: { 'accept-encoding': 'identity' } }

  test('any page address shows the first page, asked again each time', async () => {
    for (const path of ['/', '/predict', '/items/AB-1.5', '/models/2026.01.31_1', '/index.html', '/secret.env']) {
      const answer = await running.call(path, plain)
      expect(answer.headers.get('cache-control')).toBe('no-cache')
      expect(await answer.text()).toContain('first page')
    }
  })

  test('a hashed file is kept for ever and comes compressed', async () => {
    const answer = await running.call('/assets/app-1a2b.js', { headers: { 'accept-encoding': 'br' } })
    expect(answer.headers.get('cache-control')).toContain('immutable')
    expect(answer.headers.get('content-encoding')).toBe('br')
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await answer.text()).toStartWith('console.log(1)')
  })

  test('gzip is made where the build made none', async () => {
    const answer = await running.call('/assets/app-1a2b.js', { headers: { 'accept-encoding': 'gzip' } })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(await answer.text()).toStartWith('console.log(1)')
  })

  test('an unchanged file is not sent again', async () => {
    const first = await running.call('/', plain)
    const again = await running.call('/', { headers: { ...plain.headers, 'if-none-match': first.headers.get('etag')! } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
  })

  test('a missing file is no page', async () => {
    for (const path of ['/assets/none-1.js', '/logo.svg', '/api/v2/x']) expect((await running.call(path)).status).toBe(404)
  })

  test('without a build the page says what to do', async () => {
    const other = startApp()
    const answer = await other.call('/')
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('bun run build:ui')
    other.stop()
  })
})

describe('the reference', () => {
  test('lists every public route with its schemas by name', async () => {
    const document = await (await running.call('/api/docs/json')).json()
    expect(document.openapi).toBe('3.1.0')
    const listed = Object.keys(document.paths)
    for (const path of [
      '/api/v1/predict',
      '/api/v1/predict/batch',
      '/api/v1/similar',
      '/api/v1/time/summary',
      '/api/v1/items/{code}',
      '/health',
    ]) {
      expect(listed).toContain(path)
    }
    expect(document.paths['/api/v1/predict'].post.requestBody.content).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/PredictRequest' } },
    })
    expect(Object.keys(document.paths['/api/v1/predict/batch'].post.responses['200'].content)).toEqual(['application/x-ndjson'])
    const refs = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!)
    for (const name of refs) expect(Object.keys(document.components.schemas)).toContain(name)
    expect(JSON.stringify(document)).not.toContain('"$id"')
  })

  test('asks no other host: page, script and settings name none', async () => {
    const page = await (await running.call('/api/docs')).text()
    const start = await (await running.call('/api/docs/start.js')).text()
    expect(page + start).not.toMatch(/https?:|\/\/[a-z]/)
    expect(start).toContain('"withDefaultFonts":false')
    expect(page).not.toMatch(/<script>[^<]|\bon\w+=|style=/)
    const script = await running.call('/api/docs/scalar.js', { method: 'HEAD' })
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  })
})
