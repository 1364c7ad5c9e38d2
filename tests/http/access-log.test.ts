import { afterEach, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { AccessLine } from '../../server/contract/access-line'
import { DomainError } from '../../server/domain/error'
import type { Principal } from '../../server/http/access'
import type { AccessRecord } from '../../server/http/access-log'
import { Admission } from '../../server/http/admission'
import { createRefusalLog } from '../../server/http/refusal-log'
import { openLog } from '../../server/log'
import { until } from '../serve/live-server'
import { startApp } from './sample-app'
import { knownItem } from './sample-services'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const admin: Principal = {
  kind: 'person',
  id: 12,
  name: 'kim@plant.example',
  role: 'admin',
  scopes: [],
  session: 's',
  mustChangePassword: false,
}
const key: Principal = { ...admin, kind: 'key', id: 0, name: 'key:mes', role: 'user', scopes: ['predict', 'read'], session: null }

function setUp(who: Principal | null = admin, options: Parameters<typeof startApp>[1] = {}) {
  const app = startApp({}, { authenticate: () => who, ...options })
  stops.push(app.stop)
  const recordOf = async (requests = 1) => {
    expect(await until(() => app.records.length >= requests)).toBe(true)
    return app.records[requests - 1]
  }
  return { ...app, recordOf }
}

test('an answer that sets cookies is told with its request id too', async () => {
  const { post, recordOf } = setUp()
  const answer = await post('/api/v1/auth/logout', {}, { 'x-request-id': 'mes-0001-abcd' })
  expect(answer.headers.getSetCookie().length).toBeGreaterThan(0)
  expect(answer.headers.get('x-request-id')).toBe('mes-0001-abcd')
  expect((await recordOf()).requestId).toBe('mes-0001-abcd')
})

test('a prediction is told with who asked, what answered, how, how fast, and its stages', async () => {
  const { post, recordOf } = setUp()
  const body = { item: knownItem, topK: 7, efSearch: 64 }
  const answer = await post('/api/v1/predict', body)
  const text = await answer.text()
  const record = await recordOf()
  expect(record).toMatchObject({
    requestId: answer.headers.get('x-request-id'),
    method: 'POST',
    route: '/api/v1/predict',
    status: 200,
    problem: null,
    activeVersion: answer.headers.get('x-model-version'),
    epoch: 7,
    efSearch: 64,
    k: 7,
    bytesIn: JSON.stringify(body).length,
    bytesOut: Buffer.byteLength(text),
    userId: '12',
    role: 'admin',
    client: '127.0.0.1',
    aborted: false,
    sampled: false,
  })
  expect(record.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(record.spanId).toMatch(/^[0-9a-f]{16}$/)
  expect(Object.keys(record.stages)).toEqual(expect.arrayContaining(['parse', 'validate', 'encode', 'search', 'compose', 'times']))
  const sum = Object.values(record.stages).reduce((total, ms) => total + ms, 0)
  expect(sum).toBeLessThanOrEqual(record.latencyMs + 0.01)
})

test('an answer made here has the time and the size of its text', async () => {
  const { call, recordOf } = setUp()
  const text = await (await call('/api/v1/items?limit=3')).text()
  const record = await recordOf()
  expect(record.bytesOut).toBe(Buffer.byteLength(text))
  expect(record.bytesIn).toBe(0)
})

test('a refusal is told by its code, never by what was asked', async () => {
  const { post, recordOf, records } = setUp()
  await post('/api/v1/predict', { item: 'canary-item-1' })
  await post('/api/v1/predict', { item: 7, 'canary-2': 1 })
  expect(await recordOf(1)).toMatchObject({ status: 404, problem: 'unknown_item' })
  expect(await recordOf(2)).toMatchObject({ status: 422, problem: 'invalid_value' })
  expect(JSON.stringify(records)).not.toContain('canary')
})

test('a person is a number, a machine its key; the name of neither person nor place is kept', async () => {
  const people = setUp(admin)
  await people.call('/api/v1/models/active')
  expect(JSON.stringify(await people.recordOf())).not.toContain('plant.example')
  const machines = setUp(key)
  await machines.call('/api/v1/models/active')
  expect(await machines.recordOf()).toMatchObject({ userId: 'key:mes', role: 'key' })
  const nobody = setUp(null)
  await nobody.call('/api/v1/models/active')
  expect(await nobody.recordOf()).toMatchObject({ userId: null, role: null, status: 401, problem: 'not_authenticated' })
})

test("the caller's trace goes on where it is well-formed, the address comes from a trusted proxy only", async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const headers = { traceparent, 'x-forwarded-for': '10.1.2.3' }
  const direct = setUp()
  await direct.call('/livez', { headers })
  expect(await direct.recordOf()).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', sampled: true, client: '127.0.0.1' })
  expect((await direct.recordOf()).spanId).not.toBe('b7ad6b7169203331')
  const proxied = setUp(admin, { trustedProxies: ['127.0.0.1'] })
  await proxied.call('/livez', { headers: { ...headers, traceparent: 'nonsense' } })
  const record = await proxied.recordOf()
  expect(record).toMatchObject({ client: '10.1.2.3', sampled: false })
  expect(record.traceId).not.toContain('0af76519')
})

test('every line that requests of any kind leave is as the contract says', async () => {
  const app = setUp()
  const { call, post, records } = app
  const huge = 'x'.repeat(5_000)
  await call('/livez')
  await call('/nothing/here')
  await call(`/api/v1/items/${encodeURIComponent('a/../b')}`)
  await call('/api/v1/items', { method: 'DELETE' })
  await call('/livez', { headers: { 'user-agent': huge, 'x-request-id': 'not valid!', traceparent: huge } })
  await post('/api/v1/predict', { item: knownItem })
  await (await post('/api/v1/predict/batch', { items: [{ item: knownItem }] })).text()
  await call('/api/v1/predict', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } })
  await call('/api/docs')
  await call('/metrics')
  expect(await until(() => records.length === 10)).toBe(true)
  const directory = `${process.env.TMPDIR ?? '/tmp'}/access-line-${process.pid}`
  const log = openLog({ directory, level: 'info', worker: 0 })
  for (const record of records) log.access(record)
  await log.close()
  const lines = (await Bun.file(`${directory}/access-0.ndjson`).text()).trimEnd().split('\n')
  expect(lines.flatMap((line) => [...Value.Errors(AccessLine, JSON.parse(line))])).toEqual([])
  expect(lines.length).toBe(10)
  await Bun.$`rm -r ${directory}`
})

test('requests that are refused at the door are all counted, and so many a second have a line', async () => {
  const records: AccessRecord[] = []
  const counted: AccessRecord[] = []
  const onRefused = createRefusalLog({
    write: (record) => records.push(record),
    count: (record) => counted.push(record),
    addressOf: () => '10.0.0.7',
    linesPerSecondMax: 1,
    now: () => 0,
  })
  const admission = new Admission({ waitingMax: 0, onRefused })
  const { post } = setUp(admin, { admission })
  const answer = await post('/api/v1/predict', { item: knownItem })
  expect(answer.status).toBe(503)
  expect(records).toMatchObject([
    { route: '/api/v1/predict', status: 503, problem: 'overloaded', client: '10.0.0.7', requestId: answer.headers.get('x-request-id') },
  ])
  // a flood is counted, not written down
  for (let times = 0; times < 5; times++) await post('/api/v1/predict?a=1', { item: knownItem })
  expect([records.length, counted.length]).toEqual([1, 5])
})

test('how long the stages took is told to admins only', async () => {
  const timing = async (who: Principal | null) =>
    (await setUp(who).post('/api/v1/predict', { item: knownItem })).headers.get('server-timing')
  expect(await timing(admin)).toMatch(/search;dur=[\d.]+/)
  expect(await timing({ ...admin, role: 'user' })).toBeNull()
  expect(await timing(key)).toBeNull()
})

test('the parts of the health are told to admins, to keys that may read, and on the machine itself', async () => {
  const seen = async (who: Principal | null, headers: Record<string, string> = { 'x-forwarded-for': '10.0.0.9' }) =>
    Object.keys(await (await setUp(who).call('/health', { headers })).json())
  const all = ['status', 'version', 'releaseId', 'checks']
  expect(await seen(null, {})).toEqual(all)
  expect(await seen(admin)).toEqual(all)
  expect(await seen(key)).toEqual(all)
  expect(await seen(null)).toEqual(['status'])
  expect(await seen(null, { via: '1.1 proxy' })).toEqual(['status'])
  expect(await seen({ ...admin, role: 'user' })).toEqual(['status'])
  expect(await seen({ ...key, scopes: ['predict'] })).toEqual(['status'])
  const broken = () => {
    throw new DomainError('database_unavailable', 'the database cannot be read')
  }
  const app = setUp(null, { authenticate: broken })
  expect(await (await app.call('/health', { headers: { 'x-real-ip': '1.2.3.4' } })).json()).toEqual({ status: 'pass' })
})
