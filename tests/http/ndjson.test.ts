import { afterEach, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import type { Batch } from '../../server/features/predict-batch'
import { startApp } from './sample-app'
import { samplePrediction } from './sample-services'

let running: ReturnType<typeof startApp> | null = null
afterEach(() => running?.stop())

/** A batch that counts what was asked of it. */
function countingBatch(workMs = 0) {
  const counts = { predictions: 0, closed: 0 }
  const batch: Batch = {
    version: '2026.01.31_1',
    epoch: 7,
    configRev: 4,
    predict: (request) => {
      counts.predictions++
      for (const until = performance.now() + workMs; performance.now() < until; ) Math.sqrt(until)
      return samplePrediction(request)
    },
    close: () => {
      counts.closed++
    },
  }
  return { batch, counts }
}
const items = (count: number) => ({ items: Array.from({ length: count }, () => ({ item: 'AB-1/2' })) })
const until = async (holds: () => boolean, ms = 5_000) => {
  for (const end = performance.now() + ms; !holds() && performance.now() < end; ) await Bun.sleep(5)
}

describe('a batch', () => {
  test('answers one line an item in their order, a problem where an item has one', async () => {
    const { batch, counts } = countingBatch()
    running = startApp({ openBatch: () => batch })
    const response = await running.post('/api/v1/predict/batch', {
      items: [{ item: 'AB-1/2' }, { item: 'unheard of' }, { attributes: { OUTDIAMETER: 5 } }],
      candidates: 2,
    })
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    expect(response.headers.get('x-model-version')).toBe('2026.01.31_1')
    expect(response.headers.get('x-model-epoch')).toBe('7')
    expect(lines.map(({ index }) => index)).toEqual([0, 1, 2])
    expect(lines[0].prediction.item).toBe('AB-1/2')
    expect(lines[1].problem.code).toBe('unknown_item')
    expect(lines[2].prediction.item).toBeNull()
    expect(counts).toEqual({ predictions: 3, closed: 1 })
  })

  test('lets others in between', async () => {
    const { batch } = countingBatch(2)
    running = startApp({ openBatch: () => batch })
    let done = false
    const batchAnswer = running.post('/api/v1/predict/batch', items(500)).then(async (response) => {
      const text = await response.text()
      done = true
      return text
    })
    await Bun.sleep(100)
    for (let times = 0; times < 10; times++) expect((await running.call('/livez')).status).toBe(200)
    // 500 items of 2 ms take a second; ten others were answered before it was over.
    expect(done).toBe(false)
    expect((await batchAnswer).trimEnd().split('\n').length).toBe(500)
  })

  test('waits for a line that is made elsewhere, keeps their order, and asks for no other meanwhile', async () => {
    const { batch, counts } = countingBatch()
    const asked: number[] = []
    const later: Batch = {
      ...batch,
      predict: async (request) => {
        const number = counts.predictions++
        asked.push(number)
        await Bun.sleep(5)
        expect(asked.at(-1)).toBe(number)
        return samplePrediction(request)
      },
    }
    running = startApp({ openBatch: () => later })
    const response = await running.post('/api/v1/predict/batch', {
      items: [{ item: 'AB-1/2' }, { item: 'unheard of' }, { attributes: { OUTDIAMETER: 5 } }],
    })
    const lines = (await response.text()).trimEnd().split('\n')
    const told = lines.map((line) => JSON.parse(line)).map(({ index, prediction, problem }) => [index, problem?.code ?? prediction.item])
    expect(told).toEqual([
      [0, 'AB-1/2'],
      [1, 'unknown_item'],
      [2, null],
    ])
    expect(counts).toEqual({ predictions: 3, closed: 1 })
  })

  test('is not computed for a client that does not read', async () => {
    const { batch, counts } = countingBatch()
    running = startApp({ openBatch: () => batch })
    const body = JSON.stringify({ items: Array.from({ length: 10_000 }, () => ({ attributes: { OUTDIAMETER: 1 } })) })
    const big = { ...batch, predict: (request: object) => ({ ...batch.predict(request), reason: 'x'.repeat(10_000) }) }
    running.stop()
    running = startApp({ openBatch: () => big })
    const socket = connect({ host: '127.0.0.1', port: Number(running.url.port) })
    socket.pause()
    socket.write(
      `POST /api/v1/predict/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    await until(() => counts.predictions > 0)
    await Bun.sleep(1_000)
    const made = counts.predictions
    // 100 MB would be the whole answer; the socket's buffers take a few.
    expect(made).toBeLessThan(5_000)
    expect(made).toBeGreaterThan(0)
    socket.destroy()
    await until(() => counts.closed === 1)
    expect(counts.closed).toBe(1)
  })

  test('ends when the client goes away', async () => {
    const { batch, counts } = countingBatch(1)
    running = startApp({ openBatch: () => batch })
    const gone = new AbortController()
    const response = await running.call('/api/v1/predict/batch', {
      method: 'POST',
      body: JSON.stringify(items(10_000)),
      headers: { 'content-type': 'application/json' },
      signal: gone.signal,
    })
    await response.body!.getReader().read()
    gone.abort()
    await until(() => counts.closed === 1)
    const made = counts.predictions
    await Bun.sleep(100)
    expect(counts).toEqual({ predictions: made, closed: 1 })
    expect(made).toBeLessThan(5_000)
  })

  test('breaks off when an item fails for a reason of our own', async () => {
    const { batch, counts } = countingBatch()
    const failing = { ...batch, predict: (request: object) => (counts.predictions < 2 ? batch.predict(request) : fail()) }
    running = startApp({ openBatch: () => failing })
    const text = running.post('/api/v1/predict/batch', items(5)).then((response) => response.text())
    await expect(text).rejects.toThrow()
    await until(() => counts.closed === 1)
    expect(counts.closed).toBe(1)
  })
})

function fail(): never {
  throw new Error('the engine is gone')
}
