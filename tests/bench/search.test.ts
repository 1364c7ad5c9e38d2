/** What the search benches compute themselves: a figure is worth nothing when these are wrong. */
import { describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filteredRecall, filterTruth, randomRows, regionRows } from '../../bench/search/allowed-rows'
import { atRecall } from '../../bench/search/equal-recall'
import { vectorsOf } from '../../bench/search/sets'
import { searchSettings } from '../../bench/search/settings'
import { holdOut, normalize } from '../../bench/search/unit-rows'
import { writeVectors } from '../../bench/search/vector-files'

const line = [
  { recall: 0.8, micros: 10 },
  { recall: 0.9, micros: 30 },
]

describe('time at a recall', () => {
  test('is linear between two points', () => expect(atRecall(line, 0.85)).toBeCloseTo(20))
  test('is that of the lowest point for less than it reaches', () => expect(atRecall(line, 0.5)).toBe(10))
  test('is unknown for more than was reached', () => expect(atRecall(line, 0.95)).toBeNull())
})

describe('held out rows', () => {
  const rows = normalize(
    Float32Array.from({ length: 40 }, (_, at) => 1 + at),
    2,
  )
  test('are queries, and the others the base, in their order', () => {
    const { base, queries } = holdOut(rows, 2, { rowsMax: 100, queriesMax: 5 })
    expect([base.length, queries.length]).toEqual([30, 10])
    expect([...queries.subarray(0, 2)]).toEqual([...rows.subarray(6, 8)])
    expect([...base.subarray(0, 6)]).toEqual([...rows.subarray(0, 6)])
  })
  test('cannot be as many as there are rows', () => expect(() => holdOut(rows, 2, { rowsMax: 0, queriesMax: 20 })).toThrow())
})

describe('a filter', () => {
  // eight directions in the plane, 45° apart
  const base = Float32Array.from({ length: 16 }, (_, at) => (at % 2 ? Math.sin : Math.cos)(((at >> 1) * Math.PI) / 4))
  const vectors = { base, queries: Float32Array.of(1, 0), dimensions: 2 }

  test('allows as many rows as its share', () => {
    const { bits, count } = randomRows(1_000, 0.1)
    expect(count).toBe(100)
    const members = Array.from({ length: 1_000 }, (_, row) => (bits[row >>> 5] >>> (row & 31)) & 1)
    expect(members.filter(Boolean)).toHaveLength(100)
  })
  test('of a region allows what lies around its row', () => {
    const { bits } = regionRows(base, 2, 3 / 8)
    // around row 2: rows 1, 2, 3
    expect(bits[0]).toBe(0b1110)
  })
  test('is judged by the allowed rows alone', () => {
    const allowed = regionRows(base, 2, 3 / 8)
    const truth = filterTruth(vectors, allowed, 2)
    expect(truth.right).toBe(2)
    expect(filteredRecall(vectors, allowed, truth, Uint32Array.of(1, 2))).toBe(1)
    expect(filteredRecall(vectors, allowed, truth, Uint32Array.of(1, 3))).toBe(0.5)
    expect(filteredRecall(vectors, allowed, truth, Uint32Array.of(1, 0xffffffff))).toBe(0.5)
    expect(() => filteredRecall(vectors, allowed, truth, Uint32Array.of(0, 1))).toThrow('does not allow')
  })
  test('that leaves fewer than k rows wants all of them', () => {
    const allowed = regionRows(base, 2, 1 / 8)
    const truth = filterTruth(vectors, allowed, 4)
    expect(truth.right).toBe(1)
    expect(filteredRecall(vectors, allowed, truth, Uint32Array.of(2, 0xffffffff, 0xffffffff, 0xffffffff))).toBe(1)
  })
})

test('what a bench is told counts; else what is usual, and less of it in a smoke run', () => {
  const usual = { queries: [200, 20], rows: [2 ** 31, 3_000] } as const
  const of = (told: object) => Object.values(searchSettings({ smoke: false, json: true, ...told }, usual))
  expect(of({})).toEqual([false, true, 5, 200, 2 ** 31])
  expect(of({ smoke: true })).toEqual([true, true, 1, 20, 3_000])
  expect(of({ smoke: true, rounds: '2', queries: '7', rows: '9' })).toEqual([true, true, 2, 7, 9])
})

test('vectors of a former run are taken as they are, fewer of them only where a bench can, and never too many', () => {
  const folder = mkdtempSync(join(tmpdir(), 'routewright-sets-'))
  const data = (name: string) => ({ name, origin: 'here', dimensions: 2, base: new Float32Array(20).fill(1), queries: new Float32Array(8) })
  writeVectors(folder, 'kept', data('kept'))
  const sources = { kept: () => data('made') }
  const nameOf = (queriesMax: number, rowsMax: number, fewer = false) => {
    const files = vectorsOf(
      'kept',
      sources,
      { folder, queriesMax, rowsMax },
      fewer ? (former) => ({ ...former, name: 'fewer' }) : undefined,
    )
    const name = 'missing' in files ? files.missing : files.name
    writeVectors(folder, 'kept', data('kept'))
    return name
  }
  expect([nameOf(4, 10), nameOf(3, 10), nameOf(3, 10, true), nameOf(5, 10, true), nameOf(4, 9, true)]).toEqual([
    'kept',
    'made',
    'fewer',
    'made',
    'made',
  ])
  expect(vectorsOf('none', sources, { folder, queriesMax: 1, rowsMax: 1 })).toEqual({ missing: 'none: no such data; there are kept' })
  rmSync(folder, { recursive: true })
})
