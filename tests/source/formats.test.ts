import { Database } from 'bun:sqlite'
import { afterAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pl from 'nodejs-polars'
import writeXlsxFile from 'write-excel-file/node'
import type { Finding } from '../../server/domain/plant'
import { problemOf, rowsOf, temporaryFolder, valuesOf, withSource } from './files'

const folder = temporaryFolder()
afterAll(folder.remove)

describe('Parquet keeps its types', () => {
  const path = join(folder.path, 'typed[1].parquet')
  const frame = pl.DataFrame({
    code: pl.Series('code', ['007', ' 1E5 ', null, '가'.normalize('NFD')], pl.Utf8),
    size: pl.Series('size', [1.5, null, 2, 41.3], pl.Float32),
    count: pl.Series('count', [1, 2, null, 3], pl.Int32),
    flag: pl.Series('flag', [true, false, null, true], pl.Bool),
    at: pl.Series('at', [new Date('2019-03-01T07:30:00Z'), null, new Date('1850-01-02T03:04:05.678Z'), new Date(0)], pl.Datetime('ms')),
    list: [['a', 'b'], null, [], ['c']],
  })
  frame.withColumns(pl.col('count').cast(pl.Decimal(10, 2)).alias('price')).writeParquet(path)

  test('rows', async () => {
    await withSource(path, async (source) => {
      const [table] = await source.tables()
      expect(table).toMatchObject({ name: 'typed[1]', rows: 4 })
      expect(Object.fromEntries(table.columns.map(({ name, type }) => [name, type]))).toEqual({
        ...{ code: 'text', size: 'number', count: 'integer', flag: 'boolean', at: 'datetime', list: 'json', price: 'decimal' },
      })
      const rows = await rowsOf(source)
      expect(rows[0]).toEqual({ code: '007', size: 1.5, count: 1, flag: true, at: '2019-03-01T07:30:00', list: '["a","b"]', price: '1.00' })
      expect(rows[2].at).toBe('1850-01-02T03:04:05.678')
      expect(rows[3].size).toBe(41.3)
      expect(await rowsOf(source, table.name, { columns: ['count'], limit: 2 })).toEqual([{ count: 1 }, { count: 2 }])
    })
  })

  test('columns', async () => {
    await withSource(path, async (source) => {
      const { columns, rows } = await source.readColumns('typed[1]', ['at', 'code', 'size', 'price', 'flag', 'list'])
      expect(rows).toBe(4)
      expect([...columns.keys()]).toEqual(['at', 'code', 'size', 'price', 'flag', 'list'])
      expect(valuesOf(columns.get('code'))).toEqual(['007', '1E5', '', '가'])
      expect(valuesOf(columns.get('size'))).toEqual([1.5, Number.NaN, 2, 41.3])
      expect(valuesOf(columns.get('price'))).toEqual([1, 2, Number.NaN, 3])
      expect(valuesOf(columns.get('flag'))).toEqual(['true', 'false', '', 'true'])
      expect(valuesOf(columns.get('at'))[0]).toBe('2019-03-01T07:30:00')
      expect(valuesOf(columns.get('list'))).toEqual(['["a","b"]', '', '[]', '["c"]'])
    })
  })

  test('a damaged file is unreadable, not a crash', async () => {
    const whole = readFileSync(path)
    for (const bytes of [whole.subarray(0, whole.length - 20), Buffer.from('PAR1 nothing PAR1')]) {
      expect(await problemOf(withSource(folder.write('damaged.parquet', bytes), (source) => source.tables()))).toBe('source_unreadable')
    }
  })
})

describe('SQLite is read as it stands', () => {
  const path = join(folder.path, 'plant.sqlite')
  const database = new Database(path)
  database.run('CREATE TABLE "품목 목록" (id INTEGER PRIMARY KEY, code TEXT, size REAL, mixed, flag BOOLEAN, data BLOB, at DATETIME)')
  database.run(`CREATE INDEX by_code ON "품목 목록" (code)`)
  database.run(`INSERT INTO "품목 목록" VALUES (1, 'b', 1.5, 'x', 1, x'00ff', '2019-03-01'), (2, 'a', 2, 7, 0, NULL, NULL)`)
  database.run(`INSERT INTO "품목 목록" VALUES (9007199254740993, ' c ', NULL, NULL, NULL, NULL, NULL)`)
  database.run('CREATE VIEW sizes AS SELECT code, size FROM "품목 목록" WHERE size IS NOT NULL')
  database.close()

  test('types by what the columns hold, rows in the order of the table', async () => {
    await withSource(path, async (source) => {
      const tables = await source.tables()
      expect(tables.map(({ name, rows }) => [name, rows])).toEqual([
        ['품목 목록', 3],
        ['sizes', 2],
      ])
      expect(tables[0].columns.map(({ type }) => type)).toEqual(['integer', 'text', 'number', 'text', 'boolean', 'binary', 'datetime'])
      expect(await rowsOf(source, '품목 목록')).toEqual([
        { id: 1, code: 'b', size: 1.5, mixed: 'x', flag: true, data: 'AP8=', at: '2019-03-01' },
        { id: 2, code: 'a', size: 2, mixed: '7', flag: false, data: null, at: null },
        { id: '9007199254740993', code: ' c ', size: null, mixed: null, flag: null, data: null, at: null },
      ])
      // An index on code would give another order.
      expect(valuesOf((await source.readColumns('품목 목록', ['code'])).columns.get('code'))).toEqual(['b', 'a', 'c'])
    })
  })

  test('the file is not written to', async () => {
    const before = Bun.hash(readFileSync(path))
    await withSource(path, (source) => rowsOf(source, 'sizes'))
    expect(Bun.hash(readFileSync(path))).toBe(before)
  })

  test('what is no database is unreadable', async () => {
    const bytes = readFileSync(path)
    bytes.fill(0xff, 100, 4096)
    expect(await problemOf(withSource(folder.write('bad.sqlite', bytes), (source) => source.tables()))).toBe('source_unreadable')
    expect(await problemOf(withSource(folder.write('text.db', 'hello'), (source) => source.tables()))).toBe('source_unreadable')
  })
})

describe('workbooks', () => {
  test('every sheet is a table, the header may stand below titles', async () => {
    const path = join(folder.path, 'book.xlsx')
    const date = { value: new Date('2019-03-01T07:30:00Z'), type: Date, format: 'yyyy-mm-dd hh:mm' }
    await writeXlsxFile([
      {
        sheet: '품목',
        data: [
          [{ value: 'Item list' }, null, null, null],
          [null, null, null, null],
          [{ value: 'code' }, { value: 'size' }, { value: 'mixed' }, { value: 'made' }],
          [{ value: '007' }, { value: 1.5 }, { value: 12 }, date],
          [null, null, null, null],
          [{ value: 'A-1' }, { value: 2 }, { value: 'x' }, null],
        ],
      },
      { sheet: 'empty', data: [] },
    ]).toFile(path)
    await withSource(path, async (source) => {
      const tables = await source.tables()
      expect(tables.map(({ name, rows }) => [name, rows])).toEqual([
        ['품목', 2],
        ['empty', null],
      ])
      expect(tables[0].columns.map(({ type }) => type)).toEqual(['text', 'number', 'text', 'datetime'])
      const findings: Finding[] = []
      expect(await rowsOf(source, '품목', { findings })).toEqual([
        { code: '007', size: 1.5, mixed: '12', made: '2019-03-01T07:30:00' },
        { code: 'A-1', size: 2, mixed: 'x', made: null },
      ])
      expect(findings.map(({ rule, count }) => [rule, count])).toEqual([
        ['line above the header', 2],
        ['blank line', 1],
      ])
    })
  })

  test('what cannot be read is refused with the reason', async () => {
    expect(await problemOf(withSource(folder.write('old.xlsb', 'PK'), (source) => source.tables()))).toBe('source_unsupported')
    expect(await problemOf(withSource(folder.write('broken.xlsx', 'PK\x03\x04 nothing'), (source) => source.tables()))).toBe(
      'source_unreadable',
    )
    await expect(withSource(folder.write('other.xlsb', 'PK'), (source) => source.tables())).rejects.toThrow(/save the file as .xlsx/)
  })

  test('an archive that unpacks to more than the bound is not unpacked', async () => {
    // One directory entry that states 300 MB.
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt32LE(300 * 1024 * 1024, 24)
    const end = Buffer.alloc(22)
    end.writeUInt32LE(0x06054b50, 0)
    end.writeUInt16LE(1, 10)
    end.writeUInt32LE(4, 16)
    const bomb = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), entry, end])
    expect(await problemOf(withSource(folder.write('bomb.xlsx', bomb), (source) => source.tables()))).toBe('source_unsupported')
  })
})

describe('JSON and NDJSON', () => {
  test('nested objects are dotted columns, arrays JSON text, mixed columns text', async () => {
    const document = [
      { key: 'a', size: { outer: 1, unit: 'mm' }, steps: ['x', 'y'], n: 1, mixed: 1, flag: true },
      { key: ' b', size: { outer: 2.5 }, steps: null, n: 2, mixed: 'two', extra: {} },
    ]
    await withSource(folder.write('parts.json', JSON.stringify(document)), async (source) => {
      const [table] = await source.tables()
      expect(table).toMatchObject({ name: 'parts', rows: 2 })
      expect(Object.fromEntries(table.columns.map(({ name, type }) => [name, type]))).toEqual({
        ...{
          key: 'text',
          'size.outer': 'number',
          'size.unit': 'text',
          steps: 'json',
          n: 'integer',
          mixed: 'text',
          flag: 'boolean',
          extra: 'json',
        },
      })
      expect(await rowsOf(source)).toEqual([
        { key: 'a', 'size.outer': 1, 'size.unit': 'mm', steps: '["x","y"]', n: 1, mixed: '1', flag: true, extra: null },
        { key: ' b', 'size.outer': 2.5, 'size.unit': null, steps: null, n: 2, mixed: 'two', flag: null, extra: '{}' },
      ])
      const frame = await source.readColumns('parts', ['key', 'size.outer', 'flag'])
      expect([...frame.columns.values()].map(valuesOf)).toEqual([
        ['a', 'b'],
        [1, 2.5],
        ['true', ''],
      ])
    })
  })

  test('an object of arrays has a table for each', async () => {
    const path = folder.write('plant.json', JSON.stringify({ version: 3, items: [{ a: 1 }], plans: [{ b: 'x' }, { b: 'y' }], none: [] }))
    await withSource(path, async (source) => {
      expect((await source.tables()).map(({ name, rows }) => [name, rows])).toEqual([
        ['items', 1],
        ['plans', 2],
      ])
    })
  })

  test('documents that are no tables say why', async () => {
    await withSource(folder.write('config.json', '{"a": 1}'), async (source) => {
      expect((await source.tables())[0].unreadable).toContain('array of objects')
    })
    await withSource(folder.write('mixed.json', '[{"a": 1}, 2]'), async (source) => {
      expect((await source.tables())[0].unreadable).toContain('element 2')
    })
    expect(await problemOf(withSource(folder.write('cut.json', '[{"a": 1'), (source) => source.tables()))).toBe('source_unreadable')
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    expect(await problemOf(withSource(folder.write('deep.json', `[{"a": ${deep}}]`), (source) => source.tables()))).toBe(
      'source_unreadable',
    )
  })

  test('NDJSON counts lines that are no objects', async () => {
    await withSource(folder.write('rows.ndjson', '\ufeff{"a": 1}\n\n{"a": 2, "b": "x"}\n{"a": \n[1]\n{"a": 3}\n'), async (source) => {
      expect((await source.tables())[0]).toMatchObject({ name: 'rows', rows: 3 })
      expect(await rowsOf(source, 'rows', { limit: 2 })).toEqual([
        { a: 1, b: null },
        { a: 2, b: 'x' },
      ])
      const frame = await source.readColumns('rows', ['a'])
      expect(valuesOf(frame.columns.get('a'))).toEqual([1, 2, 3])
      expect(frame.findings).toEqual([
        expect.objectContaining({
          severity: 'bad',
          count: 2,
          examples: [
            { row: 4, value: '{"a": ' },
            { row: 5, value: '[1]' },
          ],
        }),
      ])
    })
  })
})
