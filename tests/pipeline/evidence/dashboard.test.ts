import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import { Dashboard, Slo } from '../../../server/contract/dashboard'
import { type DashboardQuery, readDashboard } from '../../../server/pipeline/evidence/dashboard'
import { minuteOf, RollUp } from '../../../server/pipeline/evidence/roll-up'
import { readSlo } from '../../../server/pipeline/evidence/slo'
import { SlowLog } from '../../../server/pipeline/evidence/slow-log'
import { activations, documentRevisions, documents, modelVersions } from '../../../server/store/schema'
import { listSlowRequests } from '../../../server/store/slow-request'
import { fail, openDatabase, served } from './served'

let store: ReturnType<typeof openDatabase>
beforeAll(() => {
  store = openDatabase()
})
afterAll(() => store.remove())

const end = new Date('2026-03-01T12:00:00Z')
const state = () => ({ version: 'v', epoch: 1, configRevision: 0, workers: 1 })
const show = (query: DashboardQuery = {}) => readDashboard(store.db, query, { now: () => end, state })
const ago = (minutes: number) => new Date(end.getTime() - minutes * 60_000)

/** Records what two processes served at a minute. */
async function record(at: Date, requests: Parameters<typeof served>[0][]) {
  for (const bootId of ['one', 'two']) {
    const own = new RollUp({ db: store.db, bootId, now: () => at, reportFailure: fail })
    for (const request of requests) own.add(served(request))
    await own.close()
  }
}

describe('the dashboard', () => {
  test('shows a number where something was measured, zero where nobody asked, and nothing where nothing was recorded', async () => {
    await record(ago(30), [{ latencyMs: 10 }, { latencyMs: 100, status: 500, problem: 'internal' }])
    await record(ago(20), [])
    const dashboard = await show({ from: ago(60), to: end })
    expect([...Value.Errors(Dashboard, dashboard)]).toEqual([])
    const at = (minutes: number) => dashboard.series.find((point) => point.at === ago(minutes).toISOString())!
    expect(at(30)).toMatchObject({ requests: 4, errorShare: 0.5, shedShare: 0, hitShare: 0 })
    expect(Math.abs(at(30).p50Ms! - 10) / 10).toBeLessThan(0.045)
    expect(Math.abs(at(30).p99Ms! - 100) / 100).toBeLessThan(0.045)
    expect(at(20)).toMatchObject({ requests: 0, p50Ms: null, p95Ms: null, p99Ms: null, errorShare: null, shedShare: null, hitShare: null })
    expect(at(25)).toMatchObject({ requests: null, p50Ms: null, errorShare: null, hitShare: null })
    expect(dashboard.total).toMatchObject({ requests: 4, errorShare: 0.5 })
  })

  test('without any record has no number at all', async () => {
    const { total, series, routes } = await show({ from: ago(10_000), to: ago(9_000) })
    expect(Object.values(total)).toEqual(Array.from({ length: 7 }, () => null))
    expect(series.every(({ requests, p95Ms }) => requests === null && p95Ms === null)).toBe(true)
    expect(routes).toEqual([])
  })

  test('shows one route, or all of predicting, and lists all', async () => {
    await record(ago(100), [{ route: '/api/v1/items/:code' }, { route: '/api/v1/similar' }, { route: '/api/v1/predict' }])
    const range = { from: ago(101), to: ago(99) }
    expect((await show(range)).total.requests).toBe(4)
    expect((await show({ ...range, route: '/api/v1/items/:code' })).total.requests).toBe(2)
    expect((await show(range)).routes.map(({ route }) => route).sort()).toEqual([
      '/api/v1/items/:code',
      '/api/v1/predict',
      '/api/v1/similar',
    ])
  })

  test('has at most 1,500 points, whatever the range, and they cover it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 92 * 24 * 60 }), fc.integer({ min: 0, max: 100_000 }), async (minutes, before) => {
        const [from, to] = [ago(before + minutes), ago(before)]
        const { series, bucketMinutes } = await show({ from, to })
        expect(series.length).toBeLessThanOrEqual(1_500)
        expect(Date.parse(series[0].at)).toBeLessThanOrEqual(from.getTime())
        expect(Date.parse(series.at(-1)!.at) + bucketMinutes * 60_000).toBeGreaterThanOrEqual(to.getTime())
      }),
      { numRuns: 30 },
    )
  })

  test.each([
    { from: ago(0), to: ago(10) },
    { from: ago(93 * 24 * 60), to: end },
  ])('refuses a range that cannot be shown: %p', async (query) => {
    await expect(show(query)).rejects.toMatchObject({ code: 'invalid_value' })
  })

  test('marks switches of the version and changes of the configuration', async () => {
    const { db } = store
    db.insert(modelVersions)
      .values({
        version: '2026.03.01_1',
        status: 'registered',
        manifestPath: 'm',
        manifestSha256: '0'.repeat(64),
        manifestText: '{}',
        bytes: 1,
        counts: {} as never,
        recall: {} as never,
        createdAt: 0,
        registeredAt: 0,
      })
      .run()
    db.insert(activations)
      .values({ epoch: 1, kind: 'activate', toVersion: '2026.03.01_1', who: 'kim', why: 'better', at: ago(50).getTime() })
      .run()
    const { id } = db
      .insert(documents)
      .values({ kind: 'runtime_config', name: 'default', revision: 1, active: true })
      .returning({ id: documents.id })
      .get()
    db.insert(documentRevisions)
      .values({ documentId: id, revision: 1, content: '{}', sha256: 'x', author: 'lee', note: 'wider', at: ago(40).getTime() })
      .run()
    const { annotations } = await show({ from: ago(60), to: end })
    expect(annotations).toEqual([
      { at: ago(50).toISOString(), kind: 'version', label: '2026.03.01_1', activation: 'activate', who: 'kim', why: 'better' },
      { at: ago(40).toISOString(), kind: 'config', label: '1', activation: null, who: 'lee', why: 'wider' },
    ])
    expect((await show({ from: ago(30), to: end })).annotations).toEqual([])
  })
})

describe('the objectives', () => {
  const now = new Date('2026-06-01T12:00:00Z')
  const earlier = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
  const repeat = (count: number, request: Parameters<typeof served>[0]) => Array.from({ length: count }, () => request)
  const objective = async (name: string) => (await readSlo(store.db, { now })).objectives.find((one) => one.name === name)!

  test('say nothing below 100 answers', async () => {
    await record(earlier(2), repeat(40, {}))
    const slo = await readSlo(store.db, { now })
    expect([...Value.Errors(Slo, slo)]).toEqual([])
    expect(await objective('availability')).toMatchObject({ good: null, alert: 'no_data' })
    expect((await objective('availability')).windows.map(({ burnRate, events }) => [burnRate, events])).toEqual(
      repeat(5, {}).map(() => [null, 80]),
    )
    expect(await objective('latency_200ms_hits')).toMatchObject({ good: null, alert: 'no_data' })
  })

  test('page when the last hour and the last five minutes burn, not for what is over', async () => {
    // 2 % of 400 failed within five minutes: twenty times the budget of one in a thousand
    await record(earlier(3), [...repeat(156, {}), ...repeat(4, { status: 500, problem: 'internal' })])
    const { alert, windows } = await objective('availability')
    expect(windows[0]).toMatchObject({ minutes: 5, burnRate: 20, events: 400 })
    expect(alert).toBe('page')
    const later = (await readSlo(store.db, { now: new Date(now.getTime() + 50 * 60_000) })).objectives[0]
    expect(later.windows.find(({ minutes }) => minutes === 60)!.burnRate).toBe(20)
    expect(later.alert).toBe('ticket')
  })

  test('know the promises: 2 s, 1 s, and 200 ms from the cache', async () => {
    const at = new Date('2026-09-01T12:00:00Z')
    await record(new Date(at.getTime() - 60_000), [
      ...repeat(60, { latencyMs: 5, cache: 'hit' }),
      ...repeat(20, { latencyMs: 1_000 }),
      ...repeat(10, { latencyMs: 1_500 }),
      ...repeat(10, { latencyMs: 3_000, cache: 'hit' }),
    ])
    const { objectives } = await readSlo(store.db, { now: at })
    expect(objectives.map(({ name, good }) => [name, good])).toEqual([
      ['availability', 1],
      ['latency_2s', 0.9],
      ['latency_1s', 0.8],
      ['latency_200ms_hits', 60 / 70],
    ])
  })
})

describe('slow requests', () => {
  const setUp = (changes: Partial<ConstructorParameters<typeof SlowLog>[0]> = {}) => {
    const lines: unknown[] = []
    let at = Date.parse('2026-03-01T10:00:00Z')
    const log = new SlowLog({
      db: store.db,
      slowMs: () => 100,
      surroundings: () => ({ loopLagMs: 3 }),
      write: (line) => lines.push(line),
      now: () => new Date(at),
      reportFailure: fail,
      ...changes,
    })
    return { log, lines, wait: (ms: number) => (at += ms) }
  }

  test('are kept with their stages and what was going on, fast ones are not', async () => {
    const { log, lines } = setUp()
    log.add(served({ latencyMs: 99 }))
    log.add(served({ latencyMs: 150, requestId: 'slow-one1' }))
    await log.close()
    const [slow] = listSlowRequests(store.db, { limit: 1 })
    expect(slow).toMatchObject({ requestId: 'slow-one1', latencyMs: 150, thresholdMs: 100, stages: { search: 4, compose: 5 } })
    expect(slow.details).toEqual({ method: 'POST', loopLagMs: 3, efSearch: 96, k: 10, cache: 'miss', bytesIn: 100, bytesOut: 2_000 })
    expect(lines).toMatchObject([{ event: 'http.slow', level: 'warning', latencyMs: 150 }])
  })

  test('are told of once a second and route, and the next says how many were not', () => {
    const { log, lines, wait } = setUp()
    for (let times = 0; times < 50; times++) log.add(served({ latencyMs: 500 }))
    log.add(served({ latencyMs: 500, route: '/api/v1/similar' }))
    wait(1_000)
    log.add(served({ latencyMs: 500 }))
    expect(lines.length).toBe(3)
    expect(lines[1]).toMatchObject({ details: { skippedBefore: 49 } })
  })

  test('obey a limit that changes while the server runs', () => {
    let slowMs = 100
    const { log, lines, wait } = setUp({ slowMs: () => slowMs })
    log.add(served({ latencyMs: 50 }))
    slowMs = 20
    wait(2_000)
    log.add(served({ latencyMs: 50 }))
    expect(lines.length).toBe(1)
  })

  test('are forgotten beyond the newest 2,000', async () => {
    const { log, wait } = setUp()
    for (let times = 0; times < 2_300; times++) {
      wait(1_000)
      log.add(served({ latencyMs: 500, requestId: `many-${times}` }))
      if (times % 400 === 0) await log.flush()
    }
    await log.close()
    expect(store.db.$client.query('select count(*) as n from slow_requests').get()).toEqual({ n: 2_000 })
    expect(listSlowRequests(store.db, { limit: 1 })[0].requestId).toBe('many-2299')
    expect(minuteOf(end)).toBeGreaterThan(0)
  })
})
