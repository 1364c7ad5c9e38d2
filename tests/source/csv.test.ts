import { afterAll, describe, expect, test } from 'bun:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import type { Finding } from '../../server/domain/plant'
import { problemOf, rowsOf, temporaryFolder, valuesOf, withSource } from './files'

const folder = temporaryFolder()
afterAll(folder.remove)

/** `품번;두께` … in CP949: 품번 = C7B0 B9F8, 두께 = B5CE B2B2, 가 = B0A1, 각 = B0A2, 똠 = 8C63 (only in the extension of CP949). */
const cp949 = Buffer.from([
  ...[0xc7, 0xb0, 0xb9, 0xf8, 0x3b, 0xb5, 0xce, 0xb2, 0xb2, 0x0d, 0x0a],
  ...[0xb0, 0xa1, 0x3b, 0x31, 0x2c, 0x35, 0x0d, 0x0a],
  ...[0x8c, 0x63, 0x3b, 0x32, 0x0d, 0x0a],
])

describe('encodings and delimiters are told from the bytes', () => {
  test('CP949 with semicolons', async () => {
    await withSource(folder.write('cp949.csv', cp949), async (source) => {
      expect(await rowsOf(source)).toEqual([
        { 품번: '가', 두께: '1,5' },
        { 품번: '똠', 두께: '2' },
      ])
    })
  })

  test('CP949 text that starts behind the first megabytes of ASCII', async () => {
    const ascii = Buffer.from(`code,name\n${'A-1,plain\n'.repeat(600_000)}`)
    const path = folder.write('late.csv', Buffer.concat([ascii, Buffer.from([0x42, 0x2c, 0xb0, 0xa1, 0x0a])]))
    await withSource(path, async (source) => {
      const frame = await source.readColumns('late', ['name'])
      expect(valuesOf(frame.columns.get('name')).at(-1)).toBe('가')
      expect(frame.rows).toBe(600_001)
    })
  })

  test.each([
    ['UTF-8 with a mark', Buffer.from('\ufeff이름,값\n가,1\n', 'utf8')],
    ['UTF-16 little-endian with a mark', Buffer.from('\ufeff이름\t값\r\n가\t1\r\n', 'utf16le')],
    ['UTF-16 big-endian with a mark', Buffer.from('\ufeff이름\t값\r\n가\t1\r\n', 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from('name,이름,x,y,z\r\n1,2,3,4,5\r\n', 'utf16le')],
  ])('%s', async (name, bytes) => {
    await withSource(folder.write('encoded.csv', bytes), async (source) => {
      const rows = await rowsOf(source)
      if (name.endsWith('without a mark')) expect(rows).toEqual([{ name: '1', 이름: '2', x: '3', y: '4', z: '5' }])
      else expect(rows).toEqual([{ 이름: '가', 값: '1' }])
    })
  })

  test('bytes that are neither UTF-8 nor CP949 are western', async () => {
    const path = folder.write('western.csv', Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0x66, 0xfc, 0x72, 0x2c, 0x31, 0x0a]))
    await withSource(path, async (source) => expect(await rowsOf(source)).toEqual([{ a: 'für', b: '1' }]))
  })

  test.each([',', ';', '\t', '|', '^', '~'])('delimiter %j', async (delimiter) => {
    const text = ['a', 'b,c', 'd;e'].map((name) => `"${name}"`).join(delimiter)
    await withSource(folder.write('delimited.txt', `${text}\n1${delimiter}2${delimiter}3\n`), async (source) => {
      expect(await rowsOf(source)).toEqual([{ a: '1', 'b,c': '2', 'd;e': '3' }])
    })
  })

  test('what the caller states is not doubted', async () => {
    const path = folder.write('stated.csv', 'a,b;c\n1,2;3\n')
    await withSource(path, async (source) => expect(await rowsOf(source)).toEqual([{ 'a,b': '1,2', c: '3' }]), { delimiter: ';' })
    expect(await problemOf(withSource(path, (source) => source.tables(), { encoding: 'klingon' }))).toBe('source_unsupported')
  })

  test('a suffix behind .txt, lone carriage returns, a last line without end', async () => {
    await withSource(folder.write('tool.txt.1l', 'a\tb\r1\t2\r3\t4'), async (source) => {
      expect((await source.tables())[0]).toMatchObject({ name: 'tool', rows: 2 })
      expect(await rowsOf(source)).toEqual([
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ])
    })
  })
})

describe('values stay what they are', () => {
  test('codes are text, whatever they look like', async () => {
    await withSource(folder.write('codes.csv', 'code,n\n007,1E5\n1E5,0x10\n 7 ,1.0\n'), async (source) => {
      const frame = await source.readColumns('codes', ['code', 'n'])
      expect(valuesOf(frame.columns.get('code'))).toEqual(['007', '1E5', '7'])
      expect(valuesOf(frame.columns.get('n'))).toEqual(['1E5', '0x10', '1.0'])
    })
  })

  test('equal texts after trimming and NFC share a code, blanks are missing', async () => {
    const composed = '가'
    const decomposed = composed.normalize('NFD')
    const path = folder.write('nfc.csv', `v,w\n${composed},1\n" ${decomposed} ",2\n\u3000,3\n"  ",4\n\u00a0x\u00a0,5\nx,6\n`)
    await withSource(path, async (source) => {
      const column = (await source.readColumns('nfc', ['v'])).columns.get('v')!
      expect(valuesOf(column)).toEqual([composed, composed, '', '', 'x', 'x'])
      expect(column).toMatchObject({ kind: 'text', dictionary: ['', composed, 'x'] })
    })
  })

  test('quotes around delimiters, line ends and quotes', async () => {
    const path = folder.write('quotes.csv', 'a,b\r\n"1,""x""","two\r\nlines"\r\n"",3\r\n')
    await withSource(path, async (source) => {
      expect(await rowsOf(source)).toEqual([
        { a: '1,"x"', b: 'two\r\nlines' },
        { a: null, b: '3' },
      ])
    })
  })

  test('a quote that nothing closes is text and swallows no rows', async () => {
    const path = folder.write('stray.csv', 'a,b,c\n"5 inch,1,2\n5" pipe,3,4\n"A" special,5,6\n7,8,"open\n')
    await withSource(path, async (source) => {
      const frame = await source.readColumns('stray', ['a', 'b', 'c'])
      expect(valuesOf(frame.columns.get('a'))).toEqual(['"5 inch', '5" pipe', '"A" special', '7'])
      expect(valuesOf(frame.columns.get('c'))).toEqual(['2', '4', '6', '"open'])
      expect(frame.findings?.map(({ rule, severity, count }) => [rule.slice(0, 20), severity, count])).toEqual([
        ['quote taken for text', 'note', 3],
      ])
    })
  })
})

describe('malformed tables are told, not hidden', () => {
  test('rows with the wrong number of fields are counted with examples, the others read', async () => {
    const path = folder.write('ragged.csv', 'a,b,c\n1,2,3\n4,5\n\n6,7,8,\n9,10,11,12\n13,14,15\n')
    await withSource(path, async (source) => {
      const findings: Finding[] = []
      expect((await rowsOf(source, 'ragged', { findings })).map((row) => row.a)).toEqual(['1', '6', '13'])
      const frame = await source.readColumns('ragged', ['a'])
      expect(frame.rows).toBe(3)
      expect((await source.tables())[0].rows).toBe(3)
      expect(frame.findings).toEqual(findings)
      expect(findings).toEqual([
        expect.objectContaining({
          rule: 'row has fewer fields than the header',
          severity: 'bad',
          count: 1,
          examples: [{ row: 2, value: '4 | 5' }],
        }),
        expect.objectContaining({
          rule: 'row has more fields than the header',
          severity: 'bad',
          count: 1,
          examples: [{ row: 5, value: '9 | 10 | 11 | 12' }],
        }),
        expect.objectContaining({ rule: 'blank line', severity: 'note', count: 1 }),
      ])
    })
  })

  test('repeated and blank column names get names of their own', async () => {
    await withSource(folder.write('header.csv', 'a,,a,"b\nc"\n1,2,3,4\n'), async (source) => {
      expect(await rowsOf(source)).toEqual([{ a: '1', column_2: '2', a_2: '3', 'b c': '4' }])
      expect((await source.readColumns('header', ['a'])).findings?.[0]).toMatchObject({ severity: 'note', count: 3 })
    })
  })

  test('a header alone is an empty table, an empty file is unreadable by name', async () => {
    await withSource(folder.write('only.csv', 'a,b\n'), async (source) => {
      expect(await source.tables()).toEqual([
        {
          name: 'only',
          columns: [
            { name: 'a', type: 'text' },
            { name: 'b', type: 'text' },
          ],
          rows: 0,
        },
      ])
      expect((await source.readColumns('only', ['b'])).rows).toBe(0)
    })
    await withSource(folder.write('empty.csv', ''), async (source) => {
      expect((await source.tables())[0].unreadable).toContain('empty')
      expect(await problemOf(source.readColumns('empty', []))).toBe('source_unreadable')
    })
  })

  test('unknown tables and columns are named', async () => {
    await withSource(folder.write('known.csv', 'a,b\n1,2\n'), async (source) => {
      expect(await problemOf(source.readColumns('other', ['a']))).toBe('table_unknown')
      expect(await problemOf(rowsOf(source, 'other'))).toBe('table_unknown')
      await expect(source.readColumns('known', ['a', 'x', 'y'])).rejects.toMatchObject({
        code: 'column_unknown',
        details: [{ path: 'x' }, { path: 'y' }],
      })
    })
    expect(await problemOf(withSource(`${folder.path}/nowhere.csv`, (source) => source.tables()))).toBe('source_not_found')
  })
})

describe('rows and columns agree with csv-parse', () => {
  const cell = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '가', '0', ';'), maxLength: 6 }),
    fc.constantFrom('', 'x', '"', '""', ' y '),
  )
  const table = fc
    .integer({ min: 2, max: 5 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 20 }))
  const quoted = (value: string) => (/[",\r\n]/.test(value) || value.startsWith(' ') ? `"${value.replaceAll('"', '""')}"` : value)

  test('for any table written by RFC 4180', async () => {
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), async (rows, end) => {
        const header = rows[0].map((_, index) => `c${index}`)
        const text = [header, ...rows].map((row) => row.map(quoted).join(',')).join(end) + end
        const expected = parse(text, { columns: true, skip_empty_lines: true }) as Record<string, string>[]
        await withSource(
          folder.write('random.csv', text),
          async (source) => {
            const found = (await rowsOf(source)).map((row) =>
              Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? ''])),
            )
            expect(found).toEqual(expected)
            const frame = await source.readColumns('random', header)
            for (const name of header) {
              expect(valuesOf(frame.columns.get(name))).toEqual(expected.map((row) => row[name].trim().normalize('NFC')))
            }
          },
          { delimiter: ',' },
        )
      }),
      { numRuns: 300 },
    )
  })

  test('across the blocks of a large file with quoted line ends', async () => {
    const lines = ['key,text,number']
    for (let row = 0; row < 120_000; row++) lines.push(`K${row},"line ${row}\n""quoted"", ${'가'.repeat(row % 17)}",${row % 1000}`)
    const text = `${lines.join('\n')}\n`
    expect(text.length).toBeGreaterThan(4 * 1024 * 1024)
    const expected = parse(text, { columns: true }) as Record<string, string>[]
    await withSource(folder.write('large.csv', text), async (source) => {
      const frame = await source.readColumns('large', ['key', 'text', 'number'])
      expect(frame.rows).toBe(120_000)
      for (const name of ['key', 'text', 'number']) {
        expect(Bun.hash(valuesOf(frame.columns.get(name)).join('\u0000'))).toBe(
          Bun.hash(expected.map((row) => row[name].trim()).join('\u0000')),
        )
      }
      const rows = await rowsOf(source, 'large', { columns: ['key'], limit: 119_999 })
      expect(rows.at(-1)).toEqual({ key: 'K119998' })
    })
  })
})
