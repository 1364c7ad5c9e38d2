import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  bucketEdgeMs,
  countLatencies,
  countWithin,
  type LatencyCounts,
  latencyBucket,
  latencyQuantile,
  mergeLatencies,
  recordLatency,
} from '../../server/domain/latency-histogram'

const errorMax = 0.045
const latency = fc.double({ min: 0.01, max: 100_000, noNaN: true })
const latencies = fc.array(latency, { minLength: 1, maxLength: 300 })
const count = (values: number[]): LatencyCounts => {
  const counts: LatencyCounts = {}
  for (const value of values) recordLatency(counts, value)
  return counts
}

describe('the histogram of latencies', () => {
  test('has quantiles within 4.5 % of the exact ones', () => {
    fc.assert(
      fc.property(latencies, fc.constantFrom(0, 0.5, 0.9, 0.95, 0.99, 1), (values, q) => {
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]
        expect(Math.abs(latencyQuantile(count(values), q)! - exact) / exact).toBeLessThan(errorMax)
      }),
      { numRuns: 500 },
    )
  })

  test('of several processes added up is that of all their requests', () => {
    fc.assert(
      fc.property(fc.array(latencies, { minLength: 1, maxLength: 5 }), (parts) => {
        const merged: LatencyCounts = {}
        for (const part of parts) mergeLatencies(merged, count(part))
        expect(merged).toEqual(count(parts.flat()))
      }),
    )
  })

  test('loses no request, and survives JSON', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const back: LatencyCounts = JSON.parse(JSON.stringify(count(values)))
        expect(countLatencies(back)).toBe(values.length)
        expect(latencyQuantile(back, 0.5)).toBe(latencyQuantile(count(values), 0.5))
      }),
    )
  })

  test('knows exactly who stayed within 500 ms, 1 s and 2 s', () => {
    const near = (ms: number) =>
      fc.double({ min: ms * 0.9, max: ms * 1.1, noNaN: true }).filter((value) => Math.abs(value - ms) > ms * 1e-8)
    fc.assert(
      fc.property(fc.constantFrom(500, 1_000, 2_000), (ms) => {
        const values = [...fc.sample(near(ms), 20), ms]
        expect(countWithin(count(values), ms)).toBe(values.filter((value) => value <= ms).length)
      }),
    )
  })

  test('without a request has no quantile, not zero', () => {
    expect(latencyQuantile({}, 0.5)).toBeNull()
    expect(latencyQuantile({ '3': 0 }, 0.5)).toBeNull()
  })

  test('puts each latency into the bucket whose edges hold it', () => {
    fc.assert(
      fc.property(latency, (ms) => {
        const bucket = latencyBucket(ms)
        expect(ms).toBeLessThanOrEqual(bucketEdgeMs(bucket) * (1 + 1e-8))
        expect(ms).toBeGreaterThan(bucketEdgeMs(bucket - 1) * (1 - 1e-8))
      }),
    )
  })

  test.each([Number.NaN, -1, 0, Number.POSITIVE_INFINITY, 1e12])('takes %p without breaking', (ms) => {
    expect(countLatencies(count([ms]))).toBe(1)
    expect(latencyQuantile(count([ms]), 0.5)).toBeGreaterThan(0)
  })
})
