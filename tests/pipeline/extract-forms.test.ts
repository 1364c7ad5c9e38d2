/** Routings that stand in other forms than rows: lists in a cell, orders as history; and the results of work. */
import { describe, expect, test } from 'bun:test'
import type { Mapping } from '../../server/contract/mapping'
import { extract } from '../../server/pipeline/extract'
import { expectAccountsToAddUp, found, mapping, parts, routingsOf, rowsMapping, run } from './extracted-plant'
import { memorySource, type Rows } from './memory-source'

describe('lists', () => {
  const listed = (route: string | null, separators: { separator?: string; alternativesSeparator?: string } = {}) =>
    extract(
      memorySource({
        parts: [
          { code: 'A', od: 1, unit: 'mm', material: '', route },
          { ...parts[1], route: '["Z"]' },
        ],
      }),
      {
        ...mapping,
        routings: { form: 'list', table: 'parts', column: 'route', ...separators },
      },
    )

  test.each([
    ['["X","Y"]', {}, ['A/1×1 10:X 20:Y']],
    ['[["X"],["Y","X"],[]]', {}, ['A/1×1 10:X', 'A/2×1 10:Y 20:X']],
    ['X + Y', { separator: '+' }, ['A/1×1 10:X 20:Y']],
    ['X>Y|Z', { separator: '>', alternativesSeparator: '|' }, ['A/1×1 10:X 20:Y', 'A/2×1 10:Z']],
    [null, {}, []],
    ['[]', {}, []],
  ])('%p', async (route, separators, expected) => {
    expect(routingsOf((await listed(route, separators)).plant)).toEqual([...expected, 'B/1×1 10:Z'])
  })

  test.each(['[', '[{"a":1}]', '[1,["X"]]', '["X",null]'])('%p is no list', async (route) => {
    const extraction = await listed(route)
    expect(found(extraction, 'list_invalid')).toMatchObject({ severity: 'bad', count: 1, examples: [{ row: 1, value: route }] })
  })

  test('lists of another table are found by the key', async () => {
    const extraction = await run(
      {
        lists: [
          { of: 'B', ops: 'X' },
          { of: 'A', ops: 'Y' },
          { of: 'B', ops: 'Z' },
          { of: '?', ops: 'Z' },
        ],
      },
      { ...mapping, routings: { form: 'list', table: 'lists', item: 'of', column: 'ops' } },
    )
    expect(routingsOf(extraction.plant)).toEqual(['A/1×1 10:Y', 'B/1×1 10:X', 'B/2×1 10:Z'])
    expectAccountsToAddUp(extraction)
  })
})

describe('orders as history', () => {
  const orders: Rows = [
    ['A', '7', 'X', 'R1', 10, 1],
    ['A', '7', 'Y', 'R1', 20, 2],
    ['A', '10', 'X', 'R1', 10, 3],
    ['A', '10', 'Y', 'R1', 20, null],
    ['A', '9', 'X', 'R2', 10, 8],
    ['A', '9', 'Y', 'R1', 20, 8],
    ['B', '7', 'X', 'R1', 10, 5],
  ].map(([part, rout, job, res, seq, hours]) => ({ part, rout, job, res, seq, hours })) as Rows
  const history = rowsMapping({ grouping: 'history', setup: undefined, run: undefined, actualRun: { column: 'hours', unit: 'h', per: 2 } })

  test('equal work is one routing with the newest number, its count and mean times', async () => {
    const extraction = await run({ routes: orders }, history)
    const { plant } = extraction
    expectAccountsToAddUp(extraction)
    expect(routingsOf(plant)).toEqual(['A/10×2 10:X@R1 20:Y@R1', 'A/9×1 10:X@R2 20:Y@R1', 'B/7×1 10:X@R1'])
    expect(Array.from(plant.steps.actualRun)).toEqual([60, 60, 240, 240, 150])
    expect(Array.from(plant.results.step)).toEqual([0, 1, 2, 3, 0, 4])
    expect(Array.from(plant.results.run)).toEqual([30, 60, 240, 240, 90, 150])
  })

  test('a report of any of the orders finds the routing that they became', async () => {
    const extraction = await run(
      { routes: orders, done: [{ i: 'A', r: '7', s: 20, o: 'Y', m: 6 }] },
      {
        ...history,
        results: { table: 'done', item: 'i', routing: 'r', sequence: 's', operation: 'o', run: { column: 'm', unit: 'min' } },
      },
    )
    expect(Array.from(extraction.plant.results.step)).toEqual([0, 1, 2, 3, 0, 4, 1])
    expect(extraction.plant.steps.actualRun[1]).toBe(6)
  })
})

describe('work results', () => {
  const done: Rows = [
    { i: 'A', r: '2', s: '10', o: 'X', res: 'R1', hours: 1, hold: 0.5, qty: 10, setup: 2 },
    { i: 'A', r: '2', s: '10', o: 'X', res: 'R9', hours: 2, hold: null, qty: 10, setup: null },
    { i: 'A', r: '1', s: '30', o: 'Y', res: '', hours: 2, hold: 0, qty: 10, setup: 1 },
    { i: 'ZZ', r: '1', s: '10', o: 'X', res: '', hours: 2, hold: 0, qty: 10, setup: 1 },
    { i: 'B', r: '10', s: '10', o: 'X', res: '', hours: 2, hold: 3, qty: 10, setup: null },
  ]
  const results: NonNullable<Mapping['results']> = {
    table: 'done',
    item: 'i',
    routing: 'r',
    sequence: 's',
    operation: 'o',
    run: { column: 'hours', unit: 'h', per: 'qty' },
    hold: { column: 'hold', unit: 'h' },
    setup: { column: 'setup', unit: 'min' },
  }

  test('join their step, and average into it', async () => {
    const extraction = await run({ done }, { ...mapping, results })
    expectAccountsToAddUp(extraction)
    expect(Array.from(extraction.plant.results.step)).toEqual([1, 1])
    expect(Array.from(extraction.plant.results.run)).toEqual([3, 12])
    expect(Array.from(extraction.plant.steps.actualRun)).toEqual([Number.NaN, 7.5, Number.NaN, Number.NaN])
    expect(Array.from(extraction.plant.steps.actualSetup)).toEqual([Number.NaN, 2, Number.NaN, Number.NaN])
    expect(found(extraction, 'result_unmatched')).toMatchObject({ severity: 'note', count: 2, examples: [{ row: 3 }, { row: 4 }] })
    expect(found(extraction, 'time_negative')).toMatchObject({ count: 1, examples: [{ row: 5 }] })
  })

  test('without a routing number they go to the step on the same resource, else to the first that fits', async () => {
    const extraction = await run({ done }, { ...mapping, results: { ...results, routing: undefined, resource: 'res' } })
    expect(Array.from(extraction.plant.results.step)).toEqual([1, 0])
    // without the sequence as well, operation Y of the third report is found in routing 2
    const loose = await run({ done }, { ...mapping, results: { ...results, routing: undefined, sequence: undefined } })
    expect(Array.from(loose.plant.results.step)).toEqual([0, 0, 2])
  })
})
