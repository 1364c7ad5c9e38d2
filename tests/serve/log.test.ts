import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { openLog } from '../../server/log'
import { startApp } from '../http/sample-app'

const directory = mkdtempSync(join(tmpdir(), 'log-'))
afterAll(() => rmSync(directory, { recursive: true }))

const linesOf = (worker: number) =>
  readFileSync(join(directory, `routewright-${worker}.ndjson`), 'utf8')
    .trimEnd()
    .split('\n')

const record = {
  requestId: 'abcd-1234',
  method: 'GET',
  route: '/api/v1/items/:code',
  status: 200,
  latencyMs: 1.25,
  activeVersion: '2026.01.31_1',
  epoch: 3,
  userAgent: 'agent',
}

test('a request is one line of JSON with the fields of the schema', async () => {
  const log = await openLog({ directory, level: 'info', worker: 1 })
  log.access(record)
  log.access(record)
  log.event({ event: 'model.swapped', version: '2026.01.31_1' })
  log.failure(new Error('why'), 'abcd-1234')
  await log.close()
  const [first, second, event, failure] = linesOf(1).map((line) => JSON.parse(line))
  expect(Object.keys(first).sort()).toEqual(
    [
      'active_version',
      'epoch',
      'event',
      'latency_ms',
      'level',
      'method',
      'pid',
      'request_id',
      'route',
      'seq',
      'status',
      'ts',
      'user_agent.original',
      'worker',
    ].sort(),
  )
  expect(first).toMatchObject({ event: 'http.request', worker: 1, latency_ms: 1.25, active_version: '2026.01.31_1' })
  expect([first.seq, second.seq, event.seq, failure.seq]).toEqual([0, 1, 2, 3])
  expect(failure).toMatchObject({ level: 'error', request_id: 'abcd-1234' })
  expect(failure.error).toContain('log.test.ts')
})

test('whatever a client calls itself, each request stays one line that says no more than it should', async () => {
  const log = await openLog({ directory, level: 'info', worker: 2 })
  const running = startApp()
  const agents = fc.sample(
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', '}', '%', '\u0085', '\u00a0', '\u001b', '\t', '[31m'), maxLength: 400 }),
    200,
  )
  for (const userAgent of agents) {
    const headers = new Headers()
    try {
      headers.set('user-agent', userAgent)
    } catch {
      continue
    }
    await running.app.handle(new Request('http://localhost/livez', { headers }))
  }
  await Bun.sleep(20)
  for (const one of running.records) log.access(one)
  await log.close()
  running.stop()
  const lines = linesOf(2)
  expect(lines.length).toBe(running.records.length)
  expect(lines.length).toBeGreaterThan(50)
  for (const line of lines) {
    const { 'user_agent.original': agent } = JSON.parse(line)
    expect(agent.length).toBeLessThanOrEqual(256)
    expect(agent).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
  }
})

test('a folder that cannot be made stops nothing', async () => {
  const log = await openLog({ directory: '/proc/no/such', level: 'info', worker: 3 })
  log.access(record)
  await log.close()
})
