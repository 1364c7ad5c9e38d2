import { describe, expect, test } from 'vitest'
import { detailRows } from '../../../ui/composables/audit'
import { bytesText, msText, relativeTime, spanText } from '../../../ui/composables/clock'
import { csvOf, meanRate, rateOf, runsOf, slowestOf, timeTicks } from '../../../ui/composables/dashboard'
import { reignsOf, reignsWithin } from '../../../ui/composables/models'
import { dashboard, slowRequests } from '../fixtures/dashboard'
import { modelList, resetVersions } from '../fixtures/versions'

const HOUR_MS = 3_600_000
const hourly = dashboard(new Date(Date.now() - HOUR_MS).toISOString(), '')

describe('a series', () => {
  test('breaks where nothing was recorded; a zero is a value', () => {
    expect(runsOf([null, 0, 2, null, null, 3, null])).toEqual([
      { from: 1, to: 2 },
      { from: 5, to: 5 },
    ])
    expect(runsOf([null, null])).toEqual([])
  })
  test('has a rate of nothing where nothing is known', () => {
    expect(rateOf(null, 5)).toBeNull()
    expect(rateOf(0, 5)).toBe(0)
    expect(rateOf(600, 5)).toBe(2)
  })
  test('is averaged over the minutes that were recorded, not over those in which the server was away', () => {
    const recorded = hourly.series.filter(({ requests }) => requests !== null).length
    expect(recorded).toBeLessThan(hourly.series.length)
    expect(meanRate(hourly)).toBeCloseTo(hourly.total.requests! / (recorded * 60), 6)
    const nothing = hourly.series.map((row) => ({ ...row, requests: null }))
    expect(meanRate({ ...hourly, series: nothing })).toBeNull()
  })
  test('is text with empty places for what is not known', () => {
    const rows = csvOf(hourly).split('\r\n')
    expect(rows[0]).toBe('at,requests,p50Ms,p95Ms,p99Ms,errorShare,shedShare,hitShare')
    expect(rows).toHaveLength(hourly.series.length + 1)
    const hole = hourly.series.findIndex(({ requests }) => requests === null)
    expect(rows[hole + 1]).toBe(`${hourly.series[hole].at},,,,,,,`)
  })
  test('has ticks on whole times, no more than asked for', () => {
    const from = Date.UTC(2026, 10, 21, 8, 7)
    for (const hours of [1, 6, 24, 168]) {
      const ticks = timeTicks(from, from + hours * HOUR_MS, 7)
      expect(ticks.length).toBeGreaterThan(1)
      expect(ticks.length).toBeLessThanOrEqual(8)
      for (const tick of ticks) expect(tick % 300_000).toBe(0)
    }
  })
})

test('slow requests are those of the range and the route, the slowest first', () => {
  const requests = slowRequests()
  const from = Date.now() - 12 * 60_000
  expect(slowestOf(requests, { from, route: '', most: 10 }).map(({ latencyMs }) => latencyMs)).toEqual([312.4, 208.1])
  expect(slowestOf(requests, { from: 0, route: '/api/v1/predict', most: 2 }).map(({ latencyMs }) => latencyMs)).toEqual([312.4, 166])
})

describe('the ledger', () => {
  resetVersions()
  const reigns = reignsOf(modelList().ledger)
  test('becomes stretches without a hole, the last of which goes on', () => {
    expect(reigns.map(({ act }) => act.epoch)).toEqual([1, 2, 3, 4, 5, 6])
    for (const [index, reign] of reigns.slice(0, -1).entries()) expect(reign.to).toBe(reigns[index + 1].from)
    expect(reigns.at(-1)!.to).toBeNull()
  })
  test('shows what reaches into a window', () => {
    const day = reignsWithin(reigns, Date.now() - 28 * HOUR_MS, Date.now())
    expect(day.map(({ act }) => act.epoch)).toEqual([5, 6])
  })
})

describe('texts of times', () => {
  test('say how long ago in the person’s language', () => {
    expect(relativeTime(0, 3 * HOUR_MS, 'ko')).toBe('3시간 전')
    expect(relativeTime(0, 3 * HOUR_MS, 'en')).toBe('3 hours ago')
    expect(relativeTime(0, 10_000, 'en')).toBe('now')
  })
  test('keep two units of a span, and milliseconds while they matter', () => {
    expect(spanText(26 * HOUR_MS + 90_000, 'en')).toBe('1d 2h')
    expect(spanText(35_000, 'ko')).toBe('35초')
    expect(msText(1.4, 'en')).toBe('1.4 ms')
    expect(msText(420.4, 'en')).toBe('420 ms')
    expect(msText(1_240, 'en')).toBe('1.24 s')
    expect(msText(290_000, 'en')).toBe('4m 50s')
  })
  test('sizes are in powers of a thousand', () => {
    expect([0, 999, 1_204_553_216].map(bytesText)).toEqual(['0 B', '999 B', '1.2 GB'])
  })
})

test('details of the audit stand before beside after, and what did not change is left out', () => {
  const { changes, facts } = detailRows({ before: { a: { b: 1 }, c: 2 }, after: { a: { b: 3 }, c: 2 }, note: 'x' })
  expect(changes).toEqual([{ name: '/a/b', before: 1, after: 3 }])
  expect(facts).toEqual([['/note', 'x']])
  const listed = [{ path: '/search/efSearch', before: 32, after: 256 }]
  expect(detailRows({ changes: listed, revision: 3 })).toEqual({
    changes: [{ name: '/search/efSearch', before: 32, after: 256 }],
    facts: [['/revision', 3]],
  })
  expect(detailRows({}).changes).toEqual([])
})
