/** One contract, two implementations: the addon's index and a brute-force twin in plain TypeScript. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { DomainError } from '../../server/domain/error'
import { AnnIndex, type Neighbours } from '../../server/engine/ann-index'
import { BruteForce } from './brute-force'
import { builtFolder, clusteredVectors, type Folder } from './vectors'

const dimensions = 24
const count = 2_000
const vectors = clusteredVectors(2, count, dimensions)

interface Subject {
  count: number
  dimensions: number
  search(query: Float32Array, options: { k: number; ef: number }): Neighbours
  exact(query: Float32Array, options: { k: number }): Neighbours
  vector(key: number): Float32Array
}

let folder: Folder
beforeAll(async () => {
  folder = await builtFolder(vectors, dimensions)
})
afterAll(() => folder.remove())

const subjects: Record<string, () => Subject> = {
  'the index of the addon': () => AnnIndex.open(folder.paths(count)),
  'the brute-force twin': () => new BruteForce(vectors, dimensions),
}

describe.each(Object.keys(subjects))('%s', (name) => {
  let subject: Subject
  beforeAll(() => {
    subject = subjects[name]()
  })
  const query = clusteredVectors(50, 1, dimensions)
  const codeOf = (call: () => unknown) => {
    try {
      call()
    } catch (error) {
      if (error instanceof DomainError) return error.code
      throw error
    }
    return 'no error'
  }

  test('knows its size', () => {
    expect([subject.count, subject.dimensions]).toEqual([count, dimensions])
  })

  test('finds a stored vector first, with score 1', () => {
    for (const key of [0, 1, 999, count - 1]) {
      const { keys, scores } = subject.search(subject.vector(key), { k: 3, ef: 64 })
      expect(keys[0]).toBe(key)
      expect(scores[0]).toBeCloseTo(1, 5)
    }
  })

  test('answers k neighbours, best first, each once', () => {
    const { keys, scores } = subject.search(query, { k: 20, ef: 64 })
    expect(keys).toHaveLength(20)
    expect(new Set(keys).size).toBe(20)
    expect([...scores]).toEqual([...scores].sort((a, b) => b - a))
  })

  test('scores are inner products with the stored vectors', () => {
    const { keys, scores } = subject.exact(query, { k: 10 })
    keys.forEach((key, at) => {
      const dot = subject.vector(key).reduce((sum, value, i) => sum + value * query[i], 0)
      expect(scores[at]).toBeCloseTo(dot, 5)
    })
  })

  test('agrees with the twin: exactly when exhaustive, at least 98 % of the time when wide', () => {
    const twin = new BruteForce(vectors, dimensions)
    let found = 0
    for (let seed = 0; seed < 50; seed++) {
      const one = clusteredVectors(100 + seed, 1, dimensions)
      const truth = twin.exact(one, { k: 10 })
      const exact = subject.exact(one, { k: 10 })
      expect([...exact.keys]).toEqual([...truth.keys])
      exact.scores.forEach((score, at) => {
        expect(score).toBeCloseTo(truth.scores[at], 5)
      })
      found += subject.search(one, { k: 10, ef: 128 }).keys.filter((key) => truth.keys.includes(key)).length
    }
    expect(found).toBeGreaterThanOrEqual(490)
  })

  test('asked for more than it holds, answers what it holds', () => {
    expect(subject.search(query, { k: 1_000, ef: 4_096 }).keys).toHaveLength(1_000)
  })

  test.each([
    ['NaN', query.map((value, at) => (at === 3 ? Number.NaN : value)), 'vector_not_finite'],
    ['infinity', query.map((value, at) => (at === 3 ? Number.POSITIVE_INFINITY : value)), 'vector_not_finite'],
    ['zero', new Float32Array(dimensions), 'vector_zero'],
    ['too short', query.subarray(1), 'vector_wrong_length'],
    ['too long', new Float32Array(2_500_000).fill(0.1), 'vector_wrong_length'],
    ['empty', new Float32Array(0), 'vector_wrong_length'],
  ])('refuses a query that is %s', (_, bad, code) => {
    expect(codeOf(() => subject.search(bad, { k: 5, ef: 32 }))).toBe(code)
    expect(codeOf(() => subject.exact(bad, { k: 5 }))).toBe(code)
  })

  test.each([0, -1, 1.5, Number.NaN, 1_001, 2 ** 32 + 1, Number.POSITIVE_INFINITY])('refuses k = %p', (k) => {
    expect(codeOf(() => subject.search(query, { k, ef: 32 }))).toBe('bad_request')
    expect(codeOf(() => subject.exact(query, { k }))).toBe('bad_request')
  })

  test.each([0, -1, 1.5, Number.NaN, 4_097, 2 ** 32 + 1])('refuses ef = %p', (ef) => {
    expect(codeOf(() => subject.search(query, { k: 5, ef }))).toBe('bad_request')
  })

  test.each([-1, 0.5, count, Number.NaN])('refuses key %p', (key) => {
    expect(codeOf(() => subject.vector(key))).toBe('bad_request')
  })
})
