/** What happens when more is asked than can be calculated: the real app on a real socket, with calculations of known length. */
import { afterEach, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { limits } from '../../server/contract/limits'
import { DomainError } from '../../server/domain/error'
import { jsonAnswer } from '../../server/domain/json-answer'
import { Admission, type AdmissionOptions } from '../../server/http/admission'
import { startApp } from './sample-app'
import { samplePrediction } from './sample-services'

let running: ReturnType<typeof startApp> | null = null
afterEach(() => {
  running?.stop()
  running = null
})

function workFor(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; ) Math.sqrt(until)
}

/** An app whose predictions take `ms` and are counted. */
function start(ms: number, options: AdmissionOptions = {}) {
  const admission = new Admission(options)
  const calculated = { count: 0 }
  const predict = (request: Parameters<typeof samplePrediction>[0]) => {
    calculated.count++
    workFor(ms)
    return jsonAnswer(samplePrediction(request), 'bypass', request.topK)
  }
  running = startApp({ predict }, { admission })
  const app = running
  const ask = (number = 1, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    app.call('/api/v1/predict', {
      method: 'POST',
      body: JSON.stringify({ attributes: { OUTDIAMETER: number } }),
      headers: { 'content-type': 'application/json', ...headers },
      signal,
    })
  const empty = async () => {
    for (let times = 0; times < 500; times++) {
      const { waiting, arriving, askers, long } = admission.status()
      if (waiting + arriving + askers + long === 0) return true
      await Bun.sleep(10)
    }
    return false
  }
  return { app, admission, calculated, ask, empty }
}
const statuses = async (answers: Promise<Response>[]) => (await Promise.all(answers)).map(({ status }) => status)
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('requests that are calculated', () => {
  test('all wait for their turn, and others are answered in between', async () => {
    const { app, calculated, ask, empty } = start(10)
    const answers = numbers(50).map((number) => ask(number))
    await Bun.sleep(30)
    for (const path of ['/livez', '/readyz', '/health', '/api/v1/models/active']) expect((await app.call(path)).status).toBe(200)
    // four round trips, each behind one calculation at most: far from 50 of them
    expect(calculated.count).toBeLessThan(30)
    expect(new Set(await statuses(answers))).toEqual(new Set([200]))
    expect(calculated.count).toBe(50)
    expect(await empty()).toBe(true)
  }, 20_000)

  test('are calculated in the order of their coming', async () => {
    const admission = new Admission()
    const order: number[] = []
    const turns = numbers(10).map((number) => admission.run(new Request('http://localhost/'), () => order.push(number)))
    // the first has the turn of this moment, the others wait for theirs
    expect(order).toEqual([0])
    await Promise.all(turns)
    expect(order).toEqual(numbers(10))
  })

  test('have one turn: what it failed with is said again, and nothing is calculated for it', async () => {
    const admission = new Admission({ deadlineMs: 20 })
    const ask = new Request('http://localhost/api/v1/search', { method: 'POST' })
    const blocker = new Request('http://localhost/api/v1/search', { method: 'POST' })
    const failures: unknown[] = []
    let calculated = 0
    const search = async (request: Request) => {
      for (let times = 0; times < 2; times++) {
        try {
          await admission.run(request, () => {
            calculated++
            if (request === blocker) workFor(60)
            throw new Error('broken')
          })
        } catch (error) {
          failures.push(error)
        }
      }
      return new Response()
    }
    // has the turn of this moment: the others wait
    admission.run(new Request('http://localhost/'), () => {})
    await Promise.all([admission.admit(blocker, search), admission.admit(ask, search)])
    expect(calculated).toBe(1)
    const said = failures.map((error) => (error instanceof DomainError ? error.code : String(error)))
    expect(said.sort()).toEqual(['Error: broken', 'Error: broken', 'deadline_exceeded', 'deadline_exceeded'])
    expect(admission.status().expired).toBe(1)
  })

  test('what the line cannot take is refused before it is read, with the envelope, the time to come back and the usual headers', async () => {
    const { app, admission, calculated, ask } = start(5, { waitingMax: 10 })
    const answers = await Promise.all(numbers(100).map((number) => ask(number)))
    const refused = answers.filter(({ status }) => status === 503)
    expect(answers.filter(({ status }) => status === 200).length).toBe(calculated.count)
    expect(refused.length).toBe(100 - calculated.count)
    expect(refused.length).toBeGreaterThan(50)
    const { full } = admission.status().shed
    expect(full).toBe(refused.length)
    const bodies = await Promise.all(refused.map((answer) => answer.json()))
    for (const [index, answer] of refused.entries()) {
      expect(bodies[index]).toEqual({ code: 'overloaded', message: expect.any(String), requestId: answer.headers.get('x-request-id') })
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
    expect(new Set(bodies.map(({ requestId }) => requestId)).size).toBe(refused.length)
    // the door does not look at bodies, and lets everything else pass
    expect((await app.call('/api/v1/predict')).status).toBe(405)
  })

  test('is not calculated when it has waited longer than the deadline', async () => {
    const { admission, calculated, ask } = start(20, { deadlineMs: 100 })
    const answers = await Promise.all(numbers(40).map((number) => ask(number)))
    const codes = await Promise.all(
      answers.filter(({ status }) => status !== 200).map(async (answer) => ((await answer.json()) as { code: string }).code),
    )
    const { expired, shed } = admission.status()
    expect(codes.filter((code) => code === 'deadline_exceeded').length).toBe(expired)
    expect(codes.filter((code) => code === 'overloaded').length).toBe(shed.full + shed.slow)
    expect(expired).toBeGreaterThan(0)
    expect(calculated.count).toBe(40 - codes.length)
    expect(calculated.count).toBeLessThan(15)
  })

  test('a wait that would be longer than the deadline is refused at the door', async () => {
    const { admission, ask } = start(20, { deadlineMs: 300 })
    // learns how long one takes
    for (let round = 0; round < 8; round++) await Promise.all(numbers(10).map((number) => ask(number)))
    const before = admission.status()
    expect(before.serviceMs).toBeGreaterThan(10)
    const answers = await statuses(numbers(100).map((number) => ask(number)))
    expect(admission.status().shed.slow - before.shed.slow).toBeGreaterThan(50)
    expect(answers.filter((status) => status === 200).length).toBeGreaterThan(5)
    expect(answers.filter((status) => status === 504).length).toBeLessThan(10)
  })

  test('a thousand clients that go away leave nothing behind', async () => {
    const { admission, calculated, ask, empty } = start(2)
    for (let round = 0; round < 10; round++) {
      const gone = new AbortController()
      const answers = numbers(100).map((number) => ask(number, { cookie: `sid=${number % 7}` }, gone.signal).catch(() => null))
      await Bun.sleep(10)
      gone.abort()
      await Promise.all(answers)
    }
    expect(await empty()).toBe(true)
    const { abandoned, shed } = admission.status()
    expect(abandoned).toBeGreaterThan(100)
    expect(calculated.count + abandoned + shed.full + shed.asker).toBeLessThanOrEqual(1_000)
    expect(calculated.count).toBeLessThan(900)
    expect((await ask()).status).toBe(200)
  }, 30_000)
})

describe('one asker', () => {
  test('may have the whole line alone, and gives up all above its share when others come', async () => {
    const { admission, ask } = start(10, { waitingMax: 20, waitingPerAskerMax: 10 })
    const greedy = numbers(30).map((number) => ask(number, { authorization: 'Bearer greedy' }))
    await Bun.sleep(30)
    expect(admission.status().waiting).toBeGreaterThan(10)
    const others = await statuses(numbers(5).map((number) => ask(number, { authorization: `Bearer modest-${number}` })))
    expect(others).toEqual([200, 200, 200, 200, 200])
    const served = (await statuses(greedy)).filter((status) => status === 200).length
    // its share is never taken from it
    expect(served).toBeGreaterThanOrEqual(10)
    expect(admission.status().shed.asker).toBeGreaterThan(0)
  })

  test('cannot come in beyond its share while others wait', async () => {
    const { ask } = start(10, { waitingMax: 20, waitingPerAskerMax: 5 })
    const modest = numbers(6).map((number) => ask(number, { cookie: `sid=${number}` }))
    const greedy = statuses(numbers(20).map((number) => ask(number, { cookie: 'sid=greedy' })))
    expect(await statuses(modest)).toEqual([200, 200, 200, 200, 200, 200])
    const served = (await greedy).filter((status) => status === 200).length
    expect(served).toBeGreaterThanOrEqual(5)
    expect(served).toBeLessThan(12)
  })
})

test('bodies that do not come hold the door only for a moment', async () => {
  const { app, admission, ask } = start(1, { waitingMax: 20 })
  const sockets = numbers(40).map(() => {
    const socket = connect({ host: '127.0.0.1', port: Number(app.url.port) })
    socket.on('error', () => {})
    socket.write('POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{')
    return socket
  })
  for (let times = 0; admission.status().arriving < 20 && times < 100; times++) await Bun.sleep(5)
  expect((await ask()).status).toBe(503)
  await Bun.sleep(300)
  expect((await ask()).status).toBe(200)
  for (const socket of sockets) socket.destroy()
})

test('so many batches run at once and no more; one that ends makes room', async () => {
  const admission = new Admission()
  const open = { count: 0, predictions: 0 }
  running = startApp(
    {
      openBatch: () => ({
        version: '2026.01.31_1',
        epoch: 7,
        configRev: 0,
        predict: (request) => {
          open.predictions++
          workFor(2)
          return samplePrediction(request)
        },
        close: () => {
          open.count++
        },
      }),
    },
    { admission },
  )
  const { post, call } = running
  const batch = () => post('/api/v1/predict/batch', { items: numbers(100).map(() => ({ item: 'AB-1/2' })) })
  const answers = await Promise.all(numbers(limits.longRequestsMax).map(batch))
  expect(answers.map(({ status }) => status)).toEqual(numbers(limits.longRequestsMax).map(() => 200))
  const refused = await batch()
  expect({ status: refused.status, ...((await refused.json()) as object) }).toMatchObject({ status: 503, code: 'overloaded' })
  // health waits for a slice of each batch at most (two predictions), and not for their ends
  for (let times = 0; times < 5; times++) {
    const before = open.predictions
    expect((await call('/livez')).status).toBe(200)
    expect(open.predictions - before).toBeLessThan(50)
  }
  expect(open.count).toBe(0)
  // single predictions have their turns between the slices
  expect((await post('/api/v1/predict', { item: 'AB-1/2' })).status).toBe(200)
  for (const answer of answers) expect((await answer.text()).trimEnd().split('\n').length).toBe(100)
  expect(open.count).toBe(limits.longRequestsMax)
  expect(admission.status().long).toBe(0)
  const next = await batch()
  expect(next.status).toBe(200)
  await next.text()
}, 30_000)
