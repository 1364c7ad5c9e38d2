/** What a request's filter leaves: only that is near, only that is evidence. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import type { ItemFilter } from '../../server/contract/item-filter'
import { limits } from '../../server/contract/limits'
import { PredictRequest } from '../../server/contract/predict'
import { DomainError } from '../../server/domain/error'
import { recommendGroups } from '../../server/pipeline/groups'
import { allowedItems } from '../../server/pipeline/item-filter'
import { itemForm } from '../../server/pipeline/items'
import type { Model } from '../../server/pipeline/model'
import { predict, similar } from '../../server/pipeline/predict'
import { openTrainedSample, routedItems } from './trained-sample'

let model: Model
let close: () => void
let item: string
/** A category of the plant with at least four values, and these by how many items have them. */
let category: { name: string; values: string[] }
beforeAll(async () => {
  ;({ model, close } = await openTrainedSample({ items: 1_500, seed: 5 }))
  item = routedItems(model, 5)[2]
  const categories = model.knowledge.items.features.filter(({ feature }) => feature.kind === 'category')
  const counted = categories.map(({ name }) => ({ name, values: valuesOf(name) })).filter(({ values }) => values.length >= 4)
  category = counted[0]
}, 120_000)
afterAll(() => close())

const textAt = (row: number, name: string) => String(model.knowledge.items.features.find((known) => known.name === name)!.value(row) ?? '')
function valuesOf(name: string): string[] {
  const counts = new Map<string, number>()
  for (let row = 0; row < model.knowledge.items.count; row++) {
    const value = textAt(row, name)
    if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value)
}
const rowsWhere = (passes: (row: number) => boolean) => Array.from({ length: model.knowledge.items.count }, (_, row) => row).filter(passes)
const problemOf = (call: () => unknown) => {
  try {
    call()
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, details: error.details }
    throw error
  }
  return null
}

test('the form names the families, most frequent first, with as many items as a filter by them leaves', () => {
  const { families = [] } = itemForm(model)
  expect(families.length).toBeGreaterThan(3)
  expect(families.length).toBeLessThanOrEqual(50)
  expect(families.map(({ count }) => count)).toEqual(families.map(({ count }) => count).toSorted((a, b) => b - a))
  for (const { value, count } of families) expect(allowedItems(model, { family: value })!.count).toBe(count)
  const [field] = itemForm(model).fields.filter(({ name }) => name === category.name)
  for (const { value, count } of field.values) expect(allowedItems(model, { [category.name]: value })!.count).toBe(count)
})

describe('neighbours under a filter', () => {
  test('have one of the values, and are the nearest of those that have', () => {
    const { name, values } = category
    for (const wanted of [values[0], [values[1], values[3]]]) {
      const filter = { [name]: wanted }
      const answer = similar(model, { item, topK: 20, filter })
      const passing = rowsWhere((row) => [wanted].flat().includes(textAt(row, name)))
      expect(answer.allowedItems).toBe(passing.length)
      expect(answer.neighbours.length).toBeGreaterThan(0)
      for (const neighbour of answer.neighbours) expect([wanted].flat()).toContain(textAt(model.knowledge.items.find(neighbour.item), name))
      const all = similar(model, { item, topK: 50, recall: 1 }).neighbours.filter(({ item: other }) =>
        [wanted].flat().includes(textAt(model.knowledge.items.find(other), name)),
      )
      expect(answer.neighbours.slice(0, all.length).map(({ item: other }) => other)).toEqual(
        all.slice(0, answer.neighbours.length).map(({ item: other }) => other),
      )
    }
  })

  test('are as many as asked for though the item itself and others are left out', () => {
    const { name, values } = category
    const filter = { [name]: values[0] }
    const first = similar(model, { item, topK: 10, filter }).neighbours.map((neighbour) => neighbour.item)
    const next = similar(model, { item, topK: 10, filter, ignoreOwnHistory: true, without: first.slice(0, 5) }).neighbours
    expect(next.length).toBeGreaterThanOrEqual(10)
    for (const neighbour of next) expect([item, ...first.slice(0, 5)]).not.toContain(neighbour.item)
  })

  test('may be of one family, also where one vector stands for items of several', () => {
    const family = model.knowledge.items.family!
    const code = family.codes[model.knowledge.items.find(item)]
    const { neighbours, allowedItems: left } = similar(model, { item, topK: 20, filter: { family: family.value(code) } })
    expect(left).toBe(rowsWhere((row) => family.codes[row] === code).length)
    for (const neighbour of neighbours) expect(neighbour.family).toBe(family.value(code))
  })

  test('pass every named category, whatever the order and the way of writing', () => {
    const [one, other] = [category.name, model.knowledge.items.features.filter(({ feature }) => feature.kind === 'category').at(-1)!.name]
    const values = { [one]: category.values[0], [other]: valuesOf(other).slice(0, 2) }
    const turned = { [other]: [...valuesOf(other).slice(0, 2)].reverse(), [one]: [` ${category.values[0]} `] }
    const left = allowedItems(model, values)!
    expect(allowedItems(model, turned)).toBe(left)
    const passing = rowsWhere((row) => textAt(row, one) === category.values[0] && valuesOf(other).slice(0, 2).includes(textAt(row, other)))
    expect(rowsWhere((row) => left.has(row))).toEqual(passing)
  })

  test('also under moved weights', () => {
    const { name, values } = category
    const weights = Object.fromEntries(model.knowledge.items.features.slice(0, 3).map((feature, at) => [feature.name, at]))
    const { neighbours, searchPath } = similar(model, { item, topK: 10, filter: { [name]: values[1] }, weights })
    expect(neighbours.length).toBeGreaterThan(0)
    expect(searchPath).toBe('scan')
    for (const neighbour of neighbours) expect(textAt(model.knowledge.items.find(neighbour.item), name)).toBe(values[1])
  })
})

describe('an answer under a filter', () => {
  test('draws on what it leaves only: neighbours, sources and examples', () => {
    const { name, values } = category
    for (const value of values.slice(0, 3)) {
      const passes = (key: string) => textAt(model.knowledge.items.find(key), name) === value
      const request = { item, filter: { [name]: value }, topK: 10 }
      const { candidates, neighbours, allowedItems: left } = predict(model, { ...request, groupExpansion: 5 })
      expect(left).toBe(rowsWhere((row) => textAt(row, name) === value).length)
      for (const neighbour of neighbours) expect(passes(neighbour.item)).toBe(true)
      for (const { source } of candidates) if (source !== null) expect(passes(source.item)).toBe(true)
      for (const { steps } of candidates) for (const { sources } of steps) expect(sources.every(passes)).toBe(true)
      for (const { examples, members } of recommendGroups(model, request).groups) {
        expect(members).toBeGreaterThan(0)
        expect(examples.every((example) => passes(example.item))).toBe(true)
      }
    }
  })

  test('has no own history where the item itself does not pass', () => {
    const own = textAt(model.knowledge.items.find(item), category.name)
    const other = category.values.find((value) => value !== own)!
    expect(predict(model, { item, filter: { [category.name]: own } }).grounds.code).toBe('own_history')
    expect(predict(model, { item, filter: { [category.name]: other } }).grounds.code).not.toBe('own_history')
  })

  test('is empty with its reason when nothing is left, and no error', () => {
    const filter = { [category.name]: 'nothing is called so' }
    const prediction = predict(model, { item, filter, groupExpansion: 5 })
    expect(prediction).toMatchObject({ candidates: [], neighbours: [], abstained: true, confidence: 0, allowedItems: 0 })
    expect(prediction.reason).toContain('passes the filter')
    expect(prediction.warnings.map(({ code, attribute }) => [code, attribute])).toContainEqual(['filter_empty', category.name])
    expect(similar(model, { item, filter })).toMatchObject({ neighbours: [], allowedItems: 0 })
    expect(recommendGroups(model, { item, filter })).toMatchObject({ groups: [], allowedItems: 0 })
  })

  test('says how it was found, with a filter and without', () => {
    expect(similar(model, { item })).toMatchObject({ allowedItems: null, searchPath: 'walk' })
    expect(similar(model, { item, recall: 1 })).toMatchObject({ allowedItems: null, searchPath: 'scan' })
    const filter = { [category.name]: category.values[0] }
    const exact = similar(model, { item, filter, recall: 1 })
    expect(exact).toMatchObject({ searchPath: 'scan', recall: { exact: true, expected: 1 } })
    expect(similar(model, { item, filter: {} })).toMatchObject({ allowedItems: null })
  })
})

describe('a filter that cannot be', () => {
  test('is refused with its place', () => {
    const number = model.knowledge.items.features.find(({ feature }) => feature.kind === 'number')!.name
    const ask = (filter: ItemFilter) => problemOf(() => similar(model, { item, filter }))
    expect(ask({ 'no such/\u0007one': 'x' })).toMatchObject({ code: 'unknown_attribute', details: [{ path: '/filter/no such??one' }] })
    expect(ask({ [number]: '1' })).toMatchObject({ code: 'bad_request', details: [{ path: `/filter/${number}` }] })
  })

  test('is refused by the contract: other kinds of values, too many, none', () => {
    const check = (filter: unknown) => Value.Check(PredictRequest, { item: 'A', filter })
    expect(check({ A: 'x', B: ['y', ''] })).toBe(true)
    expect(check({ A: 1 })).toBe(false)
    expect(check({ A: [] })).toBe(false)
    expect(check({ A: null })).toBe(false)
    expect(check({ A: Array(limits.filterValuesMax + 1).fill('x') })).toBe(false)
    expect(check(Object.fromEntries(Array.from({ length: limits.filterAttributesMax + 1 }, (_, at) => [`A${at}`, 'x'])))).toBe(false)
  })

  test('is kept in a bounded number', () => {
    for (let at = 0; at < 200; at++) allowedItems(model, { [category.name]: `value ${at}` })
    expect(model.allowed.size).toBeLessThanOrEqual(64)
  })
})
