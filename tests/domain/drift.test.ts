import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { measureDrift } from '../../server/domain/drift'
import { type Marginals, slots, slotTable } from '../../server/domain/marginals'
import { type Random, seededRandom } from '../../server/domain/random'

const requestsMin = 50
type Shares = Record<string, number>

/** Marginals of one category, with the items of each value. */
const category = (items: Shares, { missing = 0 } = {}): Marginals => {
  const entries = Object.entries(items)
  const total = entries.reduce((sum, [, count]) => sum + count, missing)
  const [values, counts] = [entries.map(([value]) => value), entries.map(([, count]) => count)]
  return { format: 1, items: total, attributes: [{ name: 'a', kind: 'category', missing, values, counts, rest: 0, tellsUnseen: true }] }
}
const numbers = (counts: number[]): Marginals => ({
  format: 1,
  items: counts.reduce((sum, count) => sum + count, 0),
  attributes: [{ name: 'a', kind: 'number', missing: 0, min: 0, uppers: counts.map((_, bin) => bin + 1), counts }],
})
const measure = (marginals: Marginals, counts: ArrayLike<number>) => measureDrift({ table: slotTable(marginals), counts, requestsMin })

/** Draws `count` slots by these weights. */
function draw(weights: number[], count: number, random: Random): number[] {
  const counts = weights.map(() => 0)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  for (let drawn = 0; drawn < count; drawn++) {
    let rest = random() * total
    let at = 0
    while (at < weights.length - 1 && rest >= weights[at]) rest -= weights[at++]
    counts[at]++
  }
  return counts
}

describe('the figures', () => {
  test('are the sum over the parts of (p − q) ln(p ÷ q), computed by hand', () => {
    const { attributes } = measure(category({ x: 500, y: 500 }), [0, 0, 0, 750, 250])
    // as among 1,000 each, half a one more: p = 750.5 / 1001 and 250.5 / 1001, q = 500.5 / 1001 both
    const [p, q] = [750.5 / 1001, 500.5 / 1001]
    const psi = (p - q) * Math.log(p / q) + (1 - p - q) * Math.log((1 - p) / q)
    expect(psi).toBeCloseTo(0.27, 2)
    expect(attributes[0].psi).toBeCloseTo(psi, 4)
    expect(attributes[0].psiByChance).toBe(0.002)
    expect(attributes[0]).toMatchObject({ verdict: 'shifted', unseenShare: 0, missingShare: 0, missingShareTraining: 0, ks: null })
    expect(attributes[0].moves).toEqual([
      { kind: 'value', value: 'y', from: null, to: null, training: 0.5, requests: 0.25 },
      { kind: 'value', value: 'x', from: null, to: null, training: 0.5, requests: 0.75 },
    ])
  })

  test('of numbers: the largest distance of the cumulative shares, and what lies outside of the range', () => {
    const { attributes } = measure(numbers([100, 100, 100, 100]), [0, 10, 30, 0, 20, 20, 20])
    // below 10 %, then 10, 30, 50, 70 % against 25, 50, 75, 100 %
    expect(attributes[0]).toMatchObject({ ks: 0.3, unseenShare: 0.4, verdict: 'shifted' })
    expect(measure(numbers([1, 1]), [60, 0, 0, 0, 0]).attributes[0]).toMatchObject({ ks: null, unseenShare: null, missingShare: 1 })
  })

  test('of missing values: their share on both sides, as a part of its own', () => {
    const { attributes } = measure(category({ x: 900 }, { missing: 100 }), [60, 0, 0, 40])
    expect(attributes[0]).toMatchObject({ missingShare: 0.6, missingShareTraining: 0.1, verdict: 'shifted' })
    expect(attributes[0].moves.map(({ kind }) => kind)).toEqual(['missing', 'value'])
  })

  test('of unseen values', () => {
    const counts = [0, 20, 0, 40, 40]
    expect(measure(category({ x: 500, y: 500 }), counts).attributes[0]).toMatchObject({ unseenShare: 0.2, verdict: 'shifted' })
    const silent = category({ x: 500, y: 500 })
    Object.assign(silent.attributes[0], { tellsUnseen: false })
    expect(measure(silent, counts).attributes[0].unseenShare).toBeNull()
  })

  test('put the most drifted attribute first and give the worst verdict to the whole', () => {
    const [still, moved] = [category({ x: 500, y: 500 }).attributes[0], category({ x: 500, y: 500 }).attributes[0]]
    const both: Marginals = {
      format: 1,
      items: 1_000,
      attributes: [
        { ...still, name: 'still' },
        { ...moved, name: 'moved' },
      ],
    }
    const report = measure(both, [0, 0, 0, 50, 50, 0, 0, 0, 95, 5])
    expect(report.attributes.map(({ attribute, verdict }) => [attribute, verdict])).toEqual([
      ['moved', 'shifted'],
      ['still', 'stable'],
    ])
    expect(report).toMatchObject({ requests: 100, verdict: 'shifted', reason: null })
  })
})

test('fewer requests than the least are no data, not zero', () => {
  const report = measure(category({ x: 500, y: 500 }), [0, 0, 0, 49, 0])
  expect(report).toMatchObject({ requests: 49, verdict: 'no_data', reason: 'few_requests' })
  expect(report.attributes[0]).toEqual({
    attribute: 'a',
    kind: 'category',
    verdict: 'no_data',
    psi: null,
    psiByChance: null,
    ks: null,
    unseenShare: null,
    missingShare: null,
    missingShareTraining: null,
    moves: [],
  })
  expect(measure({ format: 1, items: 0, attributes: [] }, [])).toMatchObject({ requests: 0, verdict: 'no_data' })
})

describe('requests like the items are stable, however few', () => {
  /** Shares of verdicts over many draws. */
  function verdicts(marginals: Marginals, weights: number[], { size, seed }: { size: number; seed: number }): Record<string, number> {
    const random = seededRandom(seed)
    const shares: Record<string, number> = {}
    for (let run = 0; run < 500; run++) {
      const { verdict } = measure(marginals, draw(weights, size, random)).attributes[0]
      shares[verdict] = (shares[verdict] ?? 0) + 1 / 500
    }
    return shares
  }
  const zipf: Shares = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`v${at}`, Math.round(50_000 / (at + 1))]))
  for (const size of [50, 100, 500, 5_000]) {
    test(`${size} requests`, () => {
      const uniform = numbers(Array(20).fill(500))
      expect(verdicts(uniform, [0, 0, 0, ...Array(20).fill(1)], { size, seed: 1 }).stable).toBeGreaterThan(0.99)
      expect(verdicts(category(zipf), [0, 0, 0, ...Object.values(zipf)], { size, seed: 2 }).stable).toBeGreaterThan(0.99)
      const sparse = category({ x: 700, y: 40 }, { missing: 260 })
      expect(verdicts(sparse, [260, 0, 0, 700, 40], { size, seed: 3 }).stable).toBeGreaterThan(0.99)
    })
  }

  test('also when there are few items', () => {
    const random = seededRandom(5)
    let stable = 0
    for (let run = 0; run < 300; run++) {
      // 25 items drawn as the requests are: what they look like is chance too
      const items = draw([1, 1, 1, 1], 25, random).map((count) => Math.max(1, count))
      const requests = draw([1, 1, 1, 1], 200, random)
      if (measure(numbers(items), [0, 0, 0, ...requests]).verdict === 'stable') stable++
    }
    expect(stable / 300).toBeGreaterThan(0.98)
  })
})

describe('requests unlike the items are shifted, however many', () => {
  for (const size of [50, 500, 5_000]) {
    test(`${size} requests`, () => {
      const random = seededRandom(size)
      for (let run = 0; run < 100; run++) {
        // all of them in the upper third of the range
        const upper = draw([0, 0, 0, ...Array(14).fill(0), ...Array(6).fill(1)], size, random)
        expect(measure(numbers(Array(20).fill(500)), upper).attributes[0]).toMatchObject({ verdict: 'shifted', ks: 0.7 })
        const unseen = draw([0, 4, 0, 3, 3], size, random)
        expect(measure(category({ x: 500, y: 500 }), unseen).verdict).toBe('shifted')
      }
    })
  }
})

test('no counts and no items break it: figures are finite, and the order of the values does not matter', () => {
  const counts = fc.array(fc.nat({ max: 200 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(counts, counts, fc.nat({ max: 50 }), fc.nat({ max: 50 }), (items, asked, missing, unseen) => {
      const trained = items.map((count) => count + 1)
      const requests = trained.map((_, at) => asked[at] ?? 0)
      const of = (order: number[]) => {
        const marginals = category(Object.fromEntries(order.map((at) => [`v${at}`, trained[at]])), { missing })
        return measure(marginals, [requestsMin, unseen, 0, ...order.map((at) => requests[at])]).attributes[0]
      }
      const forward = trained.map((_, at) => at)
      const [one, other] = [of(forward), of(forward.toReversed())]
      expect(Number.isFinite(one.psi)).toBe(true)
      expect(one.psi!).toBeGreaterThanOrEqual(0)
      expect(one.psi!).toBeCloseTo(other.psi!, 3)
      expect(one.missingShare! + one.unseenShare!).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 200, seed: 6 },
  )
  expect(slots.first).toBe(3)
})
