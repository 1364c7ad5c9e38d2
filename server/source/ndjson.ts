/** NDJSON (JSON Lines): one object a line, read as a stream; lines that are none are counted and shown. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Finding } from '../domain/plant'
import { frameOfStream } from './frame'
import { fileStem } from './kind'
import { type FlatRow, flatRow, RowShape } from './record'
import type { Cell, ReadRowsOptions, Source } from './source'
import { checkColumns, checkTable } from './table'

const examplesMax = 20

/** Opens a file of JSON lines. The first question reads it once for the columns, rows are then streamed. */
export function openNdjson(path: string): Source {
  const table = fileStem(path)
  let known: Promise<{ shape: RowShape; rows: number }> | null = null
  const shapeOf = () => {
    known ??= readShape(path, table)
    return known
  }
  const rowsOf = async function* (name: string, { columns, limit = Number.POSITIVE_INFINITY, findings }: ReadRowsOptions = {}) {
    checkTable(name, [table])
    const { shape } = await shapeOf()
    const names = shape.columns().map((column) => column.name)
    const wanted = checkColumns(name, names, columns).map((index) => names[index])
    let given = 0
    if (limit <= 0) return
    for await (const row of objects(path, table, findings)) {
      const cells = shape.cells(row)
      yield Object.fromEntries(wanted.map((column) => [column, cells[column] ?? null])) as Record<string, Cell>
      if (++given >= limit) return
    }
  }
  return {
    kind: 'ndjson',
    path,
    async tables() {
      const { shape, rows } = await shapeOf()
      return [{ name: table, columns: shape.columns(), rows }]
    },
    readRows: rowsOf,
    async readColumns(name, columns, { rowsMax } = {}) {
      checkTable(name, [table])
      const all = (await shapeOf()).shape.columns()
      const wanted = checkColumns(
        table,
        all.map((column) => column.name),
        columns,
      ).map((index) => all[index])
      const findings: Finding[] = []
      const frame = await frameOfStream(rowsOf(name, { columns: wanted.map((column) => column.name), limit: rowsMax, findings }), wanted)
      return { ...frame, findings }
    },
    async close() {},
  }
}

async function readShape(path: string, table: string): Promise<{ shape: RowShape; rows: number }> {
  const shape = new RowShape()
  let rows = 0
  for await (const row of objects(path, table, undefined)) {
    shape.add(row)
    rows++
  }
  return { shape, rows }
}

/** The objects of the file as flat rows; what is no object is told in `findings` when the last line is read. */
async function* objects(path: string, table: string, findings: Finding[] | undefined): AsyncGenerator<FlatRow> {
  const bad: Finding = { rule: 'line is no JSON object', severity: 'bad', table, column: null, count: 0, examples: [] }
  let number = 0
  for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    const text = number === 1 ? line.replace(/^\ufeff/, '') : line
    if (text.trim() === '') continue
    const value = parsed(text)
    if (value) {
      yield value
    } else {
      bad.count++
      if (bad.examples.length < examplesMax) bad.examples.push({ row: number, value: text.slice(0, 200) })
    }
  }
  if (bad.count > 0) findings?.push(bad)
}

/** The line as a flat row; null where it is no object, or one nested too deep to walk. */
function parsed(text: string): FlatRow | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? flatRow(value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
