import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { eachMinuteStat } from '../../../server/pipeline/evidence/figures'
import { FINE_MINUTES, minuteOf, RollUp, type RollUpOptions } from '../../../server/pipeline/evidence/roll-up'
import { ALIVE, type MinuteStat, readMinuteStats, saveMinuteStats } from '../../../server/store/minute-stat'
import { writeTransaction } from '../../../server/store/write-transaction'
import { fail, openDatabase, served } from './served'

let store: ReturnType<typeof openDatabase>
let now: Date
beforeEach(() => {
  store = openDatabase()
  now = new Date('2026-03-01T10:00:30Z')
})
afterEach(() => store.remove())

const rollUp = (options: Partial<RollUpOptions> = {}) =>
  new RollUp({ db: store.db, bootId: 'one', now: () => now, reportFailure: fail, ...options })
const wait = (minutes: number) => {
  now = new Date(now.getTime() + minutes * 60_000)
}
const rows = (from = now) => readMinuteStats(store.db, { from: minuteOf(from) - 10_000, to: minuteOf(now) + 1 })
const asked = () => rows().filter(({ route }) => route !== ALIVE)

describe('figures of requests by minute', () => {
  test('say how many were asked, how they ended, and how fast, under each version and configuration', async () => {
    const own = rollUp()
    own.add(served())
    own.add(served({ latencyMs: 20, cache: 'hit' }))
    own.add(served({ status: 422, problem: 'invalid_value', cache: null }))
    own.add(served({ status: 503, problem: 'overloaded', cache: null }))
    own.add(served({ epoch: 2, activeVersion: '2026.02.01_1' }))
    own.add(served({ configRevision: 3 }))
    await own.flush()
    const [third, first, second] = asked().sort((a, b) => a.epoch - b.epoch || b.configRevision - a.configRevision)
    expect(asked().length).toBe(3)
    expect(first).toMatchObject({ requests: 4, clientErrors: 1, serverErrors: 1, shed: 1, cacheHits: 1, cacheMisses: 1, epoch: 1 })
    expect(second).toMatchObject({ requests: 1, version: '2026.02.01_1', epoch: 2 })
    expect(third).toMatchObject({ requests: 1, configRevision: 3 })
    // three were served, one of them from the cache; the one that was turned away has no latency
    expect(Object.entries(first.latency).reduce((sum, [key, count]) => sum + (key.startsWith('h') ? 0 : count), 0)).toBe(3)
    expect(Object.keys(first.latency).filter((key) => key.startsWith('h')).length).toBe(1)
  })

  test('tell a minute in which nobody asked from one that nobody recorded', async () => {
    const own = rollUp()
    await own.flush()
    wait(3)
    await own.flush()
    expect(rows().map(({ route, requests, minute }) => [route, requests, minute - minuteOf(now)])).toEqual([
      [ALIVE, 0, -3],
      [ALIVE, 0, 0],
    ])
  })

  test('written twice count once, and a minute goes on to be counted after it was written', async () => {
    const own = rollUp()
    own.add(served())
    await own.flush()
    await own.flush()
    own.add(served())
    await own.flush()
    expect(asked().map(({ requests }) => requests)).toEqual([2])
  })

  test('of several processes stand beside each other', async () => {
    const [one, two] = [rollUp(), rollUp({ bootId: 'two' })]
    one.add(served())
    two.add(served())
    await Promise.all([one.flush(), two.flush()])
    expect(asked().map(({ bootId, requests }) => [bootId, requests])).toEqual([
      ['one', 1],
      ['two', 1],
    ])
  })

  test('wait while another process holds the database locked, and are written after', async () => {
    const own = rollUp()
    const other = new Database(store.path)
    other.run('BEGIN IMMEDIATE')
    own.add(served())
    await own.flush()
    expect(own.status()).toMatchObject({ problem: 'busy', dropped: 0 })
    wait(2)
    own.add(served())
    other.run('ROLLBACK')
    other.close()
    await own.flush()
    expect(own.status().problem).toBeNull()
    expect(asked().map(({ requests }) => requests)).toEqual([1, 1])
  })

  test('that do not fit while the database is away are lost, the oldest first, and counted', () => {
    const own = rollUp({ cellsMax: 10 })
    for (let minute = 0; minute < 15; minute++) {
      own.add(served())
      wait(1)
    }
    expect(own.status()).toMatchObject({ waiting: 10, dropped: 5 })
  })

  test('leave nothing in memory once a minute is over and written', async () => {
    const own = rollUp()
    for (let times = 0; times < 50; times++) own.add(served({ route: `/api/v1/${times}` }))
    await own.flush()
    wait(1)
    await own.flush()
    expect(own.status().waiting).toBe(1)
  })

  test('older than four days become hours with the same sums, older than 90 days go', async () => {
    const hour = Math.floor((minuteOf(now) - FINE_MINUTES) / 60) * 60 - 60
    const row = (minute: number, route: string): MinuteStat => ({
      minute,
      bootId: `b${minute % 3}`,
      route,
      version: 'v',
      epoch: 1,
      configRevision: 0,
      requests: route === ALIVE ? 0 : 2,
      clientErrors: 0,
      serverErrors: route === ALIVE ? 0 : 1,
      shed: 0,
      cacheHits: 0,
      cacheMisses: 0,
      latency: route === ALIVE ? {} : { '-60': 1, [String(minute % 5)]: 1 },
    })
    const minutes = Array.from({ length: 120 }, (_, index) => hour - 60 + index)
    const old = [row(minuteOf(now) - 91 * 24 * 60, '/a')]
    await writeTransaction(store.db, (tx) => saveMinuteStats(tx, [...old, ...minutes.flatMap((at) => [row(at, '/a'), row(at, ALIVE)])]))
    await rollUp().tidy()
    const left = readMinuteStats(store.db, { from: 0, to: minuteOf(now) })
    expect(left.map(({ minute, route, requests, serverErrors }) => ({ minute: minute - hour, route, requests, serverErrors }))).toEqual([
      { minute: -60, route: ALIVE, requests: 0, serverErrors: 0 },
      { minute: -60, route: '/a', requests: 120, serverErrors: 60 },
      { minute: 0, route: ALIVE, requests: 0, serverErrors: 0 },
      { minute: 0, route: '/a', requests: 120, serverErrors: 60 },
    ])
    expect(left[1].latency['-60']).toBe(60)
    // an hour that is folded stays as it is
    await rollUp().tidy()
    expect(readMinuteStats(store.db, { from: 0, to: minuteOf(now) })).toEqual(left)
  })
})

test('a range of any length is read in parts that give each row once', async () => {
  const minutes = Array.from({ length: 3_000 }, (_, index) => index * 7)
  const row = { ...served(), bootId: 'one', version: 'v', epoch: 1, configRevision: 0, route: '/a' }
  const figures = { requests: 1, clientErrors: 0, serverErrors: 0, shed: 0, cacheHits: 0, cacheMisses: 0, latency: {} }
  await writeTransaction(store.db, (tx) =>
    saveMinuteStats(
      tx,
      minutes.map((minute) => ({ minute, bootId: row.bootId, route: '/a', version: 'v', epoch: 1, configRevision: 0, ...figures })),
    ),
  )
  // a minute of more rows than are read in one turn
  await writeTransaction(store.db, (tx) =>
    saveMinuteStats(
      tx,
      Array.from({ length: 1_000 }, (_, index) => ({
        ...{ minute: 701, bootId: `b${index}`, route: '/a', version: 'v', epoch: 1, configRevision: 0 },
        ...figures,
      })),
    ),
  )
  const seen: number[] = []
  await eachMinuteStat(store.db, { from: 70, to: 20_000 }, ({ minute }) => seen.push(minute))
  expect(seen.filter((minute) => minute === 701).length).toBe(1_000)
  expect(seen.filter((minute) => minute !== 701)).toEqual(minutes.filter((minute) => minute >= 70 && minute < 20_000))
})
