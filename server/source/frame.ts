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

/** Names and types of a frame's columns, in the order asked for. */
export type FrameColumns = { name: string; type: CellType }[]

/** The frame of rows that are at hand: no turn of the event loop for each of a million rows. */
export function frameOfRows(rows: Iterable<Record<string, Cell>>, columns: FrameColumns): Frame {
  const frame = new FrameBuilder(columns)
  for (const row of rows) frame.add(row)
  return frame.frame()
}

/** The frame of rows that come from a stream. */
export async function frameOfStream(rows: AsyncIterable<Record<string, Cell>>, columns: FrameColumns): Promise<Frame> {
  const frame = new FrameBuilder(columns)
  for await (const row of rows) frame.add(row)
  return frame.frame()
}

class FrameBuilder {
  readonly #names: string[]
  readonly #builders: ReturnType<typeof columnBuilder>[]
  #rows = 0

  constructor(columns: FrameColumns) {
    this.#names = columns.map(({ name }) => name)
    this.#builders = columns.map(({ type }) => columnBuilder(type))
  }

  add(row: Record<string, Cell>): void {
    for (let at = 0; at < this.#names.length; at++) this.#builders[at].add(row[this.#names[at]] ?? null)
    this.#rows++
  }

  frame(): Frame {
    return { rows: this.#rows, columns: new Map(this.#names.map((name, at) => [name, this.#builders[at].column()])) }
  }
}
