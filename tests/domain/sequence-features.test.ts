import { describe, expect, test } from 'bun:test'
import type { Feature } from '../../server/contract/mapping'
import type { FeatureColumn, Items, TextColumn } from '../../server/domain/plant'
import { encodeSequenceItems, encodeSequenceRecord, fitSequenceFeatures } from '../../server/domain/sequence-features'

function textColumn(values: (string | null)[]): TextColumn {
  const dictionary = ['', ...new Set(values.filter((value) => value !== null))]
  return { kind: 'text', dictionary, codes: Uint32Array.from(values, (value) => (value === null ? 0 : dictionary.indexOf(value))) }
}
function feature(kind: Feature['kind'], name: string, values: (string | number | null)[]): FeatureColumn {
  const column: FeatureColumn['column'] =
    kind === 'number'
      ? { kind: 'number', values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))) }
      : textColumn(values as (string | null)[])
  return { name, feature: { kind, column: name }, column }
}
const itemsOf = (features: FeatureColumn[], count: number): Items => ({
  count,
  keys: Array.from({ length: count }, (_, row) => String(row)),
  title: null,
  family: null,
  features,
})

const count = 400
const materials = Array.from({ length: count }, (_, row) => (row % 7 === 0 ? null : ['steel', 'brass', 'bronze'][row % 3]))
const diameters = Array.from({ length: count }, (_, row) => (row % 5 === 0 ? null : 10 + ((row * 31) % 97) / 2))
const groups = Array.from({ length: count }, (_, row) => [`P11-MS-${row % 4}`, `P11-XX-${row % 3}`, 'P14-A'][row % 3])
const names = Array.from({ length: count }, (_, row) => `${row % 2 ? 'SEAL' : 'GLAND'} ${row % 9 === 0 ? 'COATED' : 'PLAIN'} no${row}`)
const keys = Array.from({ length: count }, (_, row) => (row < 200 ? `K${row % 20}` : `only ${row}`))
const items = itemsOf(
  [
    feature('category', 'material', materials),
    feature('number', 'od', diameters),
    feature('code', 'group', groups),
    feature('text', 'name', names),
    feature('category', 'drawing', keys),
    feature('category', 'same', Array(count).fill('always')),
    feature('number', 'nothing', Array(count).fill(null)),
  ],
  count,
)
const spec = fitSequenceFeatures(items)
const matrix = encodeSequenceItems(spec, items)
const rowOf = (row: number) => Array.from(matrix.features.subarray(row * matrix.featureCount, (row + 1) * matrix.featureCount))

describe('features of the sequence model', () => {
  test('an item asked for by its attributes gets the row that it was trained with, also after the way through JSON', () => {
    const read = JSON.parse(JSON.stringify(spec))
    for (let row = 0; row < count; row++) {
      const record = new Map<string, string | number | null>([
        ['material', materials[row]],
        ['od', diameters[row]],
        ['group', groups[row]],
        ['name', names[row]],
        ['drawing', keys[row]],
        ['same', 'always'],
        ['nothing', null],
      ])
      expect(Array.from(encodeSequenceRecord(read, record))).toEqual(rowOf(row))
    }
  })

  test('attributes that tell nothing get no column, each other kind the columns that it needs', () => {
    const kinds = spec.parts.map((part) => `${part.name}:${part.kind}`)
    expect(kinds).toEqual(['material:category', 'od:number', 'group:prefixes', 'name:tokens', 'drawing:category'])
    expect(matrix.featureKinds.length).toBe(matrix.featureCount)
    expect(Array.from(matrix.featureKinds.subarray(0, 3))).toEqual([1, 0, 1])
  })

  test('missing is 0, numbers keep their order, and nothing but missing is 0', () => {
    const od = (value: number | null) => encodeSequenceRecord(spec, new Map([['od', value]]))[1]
    expect(od(null)).toBe(0)
    expect(od(-1e9)).toBe(1)
    const codes = [9, 10, 20.5, 21, 33, 58, 1e9].map(od)
    expect(codes).toEqual([...codes].sort((a, b) => a - b))
    expect(od(20.5)).not.toBe(od(21))
    expect(Array.from(encodeSequenceRecord(spec, new Map()))).toEqual(Array(matrix.featureCount).fill(0))
    for (let row = 0; row < count; row++) expect(rowOf(row)[1] === 0).toBe(diameters[row] === null)
  })

  test('a value never seen is missing, or joins the rest where training had a rest', () => {
    expect(encodeSequenceRecord(spec, new Map([['material', 'unobtainium']]))[0]).toBe(0)
    const drawing = matrix.featureCount - 1
    const rest = encodeSequenceRecord(spec, new Map([['drawing', 'never seen']]))[drawing]
    expect(rest).toBe(21)
    expect(rowOf(300)[drawing]).toBe(rest)
    expect(rowOf(3)[drawing]).not.toBe(rest)
  })

  test('codes of one stem agree in the first column and part in a later one', () => {
    const at = 2
    const [first, second, other] = ['P11-MS-1', 'P11-XX-1', 'P14-A'].map((group) => encodeSequenceRecord(spec, new Map([['group', group]])))
    expect(first[at]).toBe(second[at])
    expect(first[at]).not.toBe(other[at])
    expect(first[at + 1]).not.toBe(second[at + 1])
    // a member of a known family that was never seen still belongs to it
    const sibling = encodeSequenceRecord(spec, new Map([['group', 'P11-MS-77']]))
    expect([sibling[at], sibling[at + 1]]).toEqual([first[at], first[at + 1]])
  })

  test('words that divide the items become columns, running numbers do not', () => {
    const tokens = spec.parts.find((part) => part.kind === 'tokens')
    expect(tokens?.kind === 'tokens' && tokens.tokens.toSorted()).toEqual(['coated', 'gland', 'plain', 'seal'])
  })

  test('large dictionaries and fine numbers stay within their bounds', () => {
    const many = 30_000
    const wide = itemsOf(
      [
        feature(
          'category',
          'code',
          Array.from({ length: many }, (_, row) => `c${row % 12_000}`),
        ),
        feature(
          'number',
          'size',
          Array.from({ length: many }, (_, row) => Math.sqrt(row) * (row % 2 ? 1 : -1)),
        ),
      ],
      many,
    )
    const { features, featureCount } = encodeSequenceItems(fitSequenceFeatures(wide), wide)
    let codeMax = 0
    const sizes = new Uint32Array(256)
    for (let row = 0; row < many; row++) {
      codeMax = Math.max(codeMax, features[row * featureCount])
      sizes[features[row * featureCount + 1]]++
    }
    expect(codeMax).toBe(4_001)
    // even shares: no bin holds twice its part
    expect(Math.max(...sizes)).toBeLessThan((2 * many) / 255)
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(250)
  })

  test('items without any telling attribute still have one column', () => {
    const bare = itemsOf([feature('category', 'same', ['a', 'a', 'a'])], 3)
    const { features, featureCount } = encodeSequenceItems(fitSequenceFeatures(bare), bare)
    expect(featureCount).toBe(1)
    expect(Array.from(features)).toEqual([0, 0, 0])
  })
})
