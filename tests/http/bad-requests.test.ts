import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Answer, badRequests, canary, send } from './bad-requests'
import { startApp } from './sample-app'

let running: ReturnType<typeof startApp>
beforeAll(() => {
  running = startApp()
})
afterAll(() => running.stop())

describe('a bad request is refused with its status and code', () => {
  for (const request of badRequests) {
    test(`${request.name}: ${request.status} ${request.code ?? ''}`, async () => {
      const answer = await send(running.url, request)
      expect({ status: answer.status, code: answer.code }).toEqual({ status: request.status, code: request.code })
      expect(answer.headers + answer.text).not.toContain(canary)
      if (request.code !== null) expectEnvelope(answer)
    })
  }
})

function expectEnvelope({ text, headers }: Answer) {
  const { code, message, requestId, details, ...rest } = JSON.parse(text)
  expect(rest).toEqual({})
  expect(typeof code).toBe('string')
  expect(message.length).toBeGreaterThan(5)
  expect(headers.toLowerCase()).toContain(`x-request-id: ${requestId}`)
  for (const detail of details ?? []) expect(Object.keys(detail).sort()).toEqual(['message', 'path'])
}

test('after all of them nothing of the prototype has changed and the server still answers', async () => {
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as { x?: unknown }).x).toBeUndefined()
  const answer = await running.post('/api/v1/predict', { item: 'AB-1/2' })
  expect(answer.status).toBe(200)
})

test('hostile bodies do not hold up the event loop', async () => {
  // Processor time, not the clock: other programs on the machine are no part of it.
  const used = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  let latest = used()
  let lag = 0
  const timer = setInterval(() => {
    const now = used()
    lag = Math.max(lag, now - latest)
    latest = now
  }, 1)
  const hostile = badRequests.filter(({ name }) => /10 MB|deep|501/.test(name))
  for (let round = 0; round < 3; round++) for (const request of hostile) await send(running.url, request)
  clearInterval(timer)
  expect(hostile.length).toBeGreaterThan(4)
  // The client of this test shares the loop: what is measured is the server's part and the client's copying.
  expect(lag).toBeLessThan(150)
})
