import { describe, expect, test } from 'vitest'
import { matchKey, parsePaste } from '../../../ui/composables/paste'
import { form } from '../fixtures/plant'

const { fields } = form
const values = (text: string, row = 0) =>
  Object.fromEntries(parsePaste(text, fields, { row }).recognised.map((entry) => [entry.attribute, entry.value]))

describe('a row copied from a spreadsheet', () => {
  test('is matched by attribute names', () => {
    expect(values('PART_TYPE\tOUTDIAMETER\nGLAND\t92.9')).toEqual({ PART_TYPE: 'GLAND', OUTDIAMETER: '92.9' })
  })
  test('is matched by Korean labels, with or without a unit in brackets', () => {
    expect(values('부품 유형\t외경 (mm)\t내경\nGLAND\t92.9\t57.6')).toEqual({ PART_TYPE: 'GLAND', OUTDIAMETER: '92.9', INDIAMETER: '57.6' })
  })
  test('is matched by English labels, case and separators aside', () => {
    expect(values('part type,OUTSIDE DIAMETER\nGLAND,92.9')).toEqual({ PART_TYPE: 'GLAND', OUTDIAMETER: '92.9' })
  })
  test('names the columns that it does not know', () => {
    const pasted = parsePaste('PART_TYPE\t비고\nGLAND\t긴급', fields)
    expect(pasted.unrecognised).toEqual([{ header: '비고', value: '긴급' }])
  })
  test('may hold several rows, of which one is read', () => {
    const text = 'PART_TYPE\tOUTDIAMETER\nGLAND\t92.9\nSLEEVE\t50'
    expect(parsePaste(text, fields).rows).toBe(2)
    expect(values(text, 1)).toEqual({ PART_TYPE: 'SLEEVE', OUTDIAMETER: '50' })
    expect(values(text, 7)).toEqual({ PART_TYPE: 'SLEEVE', OUTDIAMETER: '50' })
  })
  test('keeps a quoted cell with a line break whole', () => {
    expect(values('PART_TYPE\tITEM_NM\nGLAND\t"316\nGLAND"')).toEqual({ PART_TYPE: 'GLAND', ITEM_NM: '316\nGLAND' })
  })
  test('takes the first of two columns with the same meaning', () => {
    const pasted = parsePaste('외경\tOUTDIAMETER\n92.9\t12', fields)
    expect(pasted.recognised.map((entry) => entry.value)).toEqual(['92.9'])
    expect(pasted.unrecognised.map((entry) => entry.value)).toEqual(['12'])
  })
  test('without a header is told apart from an empty box', () => {
    expect(parsePaste('GLAND\t92.9\t57.6', fields)).toMatchObject({ shape: 'no_header', recognised: [] })
    expect(parsePaste(' \n', fields).shape).toBe('empty')
  })
})

describe('lines of key and value', () => {
  test.each([
    ['colon', 'PART_TYPE: GLAND\n외경: 92.9'],
    ['equals sign', 'PART_TYPE=GLAND\n외경 = 92.9'],
    ['tab, as two columns of a sheet', 'PART_TYPE\tGLAND\n외경\t92.9'],
    ['full-width colon', '부품 유형：GLAND\n외경：92.9'],
  ])('are read with a %s', (_, text) => {
    expect(values(text)).toEqual({ PART_TYPE: 'GLAND', OUTDIAMETER: '92.9' })
  })
  test('a value may hold a colon', () => {
    expect(values('PART_TYPE: GLAND\nITEM_NM: 반제품:M1')).toEqual({ PART_TYPE: 'GLAND', ITEM_NM: '반제품:M1' })
  })
})

test('a key is compared without case, width, separators and unit', () => {
  expect(matchKey('OUT_DIAMETER [mm]')).toBe(matchKey('out diameter'))
  expect(matchKey('ＯＤ')).toBe('od')
  expect(matchKey('(mm)')).toBe('')
})
