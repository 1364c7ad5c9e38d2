/** The union of several tables: columns by name, what a table lacks is missing, and a column that says where a row comes from. */
import { DomainError } from '../domain/error'
import { type Column, MISSING, type TextColumn } from '../domain/plant'
import type { CellType, Frame, TableInfo } from './source'

/** The extra column of a union: the concrete table's name. */
export const tableColumn = '_table'

const numeric: ReadonlySet<CellType> = new Set(['integer', 'number', 'decimal'])

/** Columns of the union in order of first appearance; text where the tables disagree. Throws `column_unknown`. */
export function uniteColumns(name: string, tables: TableInfo[], wanted?: string[]): { name: string; type: CellType }[] {
  const types = new Map<string, CellType>()
  for (const table of tables) {
    for (const column of table.columns) {
      if (column.unreadable) continue
      const other = types.get(column.name)
      types.set(column.name, other === undefined ? column.type : commonType(other, column.type))
    }
  }
  types.set(tableColumn, 'text')
  const unknown = wanted?.filter((column) => !types.has(column)) ?? []
  if (unknown.length > 0) {
    throw new DomainError('column_unknown', `None of the tables of ${name} has: ${unknown.slice(0, 10).join(', ')}`, {
      details: unknown.slice(0, 50).map((column) => ({ path: column, message: 'no such column' })),
    })
  }
  return (wanted ? [...new Set(wanted)] : [...types.keys()]).map((column) => ({ name: column, type: types.get(column)! }))
}

function commonType(left: CellType, right: CellType): CellType {
  if (left === right) return left
  return numeric.has(left) && numeric.has(right) ? 'number' : 'text'
}

/** One frame after the other. A column that is text in one table and a number in another becomes text. */
export function concatFrames(parts: { table: string; frame: Frame }[], columns: { name: string; type: CellType }[]): Frame {
  const rows = parts.reduce((sum, { frame }) => sum + frame.rows, 0)
  const united = new Map<string, Column>()
  for (const { name, type } of columns) {
    const asNumber = numeric.has(type) && parts.every(({ frame }) => (frame.columns.get(name) ?? { kind: 'number' }).kind === 'number')
    united.set(name, asNumber ? concatNumbers(parts, name, rows) : concatTexts(parts, name, rows))
  }
  return { rows, columns: united, findings: parts.flatMap(({ frame }) => frame.findings ?? []) }
}

function concatNumbers(parts: { frame: Frame }[], name: string, rows: number): Column {
  const values = new Float64Array(rows).fill(Number.NaN)
  let at = 0
  for (const { frame } of parts) {
    const column = frame.columns.get(name)
    if (column?.kind === 'number') values.set(column.values, at)
    at += frame.rows
  }
  return { kind: 'number', values }
}

function concatTexts(parts: { table: string; frame: Frame }[], name: string, rows: number): TextColumn {
  const codes = new Uint32Array(rows)
  const dictionary = ['']
  const codeOf = new Map<string, number>([['', MISSING]])
  const code = (text: string) => {
    const known = codeOf.get(text)
    if (known !== undefined) return known
    codeOf.set(text, dictionary.length)
    return dictionary.push(text) - 1
  }
  let at = 0
  for (const { table, frame } of parts) {
    const column = frame.columns.get(name)
    if (name === tableColumn) codes.fill(code(table), at, at + frame.rows)
    else if (column?.kind === 'text') {
      const target = Uint32Array.from(column.dictionary, code)
      for (let row = 0; row < frame.rows; row++) codes[at + row] = target[column.codes[row]]
    } else if (column?.kind === 'number') {
      for (let row = 0; row < frame.rows; row++) {
        const value = column.values[row]
        codes[at + row] = Number.isNaN(value) ? MISSING : code(String(value))
      }
    }
    at += frame.rows
  }
  return { kind: 'text', codes, dictionary }
}
