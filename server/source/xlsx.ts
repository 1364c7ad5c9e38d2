/** Excel workbooks (.xlsx): every sheet is a table, its first well-filled row the header. Read whole, within bounds. */
import readWorkbook from 'read-excel-file/node'
import { DomainError } from '../domain/error'
import type { Finding } from '../domain/plant'
import { frameOfRows } from './frame'
import { type FlatCell, type FlatRow, type Row, RowShape } from './record'
import type { ReadRowsOptions, Source, TableInfo } from './source'
import { checkColumns, checkTable } from './table'
import { inflatedBytes } from './zip'

const compressedBytesMax = 50 * 1024 * 1024
const inflatedBytesMax = 200 * 1024 * 1024
const cellsMax = 1_000_000

interface Sheet {
  rows: Row[]
  columns: TableInfo['columns']
  findings: Finding[]
  unreadable?: string
}

/** Opens a workbook; it is read at the first question. Throws `source_unsupported` beyond the bounds, `source_unreadable`. */
export function openXlsx(path: string): Source {
  let read: Promise<Map<string, Sheet>> | null = null
  const load = () => {
    read ??= readSheets(path)
    return read
  }
  const chosen = async (name: string, wanted: string[] | undefined) => {
    const sheets = await load()
    checkTable(name, [...sheets.keys()])
    const sheet = sheets.get(name)!
    if (sheet.unreadable) throw new DomainError('source_unreadable', `Sheet ${name} cannot be read: ${sheet.unreadable}`)
    const names = sheet.columns.map((column) => column.name)
    return { sheet, columns: checkColumns(name, names, wanted).map((index) => sheet.columns[index]) }
  }
  return {
    kind: 'xlsx',
    path,
    async tables() {
      return [...(await load())].map(([name, { rows, columns, unreadable }]) =>
        unreadable ? { name, columns: [], rows: null, unreadable } : { name, columns, rows: rows.length },
      )
    },
    async *readRows(name, { columns, limit = Number.POSITIVE_INFINITY, findings }: ReadRowsOptions = {}) {
      const { sheet, columns: wanted } = await chosen(name, columns)
      for (let at = 0; at < Math.min(limit, sheet.rows.length); at++) {
        yield Object.fromEntries(wanted.map((column) => [column.name, sheet.rows[at][column.name] ?? null]))
      }
      findings?.push(...sheet.findings)
    },
    async readColumns(name, columns, { rowsMax } = {}) {
      const { sheet, columns: wanted } = await chosen(name, columns)
      return { ...(await frameOfRows(sheet.rows.slice(0, rowsMax), wanted)), findings: sheet.findings }
    },
    async close() {
      read = null
    },
  }
}

async function readSheets(path: string): Promise<Map<string, Sheet>> {
  await checkSize(path)
  const workbook = await readWorkbook(path).catch((cause) => {
    throw new DomainError('source_unreadable', 'The workbook cannot be read: it is damaged, encrypted or no .xlsx file', { cause })
  })
  const cells = workbook.reduce((sum, { data }) => sum + data.length * (data[0]?.length ?? 0), 0)
  if (cells > cellsMax) {
    throw new DomainError('source_unsupported', `A workbook may have ${cellsMax} cells, this one has ${cells}: export the table as CSV`)
  }
  return new Map(workbook.map(({ sheet, data }) => [sheet.normalize('NFC'), sheetOf(sheet, data as FlatCell[][])]))
}

async function checkSize(path: string): Promise<void> {
  const file = Bun.file(path)
  const tooLarge = (what: string, max: number) =>
    new DomainError('source_unsupported', `A workbook may have ${max >> 20} MB ${what}: export the table as CSV`)
  if (file.size > compressedBytesMax) throw tooLarge('on disk', compressedBytesMax)
  const inflated = inflatedBytes(new Uint8Array(await file.arrayBuffer()))
  if (inflated === null)
    throw new DomainError('source_unreadable', 'The workbook cannot be read: it is damaged, encrypted or no .xlsx file')
  if (inflated > inflatedBytesMax) throw tooLarge('when unpacked', inflatedBytesMax)
}

function sheetOf(sheet: string, data: FlatCell[][]): Sheet {
  const filled = (row: FlatCell[]) => row.filter((cell) => !isBlank(cell)).length
  const width = Math.max(0, ...data.slice(0, 1000).map(filled))
  // Titles above a table fill one or two cells; its header fills most columns.
  const header = data.findIndex((row) => filled(row) * 2 > width)
  if (width === 0 || header < 0) return { rows: [], columns: [], findings: [], unreadable: 'the sheet is empty' }
  const names = headerNames(data[header])
  const shape = new RowShape()
  for (const name of names) if (name !== null) shape.add({ [name]: null })
  const rows: FlatRow[] = []
  let blank = 0
  for (const cells of data.slice(header + 1)) {
    if (filled(cells) === 0) {
      blank++
      continue
    }
    const row: FlatRow = Object.create(null)
    names.forEach((name, index) => {
      if (name !== null) row[name] = isBlank(cells[index]) ? null : cells[index]
    })
    shape.add(row)
    rows.push(row)
  }
  const findings: Finding[] = []
  const note = (rule: string, count: number) => {
    if (count > 0) findings.push({ rule, severity: 'note', table: sheet, column: null, count, examples: [] })
  }
  note('line above the header', header)
  note('blank line', blank)
  return { rows: rows.map((row) => shape.cells(row)), columns: shape.columns(), findings }
}

function isBlank(cell: FlatCell | undefined): boolean {
  return cell === null || cell === undefined || (typeof cell === 'string' && cell.trim() === '')
}

/** Names of the columns; null for a column without name behind the last named one. */
function headerNames(row: FlatCell[]): (string | null)[] {
  const last = row.findLastIndex((cell) => !isBlank(cell))
  const taken = new Set<string>()
  return row.map((cell, index) => {
    if (index > last) return null
    const wanted = isBlank(cell) ? `column_${index + 1}` : String(cell).replace(/\s+/g, ' ').trim().normalize('NFC')
    let name = wanted
    for (let copy = 2; taken.has(name); copy++) name = `${wanted}_${copy}`
    taken.add(name)
    return name
  })
}
