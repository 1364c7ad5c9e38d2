/** Rows from JSON objects: nested objects become dotted columns, arrays stay JSON text, types are what all rows agree on. */
import { isoOfUtc } from './date'
import type { Cell, CellType } from './source'

export type Row = Record<string, Cell>

/** Objects nested deeper than this stay JSON text. */
const depthMax = 32
/** JSON text of an array or a deep object; told apart from text that looks like it. */
export class JsonText {
  constructor(readonly text: string) {}
}
export type FlatCell = Cell | JsonText | Date
export type FlatRow = Record<string, FlatCell>

/** One level of columns: `{ a: { b: 1 }, c: [2] }` gives `a.b` = 1 and `c` = the text `[2]`. */
export function flatRow(value: Record<string, unknown>): FlatRow {
  // no prototype: a key named __proto__ is a column like any other
  const row: FlatRow = Object.create(null)
  flatten(value, '', row, 0)
  return row
}

function flatten(value: Record<string, unknown>, prefix: string, row: FlatRow, depth: number): void {
  for (const key of Object.keys(value)) {
    const cell = value[key]
    const name = prefix === '' ? key.normalize('NFC') : `${prefix}.${key.normalize('NFC')}`
    if (typeof cell !== 'object' || cell === null) row[name] = (cell ?? null) as Cell
    else if (Array.isArray(cell) || depth >= depthMax || Object.keys(cell).length === 0) row[name] = new JsonText(JSON.stringify(cell))
    else flatten(cell as Record<string, unknown>, name, row, depth + 1)
  }
}

/** Columns in order of first appearance, with the narrowest type that all rows share. */
export class RowShape {
  readonly #types = new Map<string, CellType | null>()

  add(row: FlatRow): void {
    for (const name in row) this.#types.set(name, common(this.#types.get(name) ?? null, typeOf(row[name])))
  }

  columns(): { name: string; type: CellType }[] {
    return [...this.#types].map(([name, type]) => ({ name, type: type ?? 'text' }))
  }

  /** The row with every cell in its column's type: where a column holds numbers and texts, all are text. */
  cells(row: FlatRow): Row {
    const cells: Row = Object.create(null)
    for (const name in row) {
      const value = row[name]
      const plain = value instanceof JsonText ? value.text : value instanceof Date ? isoOfUtc(value) : value
      cells[name] = this.#types.get(name) === 'text' && plain !== null ? String(plain) : plain
    }
    return cells
  }
}

function typeOf(value: FlatCell): CellType | null {
  if (value === null) return null
  if (value instanceof JsonText) return 'json'
  if (value instanceof Date) return 'datetime'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number'
  return 'text'
}

function common(left: CellType | null, right: CellType | null): CellType | null {
  if (left === null || right === null || left === right) return left ?? right
  const both = new Set([left, right])
  return both.has('integer') && both.has('number') ? 'number' : 'text'
}
