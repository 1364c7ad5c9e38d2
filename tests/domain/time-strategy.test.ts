import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { TimeStrategy } from '../../server/contract/time-strategy'
import { DomainError } from '../../server/domain/error'
import { estimateTime } from '../../server/domain/time-estimate'
import { poolEffects } from '../../server/domain/time-pooling'
import { GROUP_SAMPLES_MAX, orderSamples } from '../../server/domain/time-samples'
import { planTimes } from '../../server/domain/time-strategy'
import { timeWeights } from '../../server/domain/time-weights'
import { summarizeStatistics } from '../../server/pipeline/time-statistics'

const outliers = fc.constantFrom<TimeStrategy['outliers']>('z_score', 'trimmed', 'both', 'none')
const strategies: fc.Arbitrary<TimeStrategy> = fc.record({
  outliers,
  zCut: fc.double({ min: 1, max: 6, noNaN: true }),
  trimLow: fc.double({ min: 0, max: 0.4, noNaN: true }),
  trimHigh: fc.double({ min: 0.6, max: 1, noNaN: true }),
  profile: fc.constantFrom('sigma' as const, 'quantile' as const),
  optimalSigma: fc.double({ min: 0, max: 4, noNaN: true }),
  safeSigma: fc.double({ min: 0, max: 4, noNaN: true }),
})
const samples = fc.array(fc.double({ min: 0, max: 10_000, noNaN: true }), { minLength: 1, maxLength: 40 })

function estimate(values: number[], strategy: TimeStrategy) {
  const plan = planTimes(strategy)
  const [statistics] = summarizeStatistics(Float64Array.from(values), Uint32Array.of(0, values.length), plan.cuts)
  return estimateTime({ statistics: statistics!, level: 'operation', method: 'profile' }, { basis: 'standard', plan })
}

describe('whatever the strategy', () => {
  test('optimal ≤ standard ≤ safe, p10 ≤ p50 ≤ p90, none below 0', () => {
    fc.assert(
      fc.property(samples, strategies, (values, strategy) => {
        const { optimal, standard, safe, p10, p50, p90 } = estimate(values, strategy)
        return optimal >= 0 && optimal <= standard && standard <= safe && p10 >= 0 && p10 <= p50 && p50 <= p90
      }),
      { numRuns: 500 },
    )
  })

  test('the order of the samples does not matter', () => {
    fc.assert(
      fc.property(samples, strategies, (values, strategy) => {
        expect(estimate([...values].reverse(), strategy)).toEqual(estimate(values, strategy))
      }),
    )
  })

  test('times in another unit give estimates in that unit', () => {
    // a power of two scales without rounding: which samples are cut is the same to the bit
    fc.assert(
      fc.property(samples, strategies, fc.constantFrom(0.25, 2, 64), (values, strategy, c) => {
        const plain = estimate(values, strategy)
        const scaled = estimate(
          values.map((value) => c * value),
          strategy,
        )
        for (const name of ['p10', 'p50', 'p90', 'mean', 'sd', 'optimal', 'standard', 'safe'] as const) {
          const wanted = c * plain[name]
          if (Math.abs(scaled[name] - wanted) > 1e-5 * wanted + 1e-9) return false
        }
        return true
      }),
    )
  })

  test('cutting outliers and trimming both ends alike never widens', () => {
    fc.assert(
      fc.property(
        samples,
        fc.double({ min: 1, max: 6, noNaN: true }),
        fc.double({ min: 0, max: 0.4, noNaN: true }),
        (values, zCut, trim) => {
          const whole = estimate(values, { outliers: 'none' }).sd
          const by = (kind: TimeStrategy['outliers']) => estimate(values, { outliers: kind, zCut, trimLow: trim, trimHigh: 1 - trim }).sd
          const slack = 1e-5 * whole + 1e-9
          return by('z_score') <= whole + slack && by('trimmed') <= whole + slack && by('both') <= by('z_score') + slack
        },
      ),
    )
  })
})

describe('a strategy', () => {
  test('cuts what it names and nothing else', () => {
    const values = [10, 10, 11, 12, 11, 10, 11, 12, 10, 11, 500]
    expect(estimate(values, { outliers: 'none' }).mean).toBeCloseTo(55.2727, 3)
    expect(estimate(values, { outliers: 'z_score' }).mean).toBeCloseTo(10.8, 5)
    expect(estimate(values, { outliers: 'z_score' }).n).toBe(10)
    expect(estimate(values, { outliers: 'trimmed', trimLow: 0.1, trimHigh: 0.9 }).mean).toBeLessThan(12)
    expect(estimate(values, { outliers: 'trimmed' }).n).toBe(11)
    expect(planTimes({ zCut: 2.5, trimLow: 0.05 }).isDefaultCut).toBe(true)
    expect(planTimes({ safeSigma: 2 }).isDefaultCut).toBe(true)
    for (const other of ['z_score', 'trimmed', 'none'] as const) expect(planTimes({ outliers: other }).isDefaultCut).toBe(false)
  })

  test('has profiles by deviations or by quantiles', () => {
    const values = Array.from({ length: 101 }, (_, at) => at)
    expect(estimate(values, { outliers: 'none', profile: 'quantile' })).toMatchObject({ optimal: 25, standard: 50, safe: 90 })
    const { mean, sd, optimal, safe } = estimate(values, { outliers: 'none', optimalSigma: 1, safeSigma: 2 })
    expect([optimal, safe]).toEqual(
      [Number((mean - sd).toPrecision(6)), Number((mean + 2 * sd).toPrecision(6))].map((value) => expect.closeTo(value, 2)),
    )
  })

  test('that leaves no sample is refused', () => {
    expect(() => planTimes({ trimLow: 0.7, trimHigh: 0.6 })).toThrow(DomainError)
  })
})

test('samples of a group are those that a plain filter finds, at most so many', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }), fc.option(fc.integer({ min: 0, max: 99 })))),
      (steps) => {
        const operation = Uint32Array.from(steps, ([code]) => code)
        const resource = Uint32Array.from(steps, ([, code]) => code)
        const column = Float32Array.from(steps, ([, , value]) => value ?? Number.NaN)
        const groupOf = Uint32Array.of(0, 1, 1, 2, 0)
        const { of } = orderSamples(operation, resource, groupOf)
        const plain = (is: (at: number) => boolean) =>
          Array.from(column)
            .filter((value, at) => is(at) && !Number.isNaN(value))
            .sort((a, b) => a - b)
        expect([...of(column, 'operation', 2, 0)].sort((a, b) => a - b)).toEqual(plain((at) => operation[at] === 2))
        expect([...of(column, 'operation_resource', 2, 1)].sort((a, b) => a - b)).toEqual(
          plain((at) => operation[at] === 2 && resource[at] === 1),
        )
        expect([...of(column, 'process_group', 1, 0)].sort((a, b) => a - b)).toEqual(plain((at) => groupOf[operation[at]] === 1))
        expect([...of(column, 'all', 0, 0)].sort((a, b) => a - b)).toEqual(plain(() => true))
      },
    ),
  )
  const many = 3 * GROUP_SAMPLES_MAX + 7
  const column = Float32Array.from({ length: many }, (_, at) => at)
  const { of } = orderSamples(new Uint32Array(many).fill(1), new Uint32Array(many), new Uint32Array(2))
  const taken = of(column, 'operation', 1, 0)
  expect(taken.length).toBeLessThanOrEqual(GROUP_SAMPLES_MAX)
  expect(taken.length).toBeGreaterThan(GROUP_SAMPLES_MAX / 2)
  expect(taken.at(-1)).toBeGreaterThan(0.99 * many)
})

describe('pooled effects', () => {
  test('are near a group’s own mean with many samples and near none with few', () => {
    const residuals: number[] = []
    const groups: number[] = []
    const add = (group: number, mean: number, count: number) => {
      for (let at = 0; at < count; at++) {
        residuals.push(mean + (at % 2 === 0 ? 0.2 : -0.2))
        groups.push(group)
      }
    }
    add(1, 0.5, 200)
    add(2, -0.5, 200)
    add(3, 0.5, 2)
    const effects = poolEffects(residuals, groups)
    expect(effects.get(1)!).toBeGreaterThan(0.45)
    expect(effects.get(3)!).toBeGreaterThan(0)
    expect(effects.get(3)!).toBeLessThan(effects.get(1)!)
  })

  test('are none where groups differ by chance only, or there is one', () => {
    const residuals = Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? 0.3 : -0.3))
    expect(
      poolEffects(
        residuals,
        residuals.map((_, at) => 1 + (Math.floor(at / 2) % 4)),
      ).size,
    ).toBe(0)
    expect(
      poolEffects(
        residuals,
        residuals.map(() => 1),
      ).size,
    ).toBe(0)
  })
})

test('times weigh items by similarity to the eighth, whatever the exponent of the vote', () => {
  const near = { item: 1, vector: 0, similarity: 0.9, weight: 0.999 }
  const far = { item: 2, vector: 1, similarity: 0.6, weight: 0.001 }
  const weigh = timeWeights([near, far], false)
  expect(weigh({ step: 0, item: 1, weight: 0.999 }) / weigh({ step: 1, item: 2, weight: 0.001 })).toBeCloseTo((0.9 / 0.6) ** 8, 6)
  // the item itself keeps its say
  const own = timeWeights(
    [
      { item: 7, vector: 2, similarity: 1, weight: 0.9 },
      { ...near, weight: 0.0999 },
      { ...far, weight: 0.0001 },
    ],
    true,
  )
  expect(own({ step: 2, item: 7, weight: 0.9 })).toBe(0.9)
  expect(own({ step: 0, item: 1, weight: 0.0999 }) + own({ step: 1, item: 2, weight: 0.0001 })).toBeCloseTo(0.1, 9)
})
