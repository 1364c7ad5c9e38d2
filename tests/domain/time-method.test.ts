import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { calibrateIntervals, farBelow } from '../../server/domain/interval-calibration'
import { seededRandom } from '../../server/domain/random'
import { estimateTime, type TimeStatistics } from '../../server/domain/time-estimate'
import { BASE_ONLY, blendTimes, chooseTimeMethods, type TimeTrial } from '../../server/domain/time-method'
import { findProfile, type TimeProfiles } from '../../server/domain/time-profiles'
import { fitOperation, regressTime, sizesOf } from '../../server/domain/time-regression'

const at = (p50: number, n = 5, sd = 1): TimeStatistics => ({ n, mean: p50, sd, p10: p50 - sd, p25: p50 - sd / 2, p50, p90: p50 + sd })

/** Times of one kind where `right` says which source is right; the others are off by 10. */
function trials(right: 'neighbours' | 'operation' | 'regression', count = 60): TimeTrial[] {
  const random = seededRandom(5)
  return Array.from({ length: count }, (_, index) => {
    const actual = 20 + 10 * random()
    const guess = (name: string) => at(name === right ? actual : actual + 10)
    const base = (name: string) => ({ statistics: guess(name), level: 'operation' as const, method: 'profile' as const })
    return {
      kind: 'run',
      item: index,
      protocol: index % 3 === 0 ? 'family' : 'item',
      nearest: index % 3 === 0 ? 0.3 : 0.9,
      actual,
      neighbours: guess('neighbours'),
      scaled: guess('scaled'),
      bases: { operation: base('operation'), operation_resource: base('operation_resource'), regression: base('regression') },
    }
  })
}

describe('the method of times', () => {
  test('is the one whose held-out error is least, and the losers stay beside it', () => {
    expect(chooseTimeMethods(trials('neighbours')).run.shrink).toBe(0)
    expect(chooseTimeMethods(trials('operation')).run).toMatchObject({ base: 'operation', shrink: BASE_ONLY })
    const sizes = chooseTimeMethods(trials('regression')).run
    expect(sizes.base).toBe('regression')
    expect(sizes.trials).toHaveLength(20)
    expect(chooseTimeMethods(trials('operation', 5))).toEqual({})
  })

  test('shrinks few samples towards the base, between both and in order of the samples', () => {
    const base = { statistics: at(10, 100), level: 'operation' as const, method: 'profile' as const }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), (n) => {
        const few = blendTimes(at(20, n), base, 3)!.statistics.p50
        const more = blendTimes(at(20, n + 1), base, 3)!.statistics.p50
        return few > 10 && few < more && more < 20
      }),
    )
    expect(blendTimes(null, base, 3)).toBe(base)
    expect(blendTimes(at(20, 2), base, 0)).toBe(base)
    expect(blendTimes(at(20, 2), null, 0)!.level).toBe('neighbours')
    expect(blendTimes(null, null, 0)).toBeNull()
  })
})

test('a single time of the operation goes before a thousand of all operations', () => {
  const profiles: TimeProfiles = {
    groupOf: Uint32Array.of(0, 0),
    hasQuartiles: true,
    at: (_kind, level) => (level === 'operation' ? at(7, 1) : level === 'all' ? at(99, 1_000) : null),
  }
  expect(findProfile(profiles, 0, 1, 0)).toMatchObject({ level: 'operation', statistics: { p50: 7 } })
})

describe('times by size', () => {
  const columns = [{ name: 'length', log: true, mean: Math.log(100), sd: 1 }]
  const lengths = Array.from({ length: 60 }, (_, index) => 20 + 10 * index)
  const sizes = lengths.map((length) => sizesOf(columns, () => length))

  test('find a power law, and stay finite far outside of it', () => {
    const fitted = fitOperation(
      lengths.map((length) => 0.5 * length ** 0.8),
      sizes,
    )!
    const regression = { columns, kinds: { run: { 1: fitted } } }
    const estimate = regressTime(
      regression,
      'run',
      1,
      sizesOf(columns, () => 300),
    )!
    expect(estimate.p50).toBeGreaterThan(0.9 * 0.5 * 300 ** 0.8)
    expect(estimate.p50).toBeLessThan(1.1 * 0.5 * 300 ** 0.8)
    expect(
      Number.isFinite(
        regressTime(
          regression,
          'run',
          1,
          sizesOf(columns, () => 1e300),
        )!.p50,
      ),
    ).toBe(true)
    expect(regressTime(regression, 'run', 2, sizes[0])).toBeNull()
  })

  test('are not learned from a handful of times or from zeros', () => {
    expect(fitOperation([1, 2, 3], sizes.slice(0, 3))).toBeNull()
    expect(fitOperation(new Array(60).fill(0), sizes)).toBeNull()
  })
})

test('intervals hold four of five new times, near and far alike', () => {
  const random = seededRandom(9)
  const noisy = (): TimeTrial[] =>
    trials('operation', 3_000).map((trial) => ({
      ...trial,
      actual: trial.actual * (1 + (trial.protocol === 'family' ? 0.8 : 0.2) * (random() - 0.5)),
    }))
  const seen = noisy()
  const methods = chooseTimeMethods(seen)
  const far = farBelow(seen)!
  const { run } = calibrateIntervals(seen, methods, far)
  expect(far).toBeGreaterThan(0.3)
  for (const isFar of [false, true]) {
    const asked = noisy().filter(({ nearest }) => nearest < far === isFar)
    const held = asked.filter((trial) => {
      const { p10, p90 } = estimateTime(trial.bases.operation!, {
        basis: 'standard',
        calibration: run[isFar ? 'operation/far' : 'operation'],
      })
      return trial.actual >= p10 && trial.actual <= p90
    })
    expect(Math.abs(held.length / asked.length - 0.8)).toBeLessThan(0.05)
  }
})
