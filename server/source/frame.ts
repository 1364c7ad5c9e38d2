/** Columns from rows, for sources that give one row after the other. */
import type { NumberColumn } from '../domain/plant'
import type { Cell, CellType, Frame } from './source'
import { TextColumnBuilder } from './text'

const numeric: ReadonlySet<CellType> = new Set(['integer', 'number', 'decimal'])

/** Collects a numeric column; what is no finite number is missing. */
export class NumberColumnBuilder {
  #values = new Float64Array(1024)
  #rows = 0

  add(value: Cell): void {
    if (this.#rows === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    const number = value === null || value === '' ? Number.NaN : Number(value)
    this.#values[this.#rows++] = Number.isFinite(number) ? number : Number.NaN
  }

  column(): NumberColumn {
    return { kind: 'number', values: this.#values.slice(0, this.#rows) }
  }
}

/** Text of a cell in a text column: booleans 'true' and 'false', numbers as JavaScript writes them. */
export function cellText(value: Cell): string | null {
  return value === null || typeof value === 'string' ? value : String(value)
}

/** A column builder by type: numbers for integer, number and decimal, text for all else. */
export function columnBuilder(type: CellType): NumberColumnBuilder | { add(value: Cell): void; column: TextColumnBuilder['column'] } {
  if (numeric.has(type)) return new NumberColumnBuilder()
  const text = new TextColumnBuilder()
  return { add: (value) => text.add(cellText(value)), column: () => text.column() }
}

/** The frame of all rows. `columns` gives names and types in the order asked for. */
export async function frameOfRows(
  rows: AsyncIterable<Record<string, Cell>> | Iterable<Record<string, Cell>>,
  columns: { name: string; type: CellType }[],
): Promise<Frame> {
  const builders = columns.map(({ name, type }) => ({ name, builder: columnBuilder(type) }))
  let count = 0
  for await (const row of rows) {
    for (const { name, builder } of builders) builder.add(row[name] ?? null)
    count++
  }
  return { rows: count, columns: new Map(builders.map(({ name, builder }) => [name, builder.column()])) }
}
