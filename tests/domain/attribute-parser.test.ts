import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Feature } from '../../server/contract/mapping'
import { type AttributeValue, featureName, parseAttribute } from '../../server/domain/attribute-parser'
import { DomainError } from '../../server/domain/error'

const diameter: Feature = { kind: 'number', column: 'OUTDIAMETER', unit: 'mm', unitColumn: 'OD_UNIT', unknown: [0, 9999] }
const material: Feature = { kind: 'category', column: 'm.ITEM_MATERIAL', unknown: ['?'] }
const cavities: Feature = { kind: 'number', column: 'cavity', pattern: '^(\\d+) CAV' }

const file = (feature: Feature, raw: AttributeValue, unit: AttributeValue = null) => parseAttribute(feature, raw, { unit, lenient: true })
const api = (feature: Feature, raw: AttributeValue, unit: AttributeValue = null) => parseAttribute(feature, raw, { unit, lenient: false })

function problemOf(act: () => unknown): DomainError {
  try {
    act()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('numbers', () => {
  test.each([
    ['92.9', 92.9],
    [' 1,234.5 ', 1234.5],
    ['3.5 inch', 88.9],
    ['2"', 50.8],
    ['-0', null],
    ['0.00', null],
    ['9999', null],
    ['nan', null],
    ['NULL', null],
    ['  ', null],
    ['1e2', 100],
  ])('a file cell %p is %p', (raw, value) => {
    expect(file(diameter, raw)).toEqual({ value })
  })

  test.each(['92,9', 'abc', '1,23,4', 'Infinity', '0x10', '1e999', '--5', '5 bananas'])('a file cell %p is refused', (raw) => {
    expect(problemOf(() => file(diameter, raw)).code).toBe('invalid_value')
  })

  test.each(['5', 'nan', 'Infinity', true, Number.NaN, Number.POSITIVE_INFINITY] as AttributeValue[])(
    'an API value %p is refused by name, without the value',
    (raw) => {
      const problem = problemOf(() => api(diameter, raw))
      expect(problem.code).toBe('invalid_value')
      expect(problem.details).toEqual([{ path: 'OUTDIAMETER', message: expect.any(String) }])
      expect(JSON.stringify([problem.message, problem.details])).not.toContain(`"${String(raw)}"`)
    },
  )

  test('null and the empty text mean missing in a request too', () => {
    expect(api(diameter, null)).toEqual({ value: null })
    expect(api(diameter, '')).toEqual({ value: null })
  })

  test.each([
    ['MM', 10],
    ['mm', 10],
    [' Inch.', 254],
    ['IN', 254],
    ['"', 254],
    ['', 10],
    [null, 10],
    ['nan', 10],
  ])('10 in unit %p is %p mm', (unit, value) => {
    expect(api(diameter, 10, unit).value).toBeCloseTo(value, 10)
  })

  test.each(['D', 'MM/IN', '81', 'KG', 5])('10 in unit %p is missing and says so', (unit) => {
    expect(api(diameter, 10, unit)).toEqual({ value: null, unitUnknown: true })
  })

  test('a conversion that leaves the doubles is refused', () => {
    expect(problemOf(() => api(diameter, 1e308, 'inch')).code).toBe('invalid_value')
  })

  test('a pattern takes the group, and a request may give the number itself', () => {
    expect(file(cavities, '16 CAV.HOT')).toEqual({ value: 16 })
    expect(api(cavities, '16 CAV.HOT')).toEqual({ value: 16 })
    expect(api(cavities, 16)).toEqual({ value: 16 })
    expect(file(cavities, 'none')).toEqual({ value: null })
    expect(problemOf(() => api(cavities, 'none')).code).toBe('invalid_value')
  })
})

describe('texts', () => {
  test('decomposed Korean, blanks and lone surrogates come out in one form', () => {
    expect(file(material, ' \u1112\u1161\u11ab '.normalize('NFD'))).toEqual({ value: '한' })
    expect(file(material, 'a\ud800')).toEqual({ value: 'a\ufffd' })
    expect(api(material, 'a\ud800')).toEqual({ value: 'a\ufffd' })
  })

  test('a number and its text are the same category', () => {
    expect(api(material, 316)).toEqual(file(material, '316'))
  })

  test.each(['', ' ', 'nan', 'NaN', 'null', '?', null])('%p is missing', (raw) => {
    expect(api(material, raw)).toEqual({ value: null })
  })

  test.each(['NA', 'none', '0'])('%p is a real code', (raw) => {
    expect(api(material, raw)).toEqual({ value: raw })
  })

  test('a value that came out of a pattern can be asked for again', () => {
    const family: Feature = { kind: 'category', column: 'mould', pattern: '^([^-]+)-' }
    const { value } = file(family, 'AB12-M-001')
    expect(value).toBe('AB12')
    expect(api(family, value)).toEqual({ value: 'AB12' })
    expect(api(family, 'AB12-M-001')).toEqual({ value: 'AB12' })
    expect(file(family, 'AB12')).toEqual({ value: null })
  })

  test('parsing twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        const { value } = api(material, raw)
        expect(api(material, value)).toEqual({ value })
      }),
    )
  })
})

test('a name is given, or the last part of the column', () => {
  expect(featureName({ ...material, name: 'material' })).toBe('material')
  expect(featureName(material)).toBe('ITEM_MATERIAL')
})

test('a pattern that is no expression is a mistake of the mapping', () => {
  expect(problemOf(() => file({ ...material, pattern: '(' }, 'x')).code).toBe('mapping_invalid')
})
