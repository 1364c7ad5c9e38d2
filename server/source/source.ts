/**
 * The read-only face of a plant's data. An adapter lists its tables and reads only the columns it is asked for.
 * `readColumns` is the fast path of training, `readRows` shows cells as they are.
 */
import type { Column, Finding } from '../domain/plant'

export type CellType = 'text' | 'integer' | 'number' | 'decimal' | 'boolean' | 'datetime' | 'binary' | 'json'

/** A cell as `source read` prints it: dates ISO 8601, decimals as strings, binary as base64. */
export type Cell = string | number | boolean | null

export interface TableInfo {
  name: string
  columns: { name: string; type: CellType; unreadable?: string }[]
  rows: number | null
  unreadable?: string
}

export interface Frame {
  rows: number
  /** In the order asked for. Text is trimmed and NFC; blank is missing; booleans are 'true'/'false'; dates ISO text. */
  columns: Map<string, Column>
  /** Rows that could not be read as the table's header says: bad ones are left out of the frame, notes are in it. */
  findings?: Finding[]
}

export interface ReadRowsOptions {
  columns?: string[]
  limit?: number
  /** Receives what was found wrong with the rows, once all are read. */
  findings?: Finding[]
}

export interface Source {
  kind: string
  path: string
  tables(): Promise<TableInfo[]>
  /** As `tables`, but without counting rows where that means reading them all: `rows` may then be null. */
  outline?(): Promise<TableInfo[]>
  /** Throws `table_unknown`, `column_unknown`, `source_unreadable`. */
  readRows(table: string, options?: ReadRowsOptions): AsyncIterable<Record<string, Cell>>
  /** `rowsMax` bounds the frame to the first rows, for a look at a large table. */
  readColumns(table: string, columns: string[], options?: { rowsMax?: number }): Promise<Frame>
  close(): Promise<void>
}

export interface OpenOptions {
  password?: string
  /** CSV: text encoding and delimiter when detection should not be trusted. */
  encoding?: string
  delimiter?: string
}
