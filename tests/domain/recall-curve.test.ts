import { describe, expect, test } from 'bun:test'
import type { RecallPoint } from '../../server/contract/recall'
import { seededRandom } from '../../server/domain/random'
import { breadthFor, chooseBreadth, curvePoints, designEffect, fitCurve, recallAt, wilsonBounds } from '../../server/domain/recall-curve'

const shares = (values: number[]) => Float64Array.from(values)
const point = (ef: number, [recall10, low10]: number[], [recall50, low50]: number[]): RecallPoint => ({
  ef,
  recall10,
  recall50,
  measured10: recall10,
  measured50: recall50,
  low10,
  low50,
})
const points = [point(16, [0.9, 0.88], [0.95, 0.94]), point(64, [0.97, 0.96], [0.96, 0.95]), point(256, [0.995, 0.991], [0.99, 0.986])]
const at = (efSearch: number, recall: number | null, topK = 10, moved = false) =>
  chooseBreadth(points, { efSearch, recall, topK }, { moved })

describe('the bound of a share', () => {
  test("is Wilson's: the textbook's figures, and never outside of 0 and 1", () => {
    // 0.9 of 100 at z = 1.645: (0.9 + 0.01353 ± 0.05114) / 1.02706
    const { low, high } = wilsonBounds(0.9, 100)
    expect(low).toBeCloseTo(0.83966, 4)
    expect(high).toBeCloseTo(0.93925, 4)
    expect(wilsonBounds(1, 1_000).low).toBeCloseTo(1_000 / (1_000 + 1.645 ** 2), 9)
    expect(wilsonBounds(0, 10).low).toBe(0)
    expect(wilsonBounds(1, 10).high).toBeCloseTo(1, 9)
  })

  test('holds for what it is drawn from in 19 of 20 measurements, where what is missed comes in clusters too', () => {
    const random = seededRandom(4)
    // a question in fifty goes astray and misses half of its ten; the others miss each with 1 %
    const truth = 1 - (0.02 * 0.5 + 0.98 * 0.01)
    const draw = () => {
      const chance = random() < 0.02 ? 0.5 : 0.99
      return Array.from({ length: 10 }, () => (random() < chance ? 1 : 0)).reduce<number>((sum, hit) => sum + hit, 0) / 10
    }
    let broken = 0
    let careless = 0
    for (let round = 0; round < 400; round++) {
      const measured = shares(Array.from({ length: 400 }, draw))
      const [{ low10, recall10 }] = fitCurve([{ ef: 16, near: measured, wide: measured }], { near: 10, wide: 10 })
      if (low10 > truth) broken++
      if (wilsonBounds(recall10, 4_000).low > truth) careless++
    }
    expect(broken / 400).toBeLessThanOrEqual(0.075)
    // taken for independent, the same measurements would promise too much more often
    expect(careless).toBeGreaterThan(broken)
  })
})

test('the design effect is 1 for what is missed one by one, k where a question finds all or nothing, and untold where nothing is missed', () => {
  expect(designEffect(shares([1, 1, 1, 1]), 10)).toBeNull()
  expect(designEffect(shares([0.9, 0.9, 0.9]), 10)).toBe(1)
  expect(designEffect(shares([...Array(99).fill(1), 0]), 10)).toBeCloseTo(10, 6)
})

test('a curve never falls, keeps what was measured, and promises less than it measured', () => {
  const noisy = [0.9, 0.97, 0.96, 0.99].map((share, index) => {
    const of = shares(Array.from({ length: 200 }, (_, question) => (question % 10 === 0 ? Math.max(0, share * 10 - 9) : 1)))
    return { ef: 16 * (index + 1), near: of, wide: of }
  })
  const curve = fitCurve(noisy, { near: 10, wide: 10 })
  expect(curve.map(({ measured10 }) => measured10)).toEqual([0.9, 0.97, 0.96, 0.99])
  expect(curve.map(({ recall10 }) => recall10)).toEqual([0.9, 0.96, 0.96, 0.99])
  curve.forEach(({ low10, recall10 }, index) => {
    expect(low10).toBeLessThan(recall10)
    if (index > 0) expect(low10).toBeGreaterThanOrEqual(curve[index - 1].low10)
  })
  // where nothing was ever missed, n questions stand for no more than n
  const all = shares(Array(1_000).fill(1))
  const [perfect] = fitCurve([{ ef: 16, near: all, wide: all }], { near: 10, wide: 50 })
  expect(perfect).toMatchObject({ recall10: 1, recall50: 1 })
  expect(perfect.low10).toBeCloseTo(wilsonBounds(1, 1_000).low, 5)
})

describe('a breadth', () => {
  test('is the narrowest measured one whose bound reaches what is asked, on the curve of the number wanted', () => {
    expect([0.88, 0.881, 0.96, 0.99, 0.992].map((recall) => breadthFor(points, recall, 10))).toEqual([16, 64, 64, 256, null])
    // beyond ten the lower of both curves counts
    expect([0.88, 0.94, 0.95, 0.986, 0.987].map((recall) => breadthFor(points, recall, 11))).toEqual([16, 64, 64, 256, null])
  })

  test('not measured says what the next narrower one does, and nothing below the narrowest', () => {
    expect(recallAt(points, 63, 10)).toEqual({ expected: 0.9, low: 0.88 })
    expect(recallAt(points, 4_000, 50)).toEqual({ expected: 0.99, low: 0.986 })
    expect(recallAt(points, 15, 10)).toBeNull()
  })

  test('asked for as ef says what is expected of it; as recall it is found, or every vector is read', () => {
    expect(at(100, null)).toEqual({ ef: 100, recall: { expected: 0.97, k: 10, asked: null, exact: false } })
    expect(at(100, 0.99)).toEqual({ ef: 256, recall: { expected: 0.995, k: 10, asked: 0.99, exact: false } })
    expect(at(100, 0.9, 50)).toEqual({ ef: 64, recall: { expected: 0.96, k: 50, asked: 0.9, exact: false } })
    expect(at(100, 0.999)).toEqual({ ef: null, recall: { expected: 1, k: 10, asked: 0.999, exact: true } })
    expect(at(100, 1)).toMatchObject({ ef: null, recall: { exact: true } })
  })

  test('under moved weights nothing was measured: ef stays, a recall is kept by reading every vector', () => {
    expect(at(100, null, 10, true)).toEqual({ ef: 100, recall: { expected: null, k: 10, asked: null, exact: false } })
    expect(at(100, 0.5, 10, true)).toEqual({ ef: null, recall: { expected: 1, k: 10, asked: 0.5, exact: true } })
  })
})

test('a version without a curve expects what its presets measured and promises nothing', () => {
  const old = curvePoints({
    recall: { 'standard@10': 0.98, 'standard@50': 0.97, 'aggressive@10': 0.9, 'aggressive@50': 0.93, 'own@10': 0.5 },
  })
  expect(old.map(({ ef }) => ef)).toEqual([32, 96])
  expect(chooseBreadth(old, { efSearch: 96, recall: null, topK: 10 }).recall.expected).toBe(0.98)
  expect(chooseBreadth(old, { efSearch: 96, recall: 0.5, topK: 10 })).toMatchObject({ ef: null, recall: { exact: true } })
  expect(chooseBreadth(curvePoints({ recall: {} }), { efSearch: 96, recall: null, topK: 10 }).recall.expected).toBeNull()
})
