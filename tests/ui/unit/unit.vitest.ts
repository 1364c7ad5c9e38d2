import { describe, expect, test } from 'vitest'
import { asFormWrites, unitBeside } from '../../../ui/composables/unit'
import { form } from '../fixtures/plant'

const outside = form.fields.find((field) => field.name === 'OUTDIAMETER')!
const inside = form.fields.find((field) => field.name === 'INDIAMETER')!

test('a number is read in the unit beside it, else in the mapping’s', () => {
  expect(unitBeside(outside, { OUTDIAMETER_UNIT: ' INCH ' })).toBe('INCH')
  expect(unitBeside(outside, { OUTDIAMETER_UNIT: '' })).toBe('mm')
  expect(unitBeside(inside, {})).toBe('mm')
})

describe('a changed size goes into the form', () => {
  const write = (values: Record<string, string>, from: number | null, to: number | string | null) =>
    asFormWrites({ from, to }, outside, values)
  test('as it is where the form has the mapping’s unit or none', () => {
    expect(write({ OUTDIAMETER: '92', OUTDIAMETER_UNIT: 'MM' }, 92, 120)).toBe(120)
    expect(write({ OUTDIAMETER: '92' }, 92, 120)).toBe(120)
  })
  test('by the factor that the form itself shows', () => {
    expect(write({ OUTDIAMETER: '3.5', OUTDIAMETER_UNIT: 'INCH' }, 88.9, 101.6)).toBe(4)
    expect(write({ OUTDIAMETER: '35', OUTDIAMETER_UNIT: 'furlong' }, 70, 100)).toBe(50)
  })
  test('by the name of the unit where the size was not known before', () => {
    expect(write({ OUTDIAMETER_UNIT: 'inch' }, null, 50.8)).toBe(2)
    expect(write({ OUTDIAMETER_UNIT: 'furlong' }, null, 50.8)).toBe(50.8)
  })
  test('texts and the unknown stay what they are', () => {
    expect(write({ OUTDIAMETER: '3.5', OUTDIAMETER_UNIT: 'INCH' }, 88.9, null)).toBeNull()
    expect(asFormWrites({ from: 'A', to: 'B' }, undefined, {})).toBe('B')
  })
})
