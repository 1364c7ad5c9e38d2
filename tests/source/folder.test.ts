import { Database } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { FolderSource } from '../../server/source/folder'
import { problemOf, rowsOf, temporaryFolder, valuesOf, withSource } from './files'

const folder = temporaryFolder()
afterAll(folder.remove)
folder.write('items.csv', 'code,size\nA,1\nB,2\n')
folder.write('plans/1/plan.csv', 'step;machine\nturn;M1\nmill;M2\n')
folder.write('plans/2/plan.csv', 'step,minutes\ndrill,5\n')
folder.write('plans/3/plan.json', '[{"step": "grind", "minutes": 7}]')
folder.write('plans/4/plan.csv', '')
folder.write('plans/4/drawing.step', 'ISO-10303-21;')
folder.write('.hidden/secret.csv', 'a,b\n1,2\n')
folder.write('~$items.xlsx', 'lock')
folder.write('same.csv', 'a,b\n1,2\n')
folder.write('same.json', '[{"a": 1}]')
folder.write('old.xlsb', 'PK')
const database = new Database(join(folder.path, 'erp.sqlite'))
database.run('CREATE TABLE one (a)')
database.run('CREATE TABLE two (b)')
database.close()

test('each file is a table named by its path, a file of several tables gives one for each', async () => {
  await withSource(folder.path, async (source) => {
    expect(source.kind).toBe('folder')
    const tables = await source.tables()
    expect(tables.map(({ name, rows }) => [name, rows])).toEqual([
      ['erp/one', 0],
      ['erp/two', 0],
      ['items', 2],
      ['plans/1/plan', 2],
      ['plans/2/plan', 1],
      ['plans/3/plan', 1],
      ['plans/4/plan', null],
      ['same.csv', 1],
      ['same.json', 1],
    ])
    expect(tables[6].unreadable).toContain('empty')
    expect((source as FolderSource).ignored.map(({ path }) => path)).toEqual(['old.xlsb', 'plans/4/drawing.step'])
    expect((source as FolderSource).ignored[0].reason).toContain('.xlsx')
  })
})

test('a name with * unites the tables it matches and says where each row is from', async () => {
  await withSource(folder.path, async (source) => {
    expect(await rowsOf(source, 'plans/*/plan')).toEqual([
      { step: 'turn', machine: 'M1', minutes: null, _table: 'plans/1/plan' },
      { step: 'mill', machine: 'M2', minutes: null, _table: 'plans/1/plan' },
      { step: 'drill', machine: null, minutes: '5', _table: 'plans/2/plan' },
      { step: 'grind', machine: null, minutes: 7, _table: 'plans/3/plan' },
    ])
    const { columns, rows, findings } = await source.readColumns('plans/*/plan', ['_table', 'step', 'minutes', 'machine'])
    expect(rows).toBe(4)
    expect(valuesOf(columns.get('_table'))).toEqual(['plans/1/plan', 'plans/1/plan', 'plans/2/plan', 'plans/3/plan'])
    expect(valuesOf(columns.get('minutes'))).toEqual(['', '', '5', '7'])
    expect(valuesOf(columns.get('machine'))).toEqual(['M1', 'M2', '', ''])
    expect(findings).toEqual([expect.objectContaining({ rule: 'table cannot be read', count: 1 })])
    expect(await rowsOf(source, 'plans/*/plan', { columns: ['machine'], limit: 3 })).toEqual([
      { machine: 'M1' },
      { machine: 'M2' },
      { machine: null },
    ])
  })
})

test('* stays within one part of the path, and unknown names are refused', async () => {
  await withSource(folder.path, async (source) => {
    expect(await problemOf(source.readColumns('*/plan', ['step']))).toBe('table_unknown')
    expect(await problemOf(source.readColumns('plan', ['step']))).toBe('table_unknown')
    expect(await problemOf(source.readColumns('plans/*/plan', ['step', 'colour']))).toBe('column_unknown')
    expect(await problemOf(source.readColumns('plans/4/plan', ['step']))).toBe('source_unreadable')
    expect(await rowsOf(source, 'items/items', { limit: 1 })).toEqual([{ code: 'A', size: '1' }])
  })
})

test('a folder without tables is a source without tables', async () => {
  const empty = temporaryFolder()
  await withSource(empty.path, async (source) => expect(await source.tables()).toEqual([]))
  empty.remove()
})
