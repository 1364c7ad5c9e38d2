/** JSON files: an array of objects is one table, an object of arrays of objects is a table per key. */
import { DomainError } from '../domain/error'
import { frameOfRows } from './frame'
import { fileStem } from './kind'
import { flatRow, type Row, RowShape } from './record'
import type { ReadRowsOptions, Source, TableInfo } from './source'
import { checkColumns, checkTable } from './table'

/** A larger document does not fit in memory beside its parsed form: NDJSON streams. */
const bytesMax = 512 * 1024 * 1024

interface JsonTable {
  rows: Row[]
  columns: TableInfo['columns']
  unreadable?: string
}

/** Opens a JSON document; it is parsed at the first question. Throws `source_unreadable` where it is no JSON. */
export function openJson(path: string): Source {
  let parsed: Promise<Map<string, JsonTable>> | null = null
  const load = () => {
    parsed ??= readTables(path)
    return parsed
  }
  const readable = async (name: string) => {
    const tables = await load()
    checkTable(name, [...tables.keys()])
    const table = tables.get(name)!
    if (table.unreadable) throw new DomainError('source_unreadable', `Table ${name} cannot be read: ${table.unreadable}`)
    return table
  }
  const rowsOf = async function* (name: string, { columns, limit = Number.POSITIVE_INFINITY }: ReadRowsOptions = {}) {
    const table = await readable(name)
    const names = table.columns.map((column) => column.name)
    const wanted = checkColumns(name, names, columns).map((index) => names[index])
    for (let at = 0; at < Math.min(limit, table.rows.length); at++) {
      yield Object.fromEntries(wanted.map((column) => [column, table.rows[at][column] ?? null]))
    }
  }
  return {
    kind: 'json',
    path,
    async tables() {
      return [...(await load())].map(([name, { rows, columns, unreadable }]) =>
        unreadable ? { name, columns: [], rows: null, unreadable } : { name, columns, rows: rows.length },
      )
    },
    readRows: rowsOf,
    async readColumns(name, columns, { rowsMax } = {}) {
      const table = await readable(name)
      const names = table.columns.map((column) => column.name)
      return frameOfRows(
        table.rows.slice(0, rowsMax),
        checkColumns(name, names, columns).map((index) => table.columns[index]),
      )
    },
    async close() {
      parsed = null
    },
  }
}

async function readTables(path: string): Promise<Map<string, JsonTable>> {
  const file = Bun.file(path)
  if (file.size > bytesMax) {
    throw new DomainError('source_unsupported', `A JSON document may have ${bytesMax >> 20} MB; write larger tables as NDJSON`)
  }
  return guarded(await file.text(), (text) => tablesOf(JSON.parse(text), path))
}

/** Text that is no JSON, and JSON nested so deep that it cannot be walked, are the file's fault. */
function guarded<T>(text: string, read: (text: string) => T): T {
  try {
    return read(text)
  } catch (cause) {
    const deep = cause instanceof RangeError
    throw new DomainError('source_unreadable', deep ? 'The JSON document is nested too deep' : 'The file is not valid JSON', { cause })
  }
}

function tablesOf(document: unknown, path: string): Map<string, JsonTable> {
  const tables = new Map<string, JsonTable>()
  if (Array.isArray(document)) {
    tables.set(fileStem(path), tableOf(document))
  } else if (isObject(document)) {
    for (const [name, value] of Object.entries(document)) {
      if (Array.isArray(value) && value.length > 0 && value.every(isObject)) tables.set(name, tableOf(value))
    }
  }
  if (tables.size === 0) {
    tables.set(fileStem(path), { rows: [], columns: [], unreadable: 'neither an array of objects nor an object of such arrays' })
  }
  return tables
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function tableOf(values: unknown[]): JsonTable {
  const strange = values.findIndex((value) => !isObject(value))
  if (strange >= 0) return { rows: [], columns: [], unreadable: `element ${strange + 1} of the array is no object` }
  const shape = new RowShape()
  const rows = (values as Record<string, unknown>[]).map((value) => {
    const row = flatRow(value)
    shape.add(row)
    return row
  })
  return { rows: rows.map((row) => shape.cells(row)), columns: shape.columns() }
}
