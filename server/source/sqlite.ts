/** SQLite files, opened read-only through bun:sqlite. */
import { Database } from 'bun:sqlite'
import { DomainError } from '../domain/error'
import { frameOfRows } from './frame'
import type { Cell, CellType, ReadRowsOptions, Source, TableInfo } from './source'
import { checkColumns, checkTable } from './table'

type SqlValue = string | number | bigint | boolean | null | Uint8Array

/** Opens a SQLite database. Throws `source_unreadable` where the file is none. */
export function openSqlite(path: string): Source {
  const database = guarded(() => new Database(path, { readonly: true, safeIntegers: true, strict: true }))
  guarded(() => database.query('PRAGMA busy_timeout = 2000').get())
  const kinds = guarded(() => tableNames(database))
  const names = [...kinds.keys()]
  const infos = new Map<string, TableInfo>()
  const infoOf = (name: string): TableInfo => {
    checkTable(name, names)
    const info = infos.get(name) ?? tableInfo(database, name)
    infos.set(name, info)
    return info
  }
  const chosen = (name: string, wanted: string[] | undefined) => {
    const info = infoOf(name)
    if (info.unreadable) throw new DomainError('source_unreadable', `Table ${name} cannot be read: ${info.unreadable}`)
    const all = info.columns.map((column) => column.name)
    return checkColumns(name, all, wanted).map((index) => info.columns[index])
  }
  const rowsOf = function* (name: string, columns: { name: string; type: CellType }[], limit: number): Generator<Record<string, Cell>> {
    if (columns.length === 0 || limit <= 0) return
    const list = columns.map((column) => quoted(column.name)).join(', ')
    // Without an index every query walks the table in its own order, so two queries agree on which row is which.
    const from = `${quoted(name)}${kinds.get(name) === 'table' ? ' NOT INDEXED' : ''}`
    const statement = guarded(() => database.query<Record<string, SqlValue>, []>(`SELECT ${list} FROM ${from}`))
    let given = 0
    for (const row of iterate(statement)) {
      yield Object.fromEntries(columns.map((column) => [column.name, cellOf(row[column.name], column.type)]))
      if (++given >= limit) return
    }
  }
  return {
    kind: 'sqlite',
    path,
    async tables() {
      return names.map(infoOf)
    },
    async *readRows(name, { columns, limit = Number.POSITIVE_INFINITY }: ReadRowsOptions = {}) {
      yield* rowsOf(name, chosen(name, columns), limit)
    },
    async readColumns(name, columns, { rowsMax = Number.POSITIVE_INFINITY } = {}) {
      const wanted = chosen(name, columns)
      return frameOfRows(rowsOf(name, wanted, rowsMax), wanted)
    },
    async close() {
      database.close()
    },
  }
}

/** A damaged page shows only when it is read: each step of a query is guarded. */
function* iterate(statement: { iterate(): IterableIterator<Record<string, SqlValue>> }): Generator<Record<string, SqlValue>> {
  const rows = statement.iterate()
  for (;;) {
    const next = guarded(() => rows.next())
    if (next.done) return
    yield next.value
  }
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new DomainError('source_unreadable', 'The SQLite file cannot be read: it is damaged, locked or no database', { cause })
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Names of tables and views, with which of the two they are. */
function tableNames(database: Database): Map<string, string> {
  const rows = database
    .query<{ name: string; type: string }, []>(
      `SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, rowid`,
    )
    .all()
  return new Map(rows.map((row) => [row.name, row.type]))
}

/** Rows and columns of a table. SQLite types values, not columns: one scan counts what stands in each. */
function tableInfo(database: Database, name: string): TableInfo {
  try {
    const declared = database.query<{ name: string; type: string }, []>(`PRAGMA table_xinfo(${quoted(name)})`).all()
    const counts = declared.flatMap(({ name: column }, index) =>
      ['integer', 'real', 'text', 'blob'].map((type) => `total(typeof(${quoted(column)}) = '${type}') AS ${type}${index}`),
    )
    const found = database
      .query<Record<string, number | bigint>, []>(`SELECT count(*) AS n, ${counts.join(', ')} FROM ${quoted(name)}`)
      .get()!
    const columns = declared.map(({ name: column, type }, index) => ({
      name: column,
      type: typeOf(type, (kind) => Number(found[`${kind}${index}`]) > 0),
    }))
    return { name, columns, rows: Number(found.n) }
  } catch (cause) {
    return { name, columns: [], rows: null, unreadable: `the database refuses it: ${(cause as Error).message}` }
  }
}

/** The declared type where the values agree with it, else what the values are; text where they are mixed. */
function typeOf(declared: string, has: (type: string) => boolean): CellType {
  const name = declared.toUpperCase()
  if (has('blob')) return has('text') || has('integer') || has('real') ? 'text' : 'binary'
  if (has('text')) {
    if (has('integer') || has('real')) return 'text'
    if (/DATE|TIME/.test(name)) return 'datetime'
    return /JSON/.test(name) ? 'json' : /DEC|NUMERIC/.test(name) ? 'decimal' : 'text'
  }
  if (/BOOL/.test(name) && !has('real')) return 'boolean'
  if (has('real')) return 'number'
  if (has('integer')) return 'integer'
  return /INT/.test(name) ? 'integer' : /REAL|FLOA|DOUB/.test(name) ? 'number' : /DEC|NUMERIC/.test(name) ? 'decimal' : 'text'
}

function cellOf(value: SqlValue, type: CellType): Cell {
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (type === 'boolean' && (value === 0n || value === 1n)) return value === 1n
  if (type === 'text' || type === 'decimal') return String(value)
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value.toString()
  }
  return value
}
