import { describe, expect, test } from 'bun:test'
import type { Mapping } from '../../server/contract/mapping'
import { extract } from '../../server/pipeline/extract'
import {
  account,
  expectAccountsToAddUp,
  feature,
  found,
  mapping,
  parts,
  problemOf,
  routes,
  routingsOf,
  rowsMapping,
  run,
} from './extracted-plant'
import { memorySource } from './memory-source'

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
