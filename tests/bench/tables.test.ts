/** What the tables of the search benches claim, and what the derived vectors are. */
import { describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CurvePoint } from '../../bench/search/curve'
import { writeDerivedWords } from '../../bench/search/derived-words'
import { factorsAt, memoryFactorAt, memoryRows } from '../../bench/search/tables'
import { normalize } from '../../bench/search/unit-rows'

const point = (id: string, ef: number, recall: number, micros: number, resident = 0): CurvePoint => ({
  id,
  name: id,
  way: 'batch',
  ef,
  recall,
  micros,
  wallMicros: micros,
  resident,
  quantiles: { p50: 0, p95: 0, p99: 0 },
})

describe('factors at a recall', () => {
  const points = [
    point('routewright', 16, 0.9, 10),
    point('routewright-int8', 16, 0.9, 1),
    point('symqg-32', 16, 0.9, 30),
    point('symqg-32', 32, 0.99, 50),
    point('usearch-f32', 16, 0.9, 60),
  ]
  test('are against the fastest peer, and another layout of ours is none', () =>
    expect(factorsAt(points, 0.9)).toEqual({ fastest: 'symqg-32', overFastest: 3, overUsearch: 6 }))
  test('are 0 where only the peer reaches it, and nothing where the peer does not', () => {
    const { overFastest, overUsearch } = factorsAt(points, 0.99)
    expect(overFastest).toBe(0)
    expect(overUsearch).toBeNaN()
  })
})

describe('memory at a recall', () => {
  const mib = 2 ** 20
  const points = [
    point('routewright', 16, 0.9, 10, 30 * mib),
    point('routewright', 64, 0.99, 20, 40 * mib),
    point('symqg-64', 16, 0.995, 50, 80 * mib),
    point('symqg-32', 32, 0.99, 30, 50 * mib),
  ]
  test('is that of the narrowest breadth that reaches it', () => {
    const [ours] = memoryRows(points, [0.9, 0.98])
    expect(ours).toEqual({ engine: 'routewright', 'at 0.9': 30, 'at 0.98': 40 })
  })
  test('is held against the SymphonyQG that is the fastest there', () => expect(memoryFactorAt(points, 0.98)).toBeCloseTo(0.8))
  test('is unknown where one of the two does not reach it', () => expect(memoryFactorAt(points, 0.992)).toBeNaN())
})

describe('derived words', () => {
  const dimensions = 4
  const base = normalize(
    Float32Array.from({ length: 50 * dimensions }, (_, at) => Math.sin(7 * at)),
    dimensions,
  )
  const words = { name: '', origin: '', dimensions, base, queries: base.slice(0, dimensions) }
  const nearest = async (_: Float32Array, rows: Float32Array, width: number) =>
    Uint32Array.from({ length: (rows.length / dimensions) * width }, (_, at) => at % 50)
  const write = async (size: number) => {
    const folder = mkdtempSync(join(tmpdir(), 'routewright-tests-'))
    try {
      const { basePath, ...files } = await writeDerivedWords(folder, words, size, nearest)
      return { files, rows: new Float32Array(new Uint8Array(readFileSync(basePath)).buffer) }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  test('have norm 1, the same dimensions and names for what they are', async () => {
    const { files, rows } = await write(70)
    expect([files.dimensions, files.count, files.origin]).toEqual([32, 70, '50 real words, 20 derived'])
    expect(rows).toHaveLength(70 * 32)
    for (let row = 0; row < 70; row++) {
      const squared = rows.subarray(row * 32, (row + 1) * 32).reduce((sum, value) => sum + value * value, 0)
      expect(squared).toBeCloseTo(1, 5)
    }
  })
  test('of a smaller set are the beginning of a larger one', async () => {
    const [small, large] = [await write(60), await write(70)]
    expect(large.rows.subarray(0, small.rows.length)).toEqual(small.rows)
  })
})
