/**
 * Every file of ../shared/data/access, every table, every cell through our adapter against what an independent reader (Jackcess)
 * sees: equal, or refused by name with the reason. Prints one line a table; skips with a printed reason where the files are absent.
 */
import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DomainError } from '../../server/domain/error'
import { openSource } from '../../server/source/open'
import type { Cell, Source, TableInfo } from '../../server/source/source'

const root = join(import.meta.dir, '../../../shared/data/access')
const passwords: Record<string, string> = { 'office-agile-4.2.accdb': 'password', 'office-agile-4.4.accdb': 'password' }

type ExpectedCell = null | string | number | boolean | Record<string, unknown>
interface ExpectedTable {
  name: string
  columns?: { name: string; type: string }[]
  rows?: ExpectedCell[][]
  error?: string
  rowError?: string
}
interface Expected {
  file: string
  error?: string
  tables?: ExpectedTable[]
}

const pathOf = (file: string) => join(root, file.replace(/^jackcess\/src\/test\/data\//, ''))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Both sides in one form; a text for each cell, so that rows can be sorted (row order is not stable). */
function expectedText(cell: ExpectedCell): string {
  if (cell === null || typeof cell !== 'object') return JSON.stringify(cell)
  if ('$dt' in cell) return JSON.stringify(dateText(cell.$dt as string))
  if ('$dec' in cell) return JSON.stringify(cell.$dec)
  if ('$bytes' in cell) return `bytes ${cell.$bytes} ${cell.sha256}`
  const files = (cell.values as { name: string; bytes: number; sha256: string }[]).map((file) => [file.name, file.bytes, file.sha256])
  return `files ${JSON.stringify(files.sort())}`
}

function foundText(cell: Cell, type: string): string {
  if (cell === null) return 'null'
  if (type === 'binary') {
    const bytes = Buffer.from(cell as string, 'base64')
    return `bytes ${bytes.length} ${sha256(bytes)}`
  }
  if (type === 'json') {
    const files = (JSON.parse(cell as string) as { name: string; data: string }[]).map(({ name, data }) => {
      const bytes = Buffer.from(data, 'base64')
      return [name, bytes.length, sha256(bytes)]
    })
    return `files ${JSON.stringify(files.sort())}`
  }
  return JSON.stringify(type === 'datetime' ? dateText(cell as string) : cell)
}

/** `1981-12-12T00:00` and `1981-12-12T00:00:00` are the same moment. */
function dateText(text: string): string {
  return text.replace(/T(\d\d:\d\d)$/, 'T$1:00')
}

/** Cells compared and refused; throws at the first silent difference. */
async function compareTable(
  source: Source,
  expected: ExpectedTable,
  info: TableInfo,
): Promise<{ equal: number; refused: number; reasons: string[] }> {
  const columns = expected.columns ?? []
  const rows = expected.rows ?? []
  if (info.unreadable) {
    await expect(source.readColumns(info.name, []).catch((error: DomainError) => error.code)).resolves.toBe('source_unsupported')
    return { equal: 0, refused: rows.length * columns.length, reasons: [`${info.name}: ${info.unreadable}`] }
  }
  expect(info.columns.map((column) => column.name)).toEqual(columns.map((column) => column.name))
  expect(info.rows).toBe(rows.length)
  const readable = info.columns.filter((column) => !column.unreadable)
  for (const column of info.columns.filter((other) => other.unreadable)) {
    const refusal = await source.readColumns(info.name, [column.name]).catch((error: DomainError) => error)
    expect((refusal as DomainError).code).toBe('source_unsupported')
    expect((refusal as DomainError).message).toContain(column.name)
  }
  const found: string[] = []
  for await (const row of source.readRows(info.name)) {
    found.push(readable.map((column) => foundText(row[column.name], column.type)).join('\u0000'))
  }
  const positions = readable.map((column) => columns.findIndex((other) => other.name === column.name))
  const wanted = rows.map((row) => positions.map((position) => expectedText(row[position])).join('\u0000'))
  expect(found.sort()).toEqual(wanted.sort())
  return {
    equal: rows.length * readable.length,
    refused: rows.length * (columns.length - readable.length),
    reasons: info.columns.flatMap((column) => (column.unreadable ? [`${column.name}: ${column.unreadable}`] : [])),
  }
}

const files = existsSync(root) ? readdirSync(join(root, 'expected')).sort() : []
if (files.length === 0) console.log(`access.test.ts: skipped, ${root} is absent`)

describe('Access files agree with an independent reader', () => {
  let cellsEqual = 0
  let cellsRefused = 0
  for (const name of files) {
    test(name.replace(/\.json$/, ''), async () => {
      const expected: Expected = JSON.parse(readFileSync(join(root, 'expected', name), 'utf8'))
      const file = expected.file.split('/').pop()!
      const source = await openSource(pathOf(expected.file), { password: passwords[file] })
      const tables = await source.tables()
      if (expected.error) {
        // The independent reader has no decryption: what can be asked is that the password opens the file and every row is read.
        for (const table of tables)
          expect(
            (
              await source.readColumns(
                table.name,
                table.columns.map((column) => column.name),
              )
            ).rows,
          ).toBe(table.rows!)
        console.log(
          `${file}: decrypted, tables ${tables.map((table) => `${table.name} (${table.rows} rows)`).join(', ')}; no independent reading`,
        )
        expect(tables.length).toBeGreaterThan(0)
        return
      }
      expect(tables.map((table) => table.name).sort()).toEqual(expected.tables!.map((table) => table.name).sort())
      for (const table of expected.tables!) {
        const { equal, refused, reasons } = await compareTable(source, table, tables.find((info) => info.name === table.name)!)
        cellsEqual += equal
        cellsRefused += refused
        console.log(
          `${file} → ${table.name}: ${equal} cells equal${refused + reasons.length > 0 ? `, ${refused} refused (${reasons.join('; ')})` : ''}`,
        )
      }
      await source.close()
    })
  }
  if (files.length > 0) {
    test('all 51 files were walked', () => {
      console.log(`${files.length} files, ${cellsEqual} cells equal, ${cellsRefused} refused by name`)
      expect(files.length).toBe(51)
      expect(cellsEqual).toBeGreaterThan(4_000)
    })
  }
})
