import { describe, expect, test } from 'bun:test'
import type { Mapping, RowRoutings } from '../../server/contract/mapping'
import { DomainError } from '../../server/domain/error'
import type { Extraction, Plant } from '../../server/domain/plant'
import { extract } from '../../server/pipeline/extract'
import { type MemoryTable, memorySource, type Rows } from './memory-source'

const parts: Rows = [
  { code: '  A ', od: 92.9, unit: 'MM', material: '316' },
  { code: 'B', od: 3.5, unit: 'inch', material: 'nan' },
  { code: 'C', od: 0, unit: null, material: '304' },
]
const routes: Rows = [
  { part: 'B', rout: '10', seq: '10', job: 'X', res: 'R1', setup: '30', run: '2', qty: '4' },
  { part: 'A', rout: '2', seq: '20', job: 'Y', res: 'R2', setup: '0', run: '1.5', qty: '1' },
  { part: 'A', rout: '2', seq: '10', job: 'X', res: 'R1', setup: '5', run: '3', qty: '1' },
  { part: 'A ', rout: '1', seq: '10', job: 'X', res: 'R2', setup: '6', run: '4', qty: '2' },
]
const mapping: Mapping = {
  name: 'test',
  items: { table: 'parts', key: 'code' },
  features: [
    { kind: 'number', column: 'od', unit: 'mm', unitColumn: 'unit', unknown: [0] },
    { kind: 'category', column: 'material' },
  ],
  routings: {
    form: 'rows',
    table: 'routes',
    item: 'part',
    routing: 'rout',
    sequence: 'seq',
    operation: 'job',
    resource: 'res',
    setup: { column: 'setup', unit: 'min' },
    run: { column: 'run', unit: 'min', per: 'qty' },
  },
  badRowShareMax: 1,
}
const rowsMapping = (more: Partial<RowRoutings>): Mapping => ({ ...mapping, routings: { ...(mapping.routings as RowRoutings), ...more } })
const run = (tables: Record<string, Rows | MemoryTable> = {}, changed: Mapping = mapping) =>
  extract(memorySource({ parts, routes, ...tables }), changed)

/** Routings as text: `item/label×orders: operation@resource …`. */
function routingsOf({ items, routings, steps }: Plant): string[] {
  return Array.from(routings.label, (label, routing) => {
    const range = Array.from(
      { length: routings.stepOffsets[routing + 1] - routings.stepOffsets[routing] },
      (_, step) => routings.stepOffsets[routing] + step,
    )
    const text = range.map((step) => {
      const resource = steps.resource.dictionary[steps.resource.codes[step]]
      return `${steps.sequence[step]}:${steps.operation.dictionary[steps.operation.codes[step]]}${resource === '' ? '' : `@${resource}`}`
    })
    return `${items.keys[routings.item[routing]]}/${label}×${routings.orders[routing]} ${text.join(' ')}`
  })
}
const feature = ({ items }: Plant, name: string) => {
  const { column } = items.features.find((found) => found.name === name)!
  return column.kind === 'number' ? Array.from(column.values) : Array.from(column.codes, (code) => column.dictionary[code])
}
const found = ({ findings }: Extraction, rule: string) => findings.find((finding) => finding.rule === rule)
const account = ({ accounts }: Extraction, table: string) => accounts.find((one) => one.table === table)!

function expectAccountsToAddUp({ accounts, plant }: Extraction): void {
  for (const { read, used, filtered, bad } of accounts) expect(used + filtered + bad).toBe(read)
  expect(plant.routings.itemOffsets.at(-1)).toBe(plant.routings.count)
  expect(plant.routings.stepOffsets.at(-1)).toBe(plant.steps.count)
}

async function problemOf(act: Promise<unknown>): Promise<DomainError> {
  const error = await act.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof DomainError) return error
  throw new Error('no problem was thrown', { cause: error })
}

test('items, routings and steps come out sorted, with values in one unit and minutes per piece', async () => {
  const extraction = await run()
  const { plant, accounts } = extraction
  expectAccountsToAddUp(extraction)
  expect(plant.items.keys).toEqual(['A', 'B', 'C'])
  expect(feature(plant, 'od')).toEqual([92.9, 88.9, Number.NaN])
  expect(feature(plant, 'material')).toEqual(['316', '', '304'])
  expect(routingsOf(plant)).toEqual(['A/1×1 10:X@R2', 'A/2×1 10:X@R1 20:Y@R2', 'B/10×1 10:X@R1'])
  expect(Array.from(plant.routings.itemOffsets)).toEqual([0, 2, 3, 3])
  expect(Array.from(plant.steps.run)).toEqual([2, 3, 1.5, 0.5])
  expect(Array.from(plant.steps.setup)).toEqual([6, 5, 0, 30])
  expect(accounts).toEqual([
    { table: 'parts', read: 3, used: 3, filtered: 0, bad: 0 },
    { table: 'routes', read: 4, used: 4, filtered: 0, bad: 0 },
  ])
})

test('a plant comes out the same whatever the order of its routing rows', async () => {
  const { plant } = await run({ routes: routes.toReversed() })
  expect(routingsOf(plant)).toEqual(routingsOf((await run()).plant))
})

describe('bad rows are left out under one rule each', () => {
  test.each([
    ['item_key_missing', { part: ' ' }],
    ['routing_item_unknown', { part: 'ZZ', job: '' }],
    ['operation_missing', { job: 'null', seq: 'x' }],
    ['sequence_invalid', { seq: '1.5' }],
    ['sequence_invalid', { seq: '-1' }],
    ['sequence_invalid', { seq: '' }],
    ['step_duplicate', {}],
  ])('%s', async (rule, change) => {
    const extraction = await run({ routes: [...routes, { ...routes[2], ...change }] })
    expectAccountsToAddUp(extraction)
    expect(found(extraction, rule)).toMatchObject({ severity: 'bad', table: 'routes', count: 1, examples: [{ row: 5 }] })
    expect(account(extraction, 'routes')).toMatchObject({ read: 5, used: 4, bad: 1 })
    expect(routingsOf(extraction.plant)).toEqual(routingsOf((await run()).plant))
  })

  test('items without key and items seen before', async () => {
    const extraction = await run({
      parts: [...parts, { code: null, od: 1, unit: 'MM', material: 'x' }, { code: 'A', od: 5, unit: 'MM', material: '1' }],
    })
    expect(found(extraction, 'item_key_missing')).toMatchObject({ count: 1, examples: [{ row: 4, value: '' }] })
    expect(found(extraction, 'item_key_duplicate')).toMatchObject({ count: 1, examples: [{ row: 5, value: 'A' }] })
    expect(feature(extraction.plant, 'od')[0]).toBe(92.9)
    expectAccountsToAddUp(extraction)
  })

  test('records that the adapter could not read', async () => {
    const examples = [{ row: 9, value: 'A | B' }]
    const findings = [{ rule: 'row has fewer fields', severity: 'bad' as const, table: 'x', column: null, count: 2, examples }]
    const extraction = await run({ routes: { columns: Object.keys(routes[0]), rows: routes, findings } })
    expect(found(extraction, 'malformed_row')).toMatchObject({ count: 2, examples: [{ row: 9, value: 'row has fewer fields: A | B' }] })
    expect(account(extraction, 'routes')).toEqual({ table: 'routes', read: 6, used: 4, filtered: 0, bad: 2 })
  })

  test('no more than 20 examples are kept', async () => {
    const extraction = await run({ routes: [...routes, ...Array.from({ length: 50 }, () => ({ ...routes[0], part: 'ZZ' }))] })
    expect(found(extraction, 'routing_item_unknown')!.count).toBe(50)
    expect(found(extraction, 'routing_item_unknown')!.examples).toHaveLength(20)
  })

  test('too many of them refuse the whole, with the findings as details', async () => {
    const bad = await problemOf(run({ routes: [...routes, { ...routes[0], part: 'ZZ' }] }, { ...mapping, badRowShareMax: 0.19 }))
    expect(bad.code).toBe('data_refused')
    expect(bad.details).toEqual([{ path: 'routes.part', message: 'routing_item_unknown: 1 rows, for example row 5 (ZZ)' }])
    expect((await run({ routes: [...routes, { ...routes[0], part: 'ZZ' }] }, { ...mapping, badRowShareMax: 0.2 })).accounts[1].bad).toBe(1)
  })
})

describe('wrong values in a good row are missing and noted', () => {
  test.each([
    ['time_negative', { run: '-1' }],
    ['number_invalid', { run: 'soon' }],
    ['quantity_invalid', { qty: '0' }],
    ['quantity_invalid', { qty: '' }],
    ['number_invalid', { run: 'Infinity' }],
  ])('%s', async (rule, change) => {
    const extraction = await run({ routes: [{ ...routes[0], ...change }, ...routes.slice(1)] })
    expect(found(extraction, rule)).toMatchObject({ severity: 'note', count: 1, examples: [{ row: 1 }] })
    expect(Array.from(extraction.plant.steps.run)).toEqual([2, 3, 1.5, Number.NaN])
    expect(account(extraction, 'routes').used).toBe(4)
  })

  test('units that are not known, and units that are not there', async () => {
    const extraction = await run({
      parts: [...parts, { code: 'D', od: 7, unit: 'D', material: '' }, { code: 'E', od: 7, unit: '', material: '' }],
    })
    expect(found(extraction, 'unit_unknown')).toMatchObject({ severity: 'note', examples: [{ row: 4, value: '7 [D]' }] })
    expect(found(extraction, 'unit_missing')).toMatchObject({ severity: 'note', examples: [{ row: 5, value: '7 []' }] })
    expect(feature(extraction.plant, 'od').slice(3)).toEqual([Number.NaN, 7])
  })

  test('two operations at one sequence number stay, in row order', async () => {
    const extraction = await run({ routes: [...routes, { ...routes[3], job: 'Z' }] })
    expect(found(extraction, 'sequence_duplicate')).toMatchObject({ severity: 'note', count: 1, examples: [{ row: 5, value: '10 Z' }] })
    expect(routingsOf(extraction.plant)[0]).toBe('A/1×1 10:X@R2 10:Z@R2')
  })
})

describe('tables', () => {
  test('filters count, and the routings of a filtered item are filtered, not bad', async () => {
    const extraction = await run({}, { ...mapping, items: { ...mapping.items, where: [{ column: 'material', notIn: ['316', ''] }] } })
    expectAccountsToAddUp(extraction)
    expect(account(extraction, 'parts')).toEqual({ table: 'parts', read: 3, used: 2, filtered: 1, bad: 0 })
    expect(account(extraction, 'routes')).toEqual({ table: 'routes', read: 4, used: 1, filtered: 3, bad: 0 })
  })

  test('a list in a cell explodes before the joins, and the first match of a join is taken', async () => {
    const extraction = await run(
      {
        routes: [
          { part: 'A', moulds: 'M1, M2,' },
          { part: 'B', moulds: null },
          { part: 'C', moulds: 'M9' },
        ],
        moulds: [
          { no: 'M1 ', cycle: 30, cavities: 4 },
          { no: 'M2', cycle: 36, cavities: 2 },
          { no: 'M2', cycle: 99, cavities: 1 },
        ],
      },
      {
        ...mapping,
        routings: {
          form: 'rows',
          table: 'routes',
          explode: { column: 'moulds', separator: ',' },
          joins: [{ table: 'moulds', as: 'm', on: [{ left: 'moulds', right: 'no' }] }],
          item: 'part',
          routing: 'moulds',
          operation: { value: 'moulding' },
          resource: 'moulds',
          run: { column: 'm.cycle', unit: 's', per: 'm.cavities' },
        },
      },
    )
    expectAccountsToAddUp(extraction)
    expect(routingsOf(extraction.plant)).toEqual([
      'A/M1×1 10:moulding@M1',
      'A/M2×1 10:moulding@M2',
      'B/×1 10:moulding',
      'C/M9×1 10:moulding@M9',
    ])
    expect(Array.from(extraction.plant.steps.run)).toEqual([0.125, 0.3, Number.NaN, Number.NaN])
    expect(account(extraction, 'routes')).toEqual({ table: 'routes', read: 4, used: 4, filtered: 0, bad: 0 })
    expect(found(extraction, 'join_unmatched')).toMatchObject({ count: 1, examples: [{ row: 3, value: 'M9' }] })
  })

  test('joins chain, and join on two columns', async () => {
    const extraction = await run(
      {
        lots: [
          { part: 'A', unit: 'inch', group: '1' },
          { part: 'A', unit: 'MM', group: '2' },
        ],
        groups: [{ id: 2, name: 'rings' }],
      },
      {
        ...mapping,
        items: {
          table: 'parts',
          key: 'code',
          joins: [
            {
              table: 'lots',
              on: [
                { left: 'code', right: 'part' },
                { left: 'unit', right: 'unit' },
              ],
            },
            { table: 'groups', as: 'g', on: [{ left: 'lots.group', right: 'id' }] },
          ],
          family: 'g.name',
        },
      },
    )
    expect(Array.from(extraction.plant.items.family!.codes, (code) => extraction.plant.items.family!.dictionary[code])).toEqual([
      'rings',
      '',
      '',
    ])
    expect(found(extraction, 'join_unmatched')!.count).toBe(1)
  })

  test('a table that is the only one of the source is found under any name', async () => {
    const rows = [{ k: 'A', route: 'X+Y', s: 1 }]
    const one: Mapping = {
      name: 'one',
      items: { table: 'january', key: 'k' },
      features: [{ kind: 'number', column: 's' }],
      routings: { form: 'list', table: 'january', column: 'route', separator: '+' },
    }
    const { plant } = await extract(memorySource({ february: rows }), one)
    expect(routingsOf(plant)).toEqual(['A/1×1 10:X 20:Y'])
  })
})

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

describe('problems point into the mapping', () => {
  test.each<[string, string, Mapping]>([
    ['table_unknown', '/items/table', { ...mapping, items: { ...mapping.items, table: 'x' } }],
    ['table_unknown', '/routings/joins/0/table', rowsMapping({ joins: [{ table: 'x', on: [{ left: 'part', right: 'y' }] }] })],
    ['column_unknown', '/features/1/column', { ...mapping, features: [mapping.features[0], { kind: 'text', column: 'x' }] }],
    ['column_unknown', '/features/0/unitColumn', { ...mapping, features: [{ kind: 'number', column: 'od', unitColumn: 'x' }] }],
    ['column_unknown', '/items/key', { ...mapping, items: { ...mapping.items, key: 'x' } }],
    ['column_unknown', '/routings/run/per', rowsMapping({ run: { column: 'run', unit: 'min', per: 'x' } })],
    ['column_unknown', '/routings/inside/column', rowsMapping({ inside: { column: 'x', inside: ['Y'] } })],
    ['column_unknown', '/routings/where/0/column', rowsMapping({ where: [{ column: 'x', in: [] }] })],
    ['column_unknown', '/routings/joins/0/on/0/right', rowsMapping({ joins: [{ table: 'parts', on: [{ left: 'part', right: 'x' }] }] })],
    ['mapping_invalid', '/routings/item', { ...mapping, routings: { form: 'list', table: 'routes', column: 'job' } }],
  ])('%s %s', async (code, path, changed) => {
    const problem = await problemOf(run({}, changed))
    expect(problem.code as string).toBe(code)
    expect(problem.details![0].path).toBe(path)
  })

  test('no items and no routings are no plant', async () => {
    expect((await problemOf(run({ parts: { columns: Object.keys(parts[0]), rows: [] } }))).code).toBe('data_empty')
    expect((await problemOf(run({ routes: { columns: Object.keys(routes[0]), rows: [] } }))).code).toBe('data_empty')
  })
})

test('progress tells each table when it is read and when it is done', async () => {
  const told: string[] = []
  await extract(memorySource({ parts, routes }), mapping, {
    onProgress: ({ section, stage, rows }) => told.push(`${section} ${stage} ${rows}`),
  })
  expect(told).toEqual(['items read 3', 'items done 3', 'routings read 4', 'routings done 4'])
})
