/** An Access file in memory, read with mdb-reader: synchronous, which is why a worker runs it. */
import { readFileSync } from 'node:fs'
import MDBReader from 'mdb-reader'
import { DomainError } from '../../domain/error'
import { frameOfRows } from '../frame'
import type { Cell, Frame, TableInfo } from '../source'
import { catalog } from './catalog'
import { cellReader } from './cell'

export interface AccessFile {
  tables: TableInfo[]
  rows(table: string, columns: string[]): Generator<Record<string, Cell>>
  frame(table: string, columns: string[], rowsMax?: number): Frame
}

/** Opens the file. Throws `source_password`, `source_unsupported` (encryption of another kind), `source_unreadable`. */
export function openAccessFile(path: string, password: string | undefined): AccessFile {
  const reader = openReader(path, password)
  const tables = guarded('the file', () => catalog(reader))
  const infoOf = (name: string) => tables.find((table) => table.name === name)!

  /** Rows with their cells in the table's order of columns. */
  function* cellsOf(table: string, columns: string[]): Generator<Record<string, Cell>> {
    const source = guarded(table, () => reader.getTable(table))
    const accessTypes = new Map(source.getColumns().map((column) => [column.name, column.type]))
    const cells = columns.map((name) => ({ name, read: cellReader(accessTypes.get(name)!) }))
    const pages = source.pages(columns)
    let given = 0
    for (;;) {
      const page = guarded(table, () => {
        const next = pages.next()
        if (next.done) return null
        // The library's own row objects, their values replaced by cells.
        for (const row of next.value) for (const { name, read } of cells) row[name] = read(row[name])
        return next.value as unknown as Record<string, Cell>[]
      })
      if (page === null) break
      given += page.length
      yield* page
    }
    // More rows than stated are rows all the same; fewer mean that pages are lost.
    if (given < source.rowCount) {
      throw new DomainError('source_unreadable', `Table ${table} states ${source.rowCount} rows and holds ${given}: the file is damaged`)
    }
  }
  return {
    tables,
    *rows(table, columns) {
      for (const row of cellsOf(table, columns)) yield Object.fromEntries(columns.map((name) => [name, row[name]]))
    },
    frame(table, columns, rowsMax) {
      const info = infoOf(table)
      return frameOfRows(
        first(cellsOf(table, columns), rowsMax),
        columns.map((name) => info.columns.find((column) => column.name === name)!),
      )
    },
  }
}

function* first<T>(rows: Iterable<T>, rowsMax = Number.POSITIVE_INFINITY): Generator<T> {
  let given = 0
  for (const row of rows) {
    if (given++ >= rowsMax) return
    yield row
  }
}

function openReader(path: string, password: string | undefined): MDBReader {
  const bytes = readFileSync(path)
  try {
    const reader = new MDBReader(bytes, password === undefined ? undefined : { password })
    // A password of Access 2003 and before locks the door of an open house: nothing is encrypted by it. A wrong one is still refused.
    const stated = reader.getPassword()
    if (password !== undefined && stated !== null && isEncryptedByNothing(bytes) && stated !== password) throw wrongPassword(password)
    return reader
  } catch (cause) {
    if (cause instanceof DomainError) throw cause
    const message = (cause as Error).message
    if (/wrong password/i.test(message)) throw wrongPassword(password)
    if (/not implemented|unsupported encryption|encryption provider|unknown encryption/i.test(message)) {
      throw new DomainError(
        'source_unsupported',
        'The Access file is encrypted in a way that cannot be read: save a copy without password',
        { cause },
      )
    }
    throw new DomainError('source_unreadable', 'The file is no Access database or is damaged', { cause })
  }
}

/** Jet 3 and 4 (.mdb) state their version as 0 or 1 at byte 20; later formats encrypt with their password. */
function isEncryptedByNothing(bytes: Buffer): boolean {
  return bytes[20] <= 1
}

function wrongPassword(password: string | undefined): DomainError {
  return new DomainError(
    'source_password',
    password === undefined ? 'The Access file is encrypted: it needs its password' : 'The password does not open the Access file',
  )
}

function guarded<T>(table: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new DomainError(
      'source_unreadable',
      `${table === 'the file' ? 'The file' : `Table ${table}`} is damaged: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
}
