import { describe, expect, test } from 'vitest'
import { orderFields, unitFieldOf } from '../../../ui/composables/form'
import { attributeOfPath, attributeValue, defaultOptions, filledAttributes, predictRequest } from '../../../ui/composables/request'
import { form } from '../fixtures/plant'

describe('what stands in the fields', () => {
  test('becomes numbers where an attribute is a number and the text is plain', () => {
    expect(attributeValue('92.9', 'number')).toBe(92.9)
    expect(attributeValue(' 1,234.5 ', 'number')).toBe(1234.5)
    expect(attributeValue('.5', 'number')).toBe(0.5)
  })
  test('stays text where the server has to read it', () => {
    expect(attributeValue('2 1/8 inch', 'number')).toBe('2 1/8 inch')
    expect(attributeValue('1,2', 'number')).toBe('1,2')
    expect(attributeValue('1057', 'category')).toBe('1057')
  })
  test('is nothing to ask while all fields are blank', () => {
    expect(filledAttributes({ PART_TYPE: '  ' }, form)).toBeNull()
    expect(filledAttributes({ PART_TYPE: 'GLAND', OUTDIAMETER: '92.9', ITEM_NM: '' }, form)).toEqual({
      PART_TYPE: 'GLAND',
      OUTDIAMETER: 92.9,
    })
  })
})

test('a request names only the weights that differ from 1', () => {
  const options = { ...defaultOptions(), weights: { PART_TYPE: 1, OUTDIAMETER: 2.5 }, preset: 'conservative' as const }
  expect(predictRequest({ item: 'X' }, options)).toEqual({
    item: 'X',
    efSearch: 256,
    weights: { OUTDIAMETER: 2.5 },
  })
})

test('a request asks for ef_search or a recall, never for both', () => {
  const asked = (options: object) => predictRequest({ item: 'X' }, { ...defaultOptions(), ...options })
  expect(asked({ preset: 'recall', recall: 0.95 })).toEqual({ item: 'X', recall: 0.95 })
  expect(asked({ preset: 'aggressive', recall: 0.95 })).toEqual({ item: 'X', efSearch: 32 })
  expect(asked({ recall: 0.95 })).toEqual({ item: 'X' })
})

test('a problem’s pointer names its attribute', () => {
  expect(attributeOfPath('/attributes/OUTDIAMETER')).toBe('OUTDIAMETER')
  expect(attributeOfPath('/attributes/OD~1ID~0')).toBe('OD/ID~')
  expect(attributeOfPath('INDIAMETER')).toBe('INDIAMETER')
  expect(attributeOfPath('/topK')).toBeNull()
  expect(attributeOfPath('')).toBeNull()
})

describe('the form', () => {
  test('shows required attributes first, then the heavy ones, and units beside their numbers only', () => {
    const { first, more } = orderFields(form)
    expect(first.slice(0, 2).every((field) => field.required)).toBe(true)
    const weights = first.slice(2).map((field) => field.weight)
    expect(weights).toEqual([...weights].sort((a, b) => b - a))
    expect([...first, ...more].map((field) => field.name)).not.toContain('OUTDIAMETER_UNIT')
    expect(first.length + more.length).toBe(form.fields.length - 1)
  })
  test('folds what hardly any item carries, whatever its weight', () => {
    const rare = { ...form, fields: form.fields.map((field) => (field.name === 'SEAL_TYPE' ? { ...field, filled: 0.01 } : field)) }
    expect(orderFields(rare).first.map((field) => field.name)).not.toContain('SEAL_TYPE')
  })
  test('offers units of the same kind where the mapping lists none', () => {
    const outside = form.fields.find((field) => field.name === 'OUTDIAMETER')!
    expect(unitFieldOf(outside, new Map())?.values.map(({ value }) => value)).toEqual(['mm', 'cm', 'm', 'inch'])
    expect(unitFieldOf({ ...outside, unitAttribute: null }, new Map())).toBeNull()
  })
})
