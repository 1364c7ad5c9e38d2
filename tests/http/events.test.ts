import { afterEach, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import type { Principal } from '../../server/http/access'
import { EventStreams, type EventStreamsOptions } from '../../server/http/event-stream'
import { createEventFeed, type EventFeed, type FeedSources } from '../../server/pipeline/evidence/event-feed'
import { until } from '../serve/live-server'
import { startApp } from './sample-app'

const person = (id: number, role: Principal['role'] = 'user'): Principal => ({
  kind: 'person',
  id,
  name: `p${id}@plant`,
  role,
  scopes: [],
  session: 's',
  mustChangePassword: false,
})

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** The real app over real sockets; who asks stands in a header, what is read in `now`. */
function setUp(options: Partial<EventStreamsOptions> = {}) {
  const people = new Map([1, 2, 3].map((id) => [String(id), person(id, id === 1 ? 'admin' : 'user')]))
  const authenticate = ({ headers }: Request) => people.get(headers.get('x-person') ?? '') ?? null
  const now = { epoch: 1, revision: 0, pending: 0 }
  const intent = {
    id: 7,
    version: 'v2',
    kind: 'activate',
    status: 'preparing',
    ifEpoch: 1,
    who: 'kim',
    why: '',
    endedAt: null,
    failure: null,
  }
  const asked = { times: 0 }
  const sources: FeedSources = {
    model: () => {
      asked.times++
      return { active: 'v1', previous: null, epoch: now.epoch, changedAt: null }
    },
    configRevision: () => now.revision,
    intents: () => [
      { ...intent, startedAt: '2026-01-01T00:00:00.000Z', steps: [] } as unknown as ReturnType<FeedSources['intents']>[number],
    ],
    pendingAccounts: () => now.pending,
    jobs: () => [],
  }
  const feed = createEventFeed({ sources, pollMs: 20 })
  const streams = new EventStreams({ authenticate, beatMs: 50, ...options })
  const sends = new Set<(message: { bytes: Uint8Array }) => void>()
  const subscribe: EventFeed['subscribe'] = (listener) => {
    sends.add(listener.send as (message: { bytes: Uint8Array }) => void)
    return feed.subscribe(listener)
  }
  const app = startApp({ subscribe }, { authenticate, streams })
  /** To all who listen. */
  const send = (bytes: Uint8Array) => {
    for (const one of sends) one({ bytes })
  }
  stops.push(
    () => app.stop(),
    feed.close,
    () => streams.end(),
  )
  const listen = async (who: string) => {
    const abort = new AbortController()
    const answer = await app.call('/api/v1/events', { headers: { 'x-person': who }, signal: abort.signal })
    const heard = { text: '', ended: false, status: answer.status, headers: answer.headers, leave: () => abort.abort() }
    void read(answer, heard)
    stops.push(heard.leave)
    return heard
  }
  return { app, send, streams, people, now, asked, listen }
}

async function read(answer: Response, heard: { text: string; ended: boolean }) {
  const decoder = new TextDecoder()
  try {
    for await (const chunk of answer.body!) heard.text += decoder.decode(chunk, { stream: true })
  } catch {
    // left by the test
  }
  heard.ended = true
}

const events = (text: string) =>
  [...text.matchAll(/id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n/g)].map(([, id, event, data]) => ({
    id: Number(id),
    event,
    data: JSON.parse(data),
  }))

describe('live events', () => {
  test('begin with what is now, then tell each change once, with ids that grow', async () => {
    const { listen, now } = setUp()
    const heard = await listen('2')
    expect(heard.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(heard.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(await until(() => events(heard.text).length === 2)).toBe(true)
    expect(events(heard.text)).toMatchObject([
      { event: 'model', data: { active: 'v1', epoch: 1 } },
      { event: 'config', data: { revision: 0 } },
    ])
    now.epoch = 2
    expect(await until(() => events(heard.text).length === 3)).toBe(true)
    now.revision = 5
    expect(await until(() => events(heard.text).length === 4)).toBe(true)
    await Bun.sleep(100)
    const all = events(heard.text)
    expect(all.slice(2)).toMatchObject([
      { event: 'model', data: { epoch: 2 } },
      { event: 'config', data: { revision: 5 } },
    ])
    const ids = all.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  })

  test('tell admins of switches and accounts, and nobody else', async () => {
    const { listen, now } = setUp()
    const [admin, user] = [await listen('1'), await listen('2')]
    now.pending = 3
    expect(await until(() => events(admin.text).some(({ event, data }) => event === 'accounts' && data.pending === 3))).toBe(true)
    expect(events(admin.text).map(({ event }) => event)).toContain('activation')
    now.epoch = 9
    expect(await until(() => events(user.text).some(({ data }) => data.epoch === 9))).toBe(true)
    expect([...new Set(events(user.text).map(({ event }) => event))].sort()).toEqual(['config', 'model'])
  })

  test('are told to nobody who is not known, and a Last-Event-ID changes nothing', async () => {
    const { app, listen } = setUp()
    expect((await app.call('/api/v1/events')).status).toBe(401)
    const heard = await app.call('/api/v1/events', { headers: { 'x-person': '2', 'last-event-id': '99999999999999; <script>' } })
    expect(heard.status).toBe(200)
    const reader = heard.body!.getReader()
    const decoder = new TextDecoder()
    let text = ''
    while (!text.includes('event: config')) text += decoder.decode((await reader.read()).value, { stream: true })
    expect(events(text).map(({ event }) => event)).toEqual(['model', 'config'])
    await reader.cancel()
    expect((await listen('2')).status).toBe(200)
  })

  test('keep the connection open with a ping', async () => {
    const { listen } = setUp()
    const heard = await listen('2')
    expect(await until(() => heard.text.split(': ping\n\n').length > 3)).toBe(true)
  })

  test('end when the session ends, and when the role changes', async () => {
    const { listen, people } = setUp()
    const [one, two] = [await listen('2'), await listen('1')]
    people.delete('2')
    expect(await until(() => one.ended)).toBe(true)
    expect(two.ended).toBe(false)
    people.set('1', person(1, 'user'))
    expect(await until(() => two.ended)).toBe(true)
  })

  test('are for so many pages of a person and so many people only, and a page that is closed makes room', async () => {
    const { app, listen, streams } = setUp({ perPersonMax: 2, totalMax: 3 })
    const mine = [await listen('2'), await listen('2')]
    const refused = await app.call('/api/v1/events', { headers: { 'x-person': '2' } })
    expect({ status: refused.status, code: (await refused.json()).code }).toEqual({ status: 429, code: 'too_many_streams' })
    await listen('3')
    expect((await app.call('/api/v1/events', { headers: { 'x-person': '1' } })).status).toBe(429)
    mine[0].leave()
    expect(await until(() => streams.count === 2)).toBe(true)
    expect((await listen('1')).status).toBe(200)
  })

  test('ask the database once for all who listen, and not at all when nobody does', async () => {
    const { listen, asked, streams } = setUp()
    const heard = [await listen('1'), await listen('2'), await listen('3')]
    await Bun.sleep(50)
    const before = asked.times
    await Bun.sleep(300)
    expect(asked.times - before).toBeLessThanOrEqual(16)
    expect(asked.times - before).toBeGreaterThan(3)
    for (const one of heard) one.leave()
    expect(await until(() => streams.count === 0)).toBe(true)
    const after = asked.times
    await Bun.sleep(100)
    expect(asked.times).toBe(after)
  })

  test('drop a reader who does not read, and go on for the others', async () => {
    const { app, streams, listen, send } = setUp({ beatMs: 60_000 })
    const socket = connect(Number(app.url.port), '127.0.0.1')
    socket.pause()
    socket.write('GET /api/v1/events HTTP/1.1\r\nHost: x\r\nx-person: 3\r\n\r\n')
    const reader = await listen('2')
    expect(await until(() => streams.count === 2)).toBe(true)
    // much more than the buffers of both ends hold
    const much = Buffer.from(`: ${'x'.repeat(20_000)}\n\n`)
    for (let times = 0; times < 2_000 && streams.count === 2; times++) {
      send(much)
      await Bun.sleep(1)
    }
    expect(streams.count).toBe(1)
    expect(reader.ended).toBe(false)
    socket.destroy()
  })

  test('end when the server stops, and nobody is let in any more', async () => {
    const { app, listen, streams } = setUp()
    const heard = [await listen('1'), await listen('2')]
    streams.end()
    expect(await until(() => heard.every(({ ended }) => ended))).toBe(true)
    expect((await app.call('/api/v1/events', { headers: { 'x-person': '3' } })).status).toBe(503)
    expect(await until(() => app.server.pendingRequests === 0)).toBe(true)
  })
})
