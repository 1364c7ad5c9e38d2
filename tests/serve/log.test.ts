import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import { AccessLine } from '../../server/contract/access-line'
import type { AccessRecord } from '../../server/http/access-log'
import { openLog } from '../../server/log'
import { startApp } from '../http/sample-app'

const directory = mkdtempSync(join(tmpdir(), 'log-'))
afterAll(() => rmSync(directory, { recursive: true }))

const linesOf = (stream: string, worker: number) =>
  readFileSync(join(directory, `${stream}-${worker}.ndjson`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const record: AccessRecord = {
  requestId: 'abcd-1234',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  sampled: true,
  method: 'GET',
  route: '/api/v1/items/:code',
  status: 200,
  problem: null,
  latencyMs: 1.25,
  stages: { parse: 0.1, search: 0.4 },
  activeVersion: '2026.01.31_1',
  epoch: 3,
  configRevision: 2,
  efSearch: 96,
  k: 10,
  cache: 'miss',
  bytesIn: 12,
  bytesOut: 1_200,
  userId: '7',
  role: 'user',
  client: '127.0.0.1',
  userAgent: 'agent',
  aborted: false,
}

test('each stream has a file of its own, whose lines count on without a gap', async () => {
  const log = openLog({ directory, level: 'info', worker: 1 })
  log.access(record)
  log.access({ ...record, status: 503 })
  log.event({ event: 'model.swapped', version: '2026.01.31_1' })
  log.failure(new Error('why'), 'abcd-1234')
  log.slow({ event: 'http.slow' })
  log.security({ event: 'login.failed' })
  await log.close()
  const [first, second] = linesOf('access', 1)
  expect(first).toMatchObject({ event: 'http.request', seq: 0, level: 'info', worker: 1, boot_id: log.bootId, latency_ms: 1.25 })
  expect(second).toMatchObject({ seq: 1, level: 'warning' })
  expect(linesOf('app', 1).map(({ seq, event }) => [seq, event])).toEqual([
    [0, 'model.swapped'],
    [1, 'error'],
  ])
  expect(linesOf('app', 1)[1].error).toContain('log.test.ts')
  expect([linesOf('slow', 1).length, linesOf('security', 1).length]).toEqual([1, 1])
})

describe('a line of the access log', () => {
  test('is as the contract says, and a key that the contract does not know is a mistake', async () => {
    const log = openLog({ directory, level: 'info', worker: 4 })
    log.access(record)
    log.access({ ...record, problem: 'overloaded', activeVersion: null, epoch: null, efSearch: null, k: null, cache: null, client: null })
    await log.close()
    const lines = linesOf('access', 4)
    expect(lines.flatMap((line) => [...Value.Errors(AccessLine, line)])).toEqual([])
    expect(Object.keys(lines[0]).sort()).toEqual(Object.keys(AccessLine.properties).sort())
    expect(Value.Check(AccessLine, { ...lines[0], email: 'a@b.c' })).toBe(false)
  })

  test('has a time in microseconds that never runs backwards', async () => {
    const log = openLog({ directory, level: 'info', worker: 5 })
    const before = Date.now()
    for (let times = 0; times < 200; times++) log.access(record)
    await log.close()
    const times = linesOf('access', 5).map(({ ts }) => ts as string)
    expect(times.toSorted()).toEqual(times)
    expect(new Set(times.map((ts) => ts.slice(23, 26))).size).toBeGreaterThan(1)
    expect(Math.abs(Date.parse(times[0]) - before)).toBeLessThan(1_000)
  })
})

test('whatever a client calls itself, each request stays one line that says no more than it should', async () => {
  const log = openLog({ directory, level: 'info', worker: 2 })
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
  const lines = linesOf('access', 2)
  expect(lines.length).toBe(running.records.length)
  expect(lines.length).toBeGreaterThan(50)
  for (const line of lines) {
    const agent = line['user_agent.original']
    expect(agent.length).toBeLessThanOrEqual(256)
    expect(agent).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
    expect(Value.Check(AccessLine, line)).toBe(true)
  }
})

test('what an error carries of secrets does not come into the log', async () => {
  const log = openLog({ directory, level: 'info', worker: 6 })
  const query = new Error('Failed query: insert into users values (?, ?)\nparams: kim,canary-1\ncanary-2', {
    cause: new Error('token=canary-3 and "password":"canary-4"; Bearer canary-5'),
  })
  log.failure(query, 'abcd-1234')
  await log.close()
  const text = JSON.stringify(linesOf('app', 6))
  expect(text).toContain('insert into users')
  expect(text).not.toContain('canary')
})

test('below its level nothing is written', async () => {
  const log = openLog({ directory, level: 'error', worker: 7 })
  log.access({ ...record, status: 500 })
  log.event({ event: 'process.ready' })
  log.failure(new Error('why'), '')
  await log.close()
  expect(readdirSync(directory).filter((name) => name.includes('-7.'))).toEqual(['app-7.ndjson'])
})

test('a folder that cannot be made stops nothing, and what is lost is counted', async () => {
  const log = openLog({ directory: '/proc/no/such', level: 'info', worker: 3 })
  log.access(record)
  await log.close()
  expect(log.status()).toMatchObject({ dropped: 1 })
  expect(log.status().problem).not.toBeNull()
})
