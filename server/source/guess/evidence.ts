/** What values say about a column, where its name is not enough. */
import type { SourceColumn } from '../../contract/source'
import { parseNumberText } from '../../domain/number-text'
import { nameScore, type Role } from './vocabulary'

/** A profiled column with its distinct values, the most frequent first. */
export interface GuessColumn extends SourceColumn {
  values: string[]
}
export interface GuessTable {
  name: string
  /** Rows that the columns' figures were taken from. */
  rows: number
  columns: GuessColumn[]
}

/** The column whose name fits the role best; among equals the first one. `accept` can refuse by the values. */
export function bestColumn(table: GuessTable, role: Role, accept: (column: GuessColumn) => boolean = () => true): GuessColumn | null {
  let best: { column: GuessColumn; score: number } | null = null
  for (const column of table.columns) {
    const score = nameScore(role, column.name, table.name)
    if (score > (best?.score ?? 0) && column.distinct > 0 && accept(column)) best = { column, score }
  }
  return best?.column ?? null
}

/** Nearly every row has its own value: a few repeated or missing ones are dirt, not a reason to refuse a key. */
export function isKey(table: GuessTable, column: GuessColumn): boolean {
  return (
    table.rows > 0 &&
    column.missing < 0.02 &&
    column.distinct >= table.rows * 0.98 &&
    column.type !== 'json' &&
    column.looksLike !== 'datetime'
  )
}

export function isNumeric({ type, looksLike }: GuessColumn): boolean {
  return type === 'integer' || type === 'number' || type === 'decimal' || looksLike === 'integer' || looksLike === 'number'
}

export function isDate({ type, looksLike, name }: GuessColumn): boolean {
  return type === 'datetime' || looksLike === 'datetime' || /(^|_)(dt|date)$|일자$|일$/i.test(name)
}

/** Values look like 10, 20, 30 … or 1, 2, 3 …: positions in a routing. */
export function sequenceForm({ values }: GuessColumn): 'tens' | 'ones' | null {
  const numbers = values.slice(0, 200).map(parseNumberText)
  if (numbers.length === 0 || numbers.some((number) => !Number.isInteger(number) || number < 0)) return null
  if (numbers.length > 1 && numbers.filter((number) => number % 10 === 0).length >= numbers.length * 0.8) return 'tens'
  return Math.max(...numbers) <= 2_000 && Math.min(...numbers) <= 1 ? 'ones' : null
}

/** Share of the left column's values (up to 2,000) that the right column holds. */
export function overlap(left: GuessColumn, right: GuessColumn): number {
  const held = new Set(right.values)
  const asked = left.values.slice(0, 2_000)
  return asked.length === 0 ? 0 : asked.filter((value) => held.has(value)).length / asked.length
}

/** Per cent as people read it. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
