/**
 * The short way of kept answers beside the framework's: whatever is asked, both say the same, in the answer and in the log. Both apps
 * are the real ones on real sockets, each with a cache of its own over the same small calculation.
 */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { DomainError } from '../../server/domain/error'
import type { Principal } from '../../server/http/access'
import { AnswerCache } from '../../server/pipeline/answer-cache'
import type { Model } from '../../server/pipeline/model'
import { startApp } from './sample-app'
import { knownItem, samplePrediction } from './sample-services'

const machine: Principal = {
  kind: 'key',
  id: 0,
  name: 'key:m',
  role: 'user',
  scopes: ['predict'],
  session: null,
  mustChangePassword: false,
}
const person: Principal = { kind: 'person', id: 7, name: 'lee', role: 'user', scopes: [], session: 's', mustChangePassword: false }
/** By the key or the cookie that a request brings; changed by tests while the apps run. */
const people = new Map<string, Principal | null | DomainError>()
let modelProblem: DomainError | null = null

function start(shortWay: boolean) {
  const failures: unknown[] = []
  const calculated = { count: 0 }
  const cache = new AnswerCache({ recordAgain: () => {}, reportFailure: (error) => failures.push(error) })
  const model = { version: 'v', epoch: 7, manifest: {} } as unknown as Model
  const bounds = { answersMax: 100, answerBytesMax: 10_000_000 }
  const of = () => {
    if (modelProblem !== null) throw modelProblem
    return { model, configRev: 4, bounds }
  }
  const who = (request: Request) => {
    const found = people.get(request.headers.get('authorization') ?? request.headers.get('cookie') ?? '') ?? null
    if (found instanceof DomainError) throw found
    return found
  }
  const searched = { count: 0 }
  const app = startApp(
    {
      searchVector: (vector, { k = 2 }) => {
        searched.count++
        const { model, configRev } = of()
        if (vector.length !== 3) throw new DomainError('vector_wrong_length', 'the vector has another length than the index')
        const { version, epoch } = model
        const timingsMs = { search: 0.1, total: 0.2 }
        const list = JSON.stringify({ keys: [1, 2].slice(0, k), scores: [...vector], version, epoch, configRev, timingsMs })
        return { version, epoch, configRev, efSearch: 96, k, timingsMs, cache: null, document: new TextEncoder().encode(list) }
      },
      repeat: (bytes) => cache.repeat(bytes, of()),
      predict: (request, bytes) =>
        cache.answer({ ...of(), request, bytes }, () => {
          calculated.count++
          const prediction = { ...samplePrediction(request), id: Bun.randomUUIDv7(), reason: `한글 ${'x'.repeat(5_000)}` }
          const proposal = { version: '', epoch: 0, item: null, confidence: 0, abstained: false, candidates: '' }
          return { prediction, recordable: { proposal, version: '', counts: null } }
        }),
    },
    { shortWay, authenticate: (request) => (request.headers.has('cookie') ? Promise.resolve().then(() => who(request)) : who(request)) },
  )
  return { ...app, calculated, searched, failures, cache }
}
const short = start(true)
const long = start(false)
afterAll(() => {
  short.stop()
  long.stop()
})
beforeEach(() => {
  modelProblem = null
  people.clear()
  people
    .set('Bearer m', machine)
    .set('sid=lee', person)
    .set('sid=kim', { ...person, id: 8, name: 'kim', role: 'admin' })
})

type Ask = Omit<RequestInit, 'headers'> & { headers?: Record<string, string>; path?: string }
const key = { authorization: 'Bearer m', 'content-type': 'application/json' }
const question = JSON.stringify({ item: knownItem, topK: 12 })

/** Everything that a client and the log see, but for what is each request's own. */
async function seen(app: typeof short, { path = '/api/v1/predict', ...init }: Ask) {
  const before = app.records.length
  const response = await app.call(path, { method: 'POST', body: question, ...init, headers: init.headers ?? key })
  const text = await response.text()
  for (let times = 0; times < 100 && app.records.length === before; times++) await Bun.sleep(2)
  const { requestId, traceId: _t, spanId: _s, latencyMs: _l, stages, ...record } = app.records[before]
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => !['date', 'content-length', 'x-request-id', 'server-timing'].includes(name)),
  )
  const own = requestId === response.headers.get('x-request-id')
  const length = Number(response.headers.get('content-length')) === Buffer.byteLength(text)
  const { id: _id, timingsMs, requestId: _r, ...body } = JSON.parse(text) as Record<string, unknown>
  const whole = record.bytesOut === Buffer.byteLength(text)
  const stageNames = Object.keys(stages).filter((name) => !['validate', 'parse', 'queue'].includes(name))
  return {
    status: response.status,
    headers,
    own,
    length,
    whole,
    body,
    timings: Object.keys(timingsMs ?? {}),
    stageNames,
    record: { ...record, bytesOut: 0 },
  }
}

async function same(ask: Ask = {}) {
  const [one, other] = [await seen(short, ask), await seen(long, ask)]
  expect(one).toEqual(other)
  expect(one.own && one.length && (one.whole || one.status !== 200)).toBe(true)
  return one
}

describe('the short way says what the framework says', () => {
  test('of a question that is new, that was asked, and that was asked in other words', async () => {
    expect((await same()).headers['x-cache']).toBe('miss')
    const hit = await same()
    expect(hit.headers['x-cache']).toBe('hit')
    expect(hit.record).toMatchObject({ cache: 'hit', k: 12, userId: 'key:m', role: 'key', route: '/api/v1/predict', status: 200 })
    expect((await same({ body: ` ${question}` })).headers['x-cache']).toBe('hit')
    expect((await same({ body: ` ${question}` })).headers['x-cache']).toBe('hit')
    expect((await same({ body: question.replace('12', '13') })).headers['x-cache']).toBe('miss')
    expect(short.calculated.count).toBe(long.calculated.count)
    expect(short.cache.status()).toEqual(long.cache.status())
  })

  test('to people and to admins, with the client`s own request id', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'abcdefgh-12345' }
    await same()
    for (const cookie of ['sid=lee', 'sid=kim']) {
      const { headers: answered } = await same({ headers: { ...headers, cookie } })
      expect(answered['x-cache']).toBe('hit')
    }
  })

  test('to whoever may not ask, and to what cannot be read, though the answer is kept', async () => {
    await same()
    const bare = { authorization: 'Bearer m' }
    const refused: [number, Ask][] = [
      [401, { headers: { 'content-type': 'application/json' } }],
      [401, { headers: { ...key, authorization: 'Bearer other' } }],
      [403, { headers: { ...key, cookie: 'sid=lee', 'sec-fetch-site': 'cross-site' } }],
      [415, { headers: { ...bare, 'content-type': 'text/plain' } }],
      [415, { headers: { ...key, 'content-encoding': 'gzip' } }],
      [400, { body: `${question}}` }],
      [400, { body: '' }],
      [400, { path: '/api/v1/predict?a=1&a=2' }],
      [400, { headers: { ...key, 'x-require-epoch': 'soon' } }],
      [422, { body: JSON.stringify({ item: knownItem, topK: 0 }) }],
      [404, { body: JSON.stringify({ item: 'unheard of' }) }],
      [405, { method: 'PUT' }],
    ]
    for (const [status, ask] of refused) expect((await same(ask)).status).toBe(status)
  })

  test('when a person is suspended, a key loses its scope or the database is away: of the next request', async () => {
    await same()
    expect((await same()).headers['x-cache']).toBe('hit')
    people.set('Bearer m', { ...machine, scopes: ['read'] })
    expect((await same()).status).toBe(403)
    people.set('Bearer m', null)
    expect((await same()).status).toBe(401)
    people.set('Bearer m', new DomainError('database_unavailable', 'the database cannot be read'))
    expect((await same()).status).toBe(503)
    people.set('sid=lee', { ...person, mustChangePassword: true })
    expect((await same({ headers: { 'content-type': 'application/json', cookie: 'sid=lee' } })).status).toBe(403)
  })

  test('when no model serves', async () => {
    await same()
    modelProblem = new DomainError('model_not_loaded', 'no version is active')
    expect((await same()).status).toBe(503)
  })
})

describe('a search by vector is answered as the framework answers it', () => {
  const path = '/api/v1/search'
  const vector = Float32Array.from([1, 0.5, -2])
  const bytes = new Uint8Array(vector.buffer)
  const search = (body: Uint8Array<ArrayBuffer> | string, ask: Ask = {}) => same({ path, body, ...ask })
  const octets = { authorization: 'Bearer m', 'content-type': 'application/octet-stream' }

  test('in each spelling, to machines, people and admins', async () => {
    const bodies = [`{"vector":"${bytes.toBase64()}","k":1}`, '{"vector":[1,0.5,-2]}', ' { "k": 2, "vector": [1, 0.5, -2] }']
    for (const body of bodies) {
      const { status, record, headers } = await search(body)
      expect({ status, headers: headers['x-model-version'] }).toEqual({ status: 200, headers: 'v' })
      expect(record).toMatchObject({ route: path, efSearch: 96, cache: null, activeVersion: 'v', epoch: 7, configRevision: 4 })
      expect(headers).not.toHaveProperty('x-cache')
    }
    for (const query of ['', '?k=1', '?k=1&efSearch=64', '?efSearch=64&k=1'])
      expect((await search(bytes, { path: path + query, headers: octets })).status).toBe(200)
    for (const cookie of ['sid=lee', 'sid=kim'])
      expect((await search(bodies[0], { headers: { 'content-type': 'application/json', cookie } })).status).toBe(200)
    expect(short.searched.count).toBe(long.searched.count)
  })

  test('or refused, and calculated no more often', async () => {
    const good = '{"vector":[1,0.5,-2],"k":2}'
    const refused: [number, string | Uint8Array<ArrayBuffer>, Ask][] = [
      [401, good, { headers: { 'content-type': 'application/json' } }],
      [403, good, { headers: { ...key, cookie: 'sid=lee', 'sec-fetch-site': 'cross-site' } }],
      [415, good, { headers: { ...key, 'content-type': 'text/plain' } }],
      [415, good, { headers: { ...key, 'content-encoding': 'gzip' } }],
      [400, good, { path: `${path}?k=1&k=2` }],
      [422, '{"vector":[1,0.5],"k":2}', {}],
      [422, '{"vector":[1,0.5,-2],"k":0}', {}],
      [400, '{"vector":[1,0.5,-2],"k":2,"k":2}', {}],
      [422, '{"vector":"a b"}', {}],
      [422, bytes.slice(1), { headers: octets }],
      [422, bytes.slice(4), { headers: octets }],
      [422, bytes, { path: `${path}?k=0`, headers: octets }],
    ]
    for (const [status, body, ask] of refused) expect((await search(body, ask)).status).toBe(status)
    people.set('Bearer m', null)
    expect((await search(good)).status).toBe(401)
    people.set('Bearer m', { ...machine, scopes: ['read'] })
    expect((await search(good)).status).toBe(403)
    people.set('Bearer m', machine)
    modelProblem = new DomainError('model_not_loaded', 'no version is active')
    expect((await search(good)).status).toBe(503)
    expect(short.searched.count).toBe(long.searched.count)
  })
})

test('equal questions at the same time are calculated once', async () => {
  const body = JSON.stringify({ item: knownItem, topK: 20 })
  for (const { call, calculated } of [short, long]) {
    const before = calculated.count
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => call('/api/v1/predict', { method: 'POST', body, headers: key }).then((response) => response.json())),
    )
    expect(calculated.count).toBe(before + 1)
    expect(new Set((answers as { id: string }[]).map(({ id }) => id)).size).toBe(16)
  }
})

test('answers that overtake each other keep their own numbers', async () => {
  const bodies = Array.from({ length: 8 }, (_, topK) => JSON.stringify({ item: knownItem, topK: topK + 1 }))
  const ask = async (body: string) => {
    const response = await short.call('/api/v1/predict', { method: 'POST', body, headers: key })
    expect(response.status).toBe(200)
    return (await response.json()) as { id: string; reason: string }
  }
  const ids = new Set<string>()
  for (let round = 0; round < 10; round++) {
    for (const { id, reason } of await Promise.all(Array.from({ length: 40 }, (_, at) => ask(bodies[at % 8])))) {
      ids.add(id)
      expect(reason).toBe(`한글 ${'x'.repeat(5_000)}`)
    }
  }
  expect(ids.size).toBe(400)
})

test('a server that stops says so in kept answers too', async () => {
  let stopping = false
  const app = startApp({ repeat: () => null }, { isStopping: () => stopping })
  try {
    stopping = true
    const response = await app.post('/api/v1/predict', { item: knownItem })
    expect(response.headers.get('connection')).toBe('close')
  } finally {
    app.stop()
  }
})
