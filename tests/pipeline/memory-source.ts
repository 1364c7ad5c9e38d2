/** A source over rows in memory: a real implementation of the interface, for tests of what reads sources. */
import { DomainError } from '../../server/domain/error'
import type { Column, Finding } from '../../server/domain/plant'
import type { Cell, Source, TableInfo } from '../../server/source/source'

export type Rows = Record<string, Cell>[]

export interface MemoryTable {
  columns: string[]
  rows: Rows
  findings?: Finding[]
}

/** Columns whose cells are all numbers (or null) are number columns, as a typed file has them; others are text. */
export function memorySource(tables: Record<string, Rows | MemoryTable>): Source {
  const tableOf = (name: string): MemoryTable => {
    const found = tables[name]
    if (found === undefined) throw new DomainError('table_unknown', `no table ${name}`)
    return Array.isArray(found) ? { columns: Object.keys(found[0] ?? {}), rows: found } : found
  }
  return {
    kind: 'memory',
    path: '',
    async tables(): Promise<TableInfo[]> {
      return Object.keys(tables).map((name) => {
        const { columns, rows } = tableOf(name)
        return {
          name,
          rows: rows.length,
          columns: columns.map((column) => ({ name: column, type: isNumeric(rows, column) ? 'number' : 'text' })),
        }
      })
    },
    async *readRows(name, { columns, limit = Number.POSITIVE_INFINITY } = {}) {
      for (const row of tableOf(name).rows.slice(0, limit)) {
        yield columns === undefined ? row : Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))
      }
    },
    async readColumns(name, wanted) {
      const { columns, rows, findings } = tableOf(name)
      for (const column of wanted) if (!columns.includes(column)) throw new DomainError('column_unknown', `no column ${column}`)
      return { rows: rows.length, columns: new Map(wanted.map((column) => [column, columnOf(rows, column)])), findings }
    },
    async close() {},
  }
}

const isNumeric = (rows: Rows, column: string) => rows.every((row) => typeof (row[column] ?? 0) === 'number')

function columnOf(rows: Rows, name: string): Column {
  if (isNumeric(rows, name))
    return { kind: 'number', values: Float64Array.from(rows, (row) => (row[name] as number | null | undefined) ?? Number.NaN) }
  const dictionary = ['']
  const codeOf = new Map([['', 0]])
  const codes = Uint32Array.from(rows, (row) => {
    const text = String(row[name] ?? '')
      .normalize('NFC')
      .trim()
    if (!codeOf.has(text)) codeOf.set(text, dictionary.push(text) - 1)
    return codeOf.get(text)!
  })
  return { kind: 'text', codes, dictionary }
}
