import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Feature } from '../../server/contract/mapping'
import { distinctRows, NO_VECTOR } from '../../server/domain/encoder/distinct'
import { createEncoder, encodeItems, encodeRecord, fitEncoder } from '../../server/domain/encoder/encoder'
import type { Column, Items, TextColumn } from '../../server/domain/plant'
import { blockNorms, spreadFactors, weightedCosine } from '../../server/domain/similarity'

function text(values: (string | null)[]): TextColumn {
  const dictionary = ['', ...new Set(values.filter((value) => value !== null))]
  return { kind: 'text', dictionary, codes: Uint32Array.from(values, (value) => (value === null ? 0 : dictionary.indexOf(value))) }
}
const numbers = (values: (number | null)[]): Column => ({
  kind: 'number',
  values: Float64Array.from(values, (value) => value ?? Number.NaN),
})

function plantItems(columns: Record<string, { kind: Feature['kind']; column: Column }>): Items {
  const count = Math.max(
    ...Object.values(columns).map(({ column }) => (column.kind === 'text' ? column.codes.length : column.values.length)),
  )
  return {
    count,
    keys: Array.from({ length: count }, (_, row) => `I${row}`),
    title: null,
    family: null,
    features: Object.entries(columns).map(([name, { kind, column }]) => ({ name, feature: { kind, column: name } as Feature, column })),
  }
}

const sizes = [9, 9.5, 20, 50, 92.9, 93, 120, 300]
const items = plantItems({
  diameter: { kind: 'number', column: numbers(sizes) },
  material: { kind: 'category', column: text(['316', '304', '316', 'SiC', '316', '316', 'PTFE', null]) },
  group: { kind: 'code', column: text(['P11-MS-Gld', 'P11-MS-X', 'P14-A', 'P14-B', 'P11-MS-Gld', null, 'A50', 'A31']) },
  name: { kind: 'text', column: text(['316 gland', 'sleeve', 'gland', 'seal face', '316 gland', 'ring', 'o-ring', null]) },
})
const encoder = createEncoder(fitEncoder(items, new Map([['material', 2]]), 256))
const all = Uint32Array.from({ length: items.count }, (_, row) => row)
const matrix = encodeItems(encoder, items, all)
const { dimensions } = encoder.model
const rowOf = (row: number) => matrix.subarray(row * dimensions, (row + 1) * dimensions)
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * b[at], 0)

describe('the encoder', () => {
  test('gives a query the vector that the same item has in the index', () => {
    for (let row = 0; row < items.count; row++) {
      const values = new Map<string, string | number | null>(
        items.features.map(({ name, column }) => {
          if (column.kind === 'number') return [name, Number.isNaN(column.values[row]) ? null : column.values[row]]
          return [name, column.dictionary[column.codes[row]] || null]
        }),
      )
      const vector = encodeRecord(encoder, values)!
      expect(Math.max(...vector.map((value, at) => Math.abs(value - rowOf(row)[at])))).toBeLessThan(1e-6)
      expect(dot(vector, vector)).toBeCloseTo(1, 5)
    }
  })

  test('holds near sizes near and far ones apart', () => {
    const size = (value: number) => encodeRecord(encoder, new Map([['diameter', value]]))!
    expect(dot(size(92.9), size(93))).toBeGreaterThan(0.999)
    expect(dot(size(92.9), size(100))).toBeLessThan(dot(size(92.9), size(93)))
    expect(dot(size(9), size(93))).toBeLessThan(0.05)
  })

  test('holds codes of one branch nearer than codes of another', () => {
    const code = (value: string) => encodeRecord(encoder, new Map([['group', value]]))!
    expect(dot(code('P11-MS-Gld'), code('P11-MS-Y'))).toBeGreaterThan(dot(code('P11-MS-Gld'), code('P14-MS-Gld')) + 0.2)
  })

  test('makes nothing of an item without any value', () => {
    expect(encodeRecord(encoder, new Map([['material', null]]))).toBeNull()
    expect(encodeRecord(encoder, new Map())).toBeNull()
  })

  test('encodes numbers of any size to finite unit vectors', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const vector = encodeRecord(encoder, new Map([['diameter', value]]))!
        return vector.every(Number.isFinite) && Math.abs(dot(vector, vector) - 1) < 1e-4
      }),
    )
  })

  test('stays within the budget of dimensions', () => {
    const tight = fitEncoder(items, new Map(), 48)
    expect(tight.blocks.reduce((sum, block) => sum + block.size, 0)).toBeLessThanOrEqual(48)
    expect(tight.dimensions % 32).toBe(0)
  })
})

describe('the weighted cosine', () => {
  const { blockOffsets } = encoder
  const blocks = blockOffsets.length - 1
  const blockDots = (query: Float32Array, row: number) => {
    const dots = new Float32Array(blocks)
    const norms = new Float32Array(blocks)
    for (let block = 0; block < blocks; block++) {
      for (let at = blockOffsets[block]; at < blockOffsets[block + 1]; at++) {
        dots[block] += query[at] * rowOf(row)[at]
        norms[block] += rowOf(row)[at] ** 2
      }
    }
    return { dots, norms }
  }

  test('equals the plain inner product when no weight is moved', () => {
    const { similarities } = weightedCosine(blockNorms(rowOf(0), blockOffsets), blockDots(rowOf(0), 4), null)
    expect(similarities[0]).toBeCloseTo(dot(rowOf(0), rowOf(4)), 5)
  })

  test('is 1 for an equal item under any weights, and its shares sum to it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 4, noNaN: true }), { minLength: blocks, maxLength: blocks }), (weights) => {
        const factors = Float64Array.from(weights)
        const { similarities, shares } = weightedCosine(blockNorms(rowOf(0), blockOffsets), blockDots(rowOf(0), 0), factors)
        return Math.abs(similarities[0] - 1) < 1e-5 && Math.abs(shares.reduce((sum, share) => sum + share, 0) - similarities[0]) < 1e-5
      }),
    )
  })

  test('ranks by an attribute alone when all other weights are 0', () => {
    const factors = new Float64Array(blocks)
    factors[encoder.blockOf.get('material')!] = 1
    const of = (row: number) => weightedCosine(blockNorms(rowOf(0), blockOffsets), blockDots(rowOf(0), row), factors).similarities[0]
    expect(of(2)).toBeCloseTo(1, 5)
    expect(of(1)).toBeCloseTo(0, 5)
  })

  test('a factor stands at each of its attribute’s dimensions, and 0 behind the last', () => {
    const spread = spreadFactors(
      Float64Array.from({ length: blocks }, (_, block) => block + 1),
      encoder,
    )
    expect(spread).toHaveLength(encoder.model.dimensions)
    for (let block = 0; block < blocks; block++) {
      expect(new Set(spread.subarray(blockOffsets[block], blockOffsets[block + 1]))).toEqual(new Set([block + 1]))
    }
    expect(spread.subarray(blockOffsets[blocks]).every((factor) => factor === 0)).toBe(true)
  })
})

describe('distinct rows', () => {
  test('share a vector only when every attribute is equal, and leave empty items out', () => {
    const twins = plantItems({
      size: { kind: 'number', column: numbers([1, 1, 2, null, 1]) },
      code: { kind: 'category', column: text(['a', 'a', 'a', null, 'b']) },
    })
    const { vectorOf, representative, offsets, items: members } = distinctRows(twins, () => true)
    expect([...vectorOf]).toEqual([0, 0, 1, NO_VECTOR, 2])
    expect([...representative]).toEqual([0, 2, 4])
    expect([...members.subarray(offsets[0], offsets[1])]).toEqual([0, 1])
    expect(distinctRows(twins, (row) => row > 0).representative[0]).toBe(1)
  })
})
