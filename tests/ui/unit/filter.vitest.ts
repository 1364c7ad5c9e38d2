import { describe, expect, test } from 'vitest'
import { limits } from '../../../server/contract/limits'
import { ApiProblem } from '../../../ui/composables/api-problem'
import {
  addressWithFilter,
  countedItems,
  type Filter,
  filterFields,
  filterOfAddress,
  filterReach,
  refusedConditions,
  requestedFilter,
  withValues,
} from '../../../ui/composables/filter'
import { defaultOptions, predictRequest } from '../../../ui/composables/request'
import { whatIfRequest } from '../../../ui/composables/what-if'
import { form } from '../fixtures/plant'

const fields = filterFields(form, { locale: 'en', family: 'Family' })

describe('what a condition can be about', () => {
  test('is the family and the categories of the form, nothing else', () => {
    expect(fields.map(({ name }) => name)).toEqual(['family', 'PART_TYPE', 'SEAL_TYPE', 'STANDARD_YN', 'ROTATE', 'OUTDIAMETER_UNIT'])
    expect(fields[0]).toMatchObject({ label: 'Family', more: false })
  })
  test('has an entry for items without a value where there are any', () => {
    expect(fields.find(({ name }) => name === 'PART_TYPE')!.values.some(({ value }) => value === '')).toBe(false)
    expect(fields.find(({ name }) => name === 'SEAL_TYPE')!.values.at(-1)).toEqual({ value: '', count: Math.round(0.4 * form.items) })
  })
  test('leaves the family out where the plant has none, or an attribute of that name', () => {
    const { families: _, ...without } = form
    expect(filterFields(without, { locale: 'en', family: 'Family' })[0].name).toBe('PART_TYPE')
    const named = { ...form, fields: [{ ...form.fields[0], name: 'family' }] }
    expect(filterFields(named, { locale: 'ko', family: '품목군' }).map(({ name, label }) => [name, label])).toEqual([
      ['family', '부품 유형'],
    ])
  })
})

describe('a condition', () => {
  test('stays in its place when its values change, and goes with the last of them', () => {
    const filter = { A: ['1'], B: ['2'] }
    expect(Object.entries(withValues(filter, 'A', ['1', '3', '1']))).toEqual([
      ['A', ['1', '3']],
      ['B', ['2']],
    ])
    expect(withValues(filter, 'A', [])).toEqual({ B: ['2'] })
    expect(withValues({}, 'A', [])).toEqual({})
  })
  test('has no more values than the contract allows', () => {
    const many = Array.from({ length: limits.filterValuesMax + 5 }, (_, at) => String(at))
    expect(withValues({}, 'A', many).A).toHaveLength(limits.filterValuesMax)
  })
  test('is asked with in predictions, similar items and what-ifs, and not where there is none', () => {
    expect(requestedFilter({})).toBeUndefined()
    const asked = predictRequest({ item: 'X' }, defaultOptions(), { filter: { A: ['1'], B: ['', '2'] } })
    expect(asked).toEqual({ item: 'X', filter: { A: '1', B: ['', '2'] } })
    expect(whatIfRequest(asked).filter).toEqual(asked.filter)
    expect(predictRequest({ item: 'X' }, defaultOptions(), { filter: {} })).toEqual({ item: 'X' })
  })
})

describe('the address', () => {
  test.each([
    { A: ['2'] },
    { A: ['2', '3'], 'GROUP 1': ['P11-MS-Gld -'] },
    { A: [''] },
    { A: ['[x'] },
    { A: ['["a"]'] },
    { A: ['가&나=다#'] },
    {},
  ])('gives back what it was given: %j', (filter) => {
    const address = new URLSearchParams(addressWithFilter({ item: 'X' }, filter as Filter) as Record<string, string>)
    expect(address.get('item')).toBe('X')
    expect(filterOfAddress(Object.fromEntries(new URLSearchParams(address.toString())))).toEqual(filter)
  })
  test('names each condition once, and loses those that are gone', () => {
    expect(addressWithFilter({ item: 'X', 'filter.A': '1', 'filter.B': '2' }, { B: ['2', '3'] })).toEqual({
      item: 'X',
      'filter.B': '["2","3"]',
    })
  })
  test('of another’s making stays within the contract', () => {
    const conditions = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`filter.A${at}`, 'x'.repeat(1_000)]))
    const read = filterOfAddress({ ...conditions, 'filter.': 'x' })
    expect(Object.keys(read)).toHaveLength(limits.filterAttributesMax)
    expect(read.A0[0]).toHaveLength(limits.filterValueCharactersMax)
    expect(filterOfAddress({ 'filter.A': '[1,2]', 'filter.B': '[]' })).toEqual({ A: ['[1,2]'], B: ['[]'] })
  })
  test('is not told a filter that is too long for it', () => {
    const filter = { A: Array.from({ length: 100 }, (_, at) => `${at}`.padStart(100, '값')) }
    expect(addressWithFilter({ item: 'X' }, filter)).toEqual({ item: 'X' })
  })
})

describe('how many items are left', () => {
  test('is known without asking for one condition on listed values', () => {
    expect(countedItems({ family: ['GLAND', 'SLEEVE'] }, fields)).toBe(24)
    expect(countedItems({ family: ['GLAND'], ROTATE: ['CW'] }, fields)).toBeNull()
    expect(countedItems({ family: ['no such family'] }, fields)).toBeNull()
    expect(countedItems({}, fields)).toBeNull()
  })
  test('is few below the number of similar items that are asked for', () => {
    expect([0, 9, 10].map((allowed) => filterReach(allowed, { topK: 10 }))).toEqual(['empty', 'few', 'enough'])
  })
})

test('the conditions that the server refused are found by their place', () => {
  const refusal = (path: string) =>
    new ApiProblem({ code: 'unknown_attribute', message: '', requestId: '', details: [{ path, message: '' }] }, 422)
  const filter = { PLANT: ['2'], 'A(B)': ['1'] }
  expect(refusedConditions(refusal('/filter/PLANT'), filter)).toEqual(['PLANT'])
  expect(refusedConditions(refusal('/filter/A?B?'), filter)).toEqual(['A(B)'])
  expect(refusedConditions(refusal('/filter'), filter)).toEqual([])
  expect(refusedConditions(refusal('/attributes/PLANT'), filter)).toBeNull()
  expect(refusedConditions(null, filter)).toBeNull()
})
