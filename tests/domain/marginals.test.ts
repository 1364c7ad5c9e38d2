import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Feature } from '../../server/contract/mapping'
import {
  countRequest,
  fitMarginals,
  hasTellingVocabulary,
  type NumberMarginal,
  slots,
  slotTable,
  type TextMarginal,
} from '../../server/domain/marginals'
import type { Column, Items } from '../../server/domain/plant'

const none: ReadonlySet<string> = new Set()

function itemsOf(columns: { name: string; kind: Feature['kind']; values: (string | number | null)[] }[]): Items {
  const features = columns.map(({ name, kind, values }) => {
    const dictionary = ['', ...new Set(values.filter((value) => value !== null).map(String))]
    const column: Column =
      kind === 'number'
        ? { kind: 'number', values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))) }
        : { kind: 'text', dictionary, codes: Uint32Array.from(values, (value) => (value === null ? 0 : dictionary.indexOf(String(value)))) }
    return { name, feature: { kind, column: name } as Feature, column }
  })
  const count = columns[0].values.length
  return { count, keys: Array.from({ length: count }, (_, row) => `i${row}`), title: null, family: null, features }
}

/** Slots of the values, of one attribute. */
function slotsOf(kind: Feature['kind'], training: (string | number | null)[], asked: (string | number | null)[], unseen = none) {
  const table = slotTable(fitMarginals(itemsOf([{ name: 'a', kind, values: training }])))
  return asked.map((value) => {
    const counts = new Uint32Array(table.size)
    countRequest(table, new Map([['a', value]]), unseen, counts)
    expect(counts.reduce((total, count) => total + count, 0)).toBe(1)
    return counts.indexOf(1)
  })
}

describe('numbers', () => {
  test('fall into bins of about the same number of items; below, above and missing have places of their own', () => {
    const values = Array.from({ length: 200 }, (_, at) => at + 1)
    const [marginal] = fitMarginals(itemsOf([{ name: 'a', kind: 'number', values: [...values, null] }])).attributes as [NumberMarginal]
    expect(marginal).toMatchObject({ missing: 1, min: 1 })
    expect(marginal.uppers).toEqual(Array.from({ length: 20 }, (_, bin) => (bin + 1) * 10))
    expect(marginal.counts).toEqual(Array(20).fill(10))
    expect(slotsOf('number', values, [null, 0.9, 1, 10, 10.1, 200, 200.1])).toEqual([
      slots.missing,
      slots.below,
      slots.first,
      slots.first,
      slots.first + 1,
      slots.first + 19,
      slots.above,
    ])
  })

  test('of few items get few bins, and a value that most items have gets one', () => {
    const [few] = fitMarginals(itemsOf([{ name: 'a', kind: 'number', values: [3, 1, 2, 5, 4, 9] }])).attributes as [NumberMarginal]
    expect(few).toMatchObject({ uppers: [9], counts: [6] })
    const values = [...Array(80).fill(0), ...Array.from({ length: 20 }, (_, at) => at + 1)]
    const [ties] = fitMarginals(itemsOf([{ name: 'a', kind: 'number', values }])).attributes as [NumberMarginal]
    expect(ties.uppers).toEqual([0, 5, 10, 15, 20])
    expect(ties.counts).toEqual([80, 5, 5, 5, 5])
  })

  test('of which training saw none are outside of its range', () => {
    expect(slotsOf('number', [null, null], [5, null])).toEqual([slots.above, slots.missing])
  })

  test('that training saw are counted as training counted them', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constant(null)), { minLength: 1, maxLength: 300 }), (values) => {
        const marginals = fitMarginals(itemsOf([{ name: 'a', kind: 'number', values }]))
        const table = slotTable(marginals)
        const counts = new Uint32Array(table.size)
        for (const value of values) countRequest(table, new Map([['a', value]]), none, counts)
        const [marginal] = marginals.attributes
        expect([...counts]).toEqual([marginal.missing, 0, 0, ...marginal.counts])
      }),
      { numRuns: 200, seed: 4 },
    )
  })
})

describe('categories', () => {
  const many = Array.from({ length: 300 }, (_, at) => `v${at % 150}`)

  test('have a slot for each of the hundred most frequent values, the most frequent first', () => {
    const [marginal] = fitMarginals(itemsOf([{ name: 'a', kind: 'category', values: [...many, 'v149', null] }])).attributes as [
      TextMarginal,
    ]
    expect(marginal.values).toHaveLength(100)
    expect(marginal.values[0]).toBe('v149')
    expect(marginal).toMatchObject({ missing: 1, rest: 100, tellsUnseen: true })
  })

  test('say that a value is unseen when all values are listed, else when the vocabulary says so', () => {
    expect(slotsOf('category', ['x', 'x', 'y'], ['x', 'y', 'z', null])).toEqual([slots.first, slots.first + 1, slots.unseen, slots.missing])
    const rare = fitMarginals(itemsOf([{ name: 'a', kind: 'category', values: many }])).attributes[0] as TextMarginal
    const left = many.find((value) => !rare.values.includes(value))!
    expect(slotsOf('category', many, [left, 'z'])).toEqual([slots.rest, slots.rest])
    expect(slotsOf('category', many, ['z'], new Set(['a']))).toEqual([slots.unseen])
  })

  test('in which nearly every item has its own value say nothing of the unseen', () => {
    const own = Array.from({ length: 400 }, (_, at) => `v${at}`)
    expect(fitMarginals(itemsOf([{ name: 'a', kind: 'category', values: own }])).attributes[0]).toMatchObject({
      tellsUnseen: false,
      rest: 300,
    })
    expect(fitMarginals(itemsOf([{ name: 'a', kind: 'text', values: many }])).attributes[0]).toMatchObject({ tellsUnseen: false })
    expect([hasTellingVocabulary(200, 10), hasTellingVocabulary(201, 2_000), hasTellingVocabulary(201, 2_010)]).toEqual([true, false, true])
  })

  test('that are long are told apart by their beginning', () => {
    const [long, other] = ['x'.repeat(300), `${'x'.repeat(200)}y`]
    expect(slotsOf('text', [long, 'b'], [other, 'b'])).toEqual([slots.first + 1, slots.first])
  })
})

test('an attribute that a request does not have is missing', () => {
  const table = slotTable(
    fitMarginals(
      itemsOf([
        { name: 'a', kind: 'number', values: [1, 2] },
        { name: 'b', kind: 'category', values: ['x', 'y'] },
      ]),
    ),
  )
  const counts = new Uint32Array(table.size)
  countRequest(table, new Map([['b', 'y']]), none, counts)
  expect([counts[table.offsets[0] + slots.missing], counts[table.offsets[1] + slots.first + 1]]).toEqual([1, 1])
})
