/** Text tables (CSV, TSV, TXT): one file is one table whose columns are all text, codes like 007 and 1E5 included. */
import { DomainError } from '../../domain/error'
import type { Finding, TextColumn } from '../../domain/plant'
import { fileStem } from '../kind'
import type { Cell, Frame, OpenOptions, ReadRowsOptions, Source, TableInfo } from '../source'
import { checkColumns, checkTable } from '../table'
import { type Block, blockEncoding, blocks, headerNames, recordFault } from './blocks'
import { type Dialect, detectDialect } from './dialect'
import { ByteDictionary, decoder } from './dictionary'
import { addFault, type CsvFaults, csvFindings, noFaults } from './faults'

interface Layout {
  dialect: Dialect
  columns: string[]
  /** Names in the header that had to be changed, as 'wanted → given' is not worth telling when empty. */
  renamed: number
}

/** Opens a text table. Nothing is read until it is asked for. */
export function openCsv(path: string, options: OpenOptions): Source {
  const table = fileStem(path)
  let layout: Promise<Layout | null> | null = null
  let rowCount: Promise<number> | null = null
  const open = () => {
    layout ??= readLayout(path, options)
    return layout
  }
  const opened = async (name: string) => {
    checkTable(name, [table])
    const found = await open()
    if (!found) throw new DomainError('source_unreadable', `The file of table ${table} is empty: it has no header line`)
    return found
  }
  const outline = async (): Promise<TableInfo[]> => {
    const found = await open()
    if (!found) return [{ name: table, columns: [], rows: null, unreadable: 'the file is empty: it has no header line' }]
    return [{ name: table, columns: found.columns.map((name) => ({ name, type: 'text' })), rows: null }]
  }

  return {
    kind: 'csv',
    path,
    outline,
    async tables() {
      const found = await open()
      if (!found) return outline()
      rowCount ??= countRows(path, found)
      const rows = await rowCount
      return (await outline()).map((info) => ({ ...info, rows }))
    },
    async *readRows(name: string, { columns, limit = Number.POSITIVE_INFINITY, findings }: ReadRowsOptions = {}) {
      const found = await opened(name)
      const wanted = checkColumns(table, found.columns, columns)
      yield* rowsOf(path, table, found, wanted, limit, findings)
    },
    async readColumns(name, columns, { rowsMax = Number.POSITIVE_INFINITY } = {}): Promise<Frame> {
      const found = await opened(name)
      return frameOf(path, table, found, checkColumns(table, found.columns, columns), rowsMax)
    },
    async close() {},
  }
}

async function readLayout(path: string, options: OpenOptions): Promise<Layout | null> {
  const dialect = await detectDialect(path, options)
  for await (const block of blocks(path, dialect)) {
    if (block.recordCount === 0) continue
    const columns = headerNames(block, blockEncoding(dialect))
    const raw = decoder(blockEncoding(dialect))
    const renamed = columns.filter((name, index) => {
      const field = block.records[0] + index
      return raw(block.bytes.subarray(block.starts[field], block.ends[field])).trim().normalize('NFC') !== name
    }).length
    return columns.length === 1 && columns[0] === 'column_1' ? null : { dialect, columns, renamed }
  }
  return null
}

/** Records of a block after the header, with their number from 1. */
function* dataRecords(block: Block): Generator<number> {
  for (let record = block.firstRecord === 0 ? 1 : 0; record < block.recordCount; record++) yield record
}

async function countRows(path: string, { dialect, columns }: Layout): Promise<number> {
  let rows = 0
  for await (const block of blocks(path, dialect)) {
    for (let record = block.firstRecord === 0 ? 1 : 0; record < block.recordCount; record++) {
      if (recordFault(block, record, columns.length) === null) rows++
    }
  }
  return rows
}

async function* rowsOf(
  path: string,
  table: string,
  { dialect, columns, renamed }: Layout,
  wanted: number[],
  limit: number,
  findings: Finding[] | undefined,
): AsyncGenerator<Record<string, Cell>> {
  const decode = decoder(blockEncoding(dialect))
  const faults: CsvFaults = noFaults()
  let given = 0
  for await (const block of blocks(path, dialect)) {
    faults.strayQuotes += block.strayQuotes
    for (const record of dataRecords(block)) {
      if (given >= limit) break
      const fault = recordFault(block, record, columns.length)
      if (fault !== null) {
        addFault(faults, fault, block, record, decode)
        continue
      }
      const first = block.records[record]
      const row: Record<string, Cell> = {}
      for (const column of wanted) {
        const field = first + column
        const text = decode(block.bytes.subarray(block.starts[field], block.ends[field]))
        row[columns[column]] = text === '' ? null : text
      }
      given++
      yield row
    }
    if (given >= limit) break
  }
  findings?.push(...csvFindings(table, faults, renamed))
}

async function frameOf(
  path: string,
  table: string,
  { dialect, columns, renamed }: Layout,
  wanted: number[],
  rowsMax: number,
): Promise<Frame> {
  const encoding = blockEncoding(dialect)
  const decode = decoder(encoding)
  const faults = noFaults()
  const dictionaries = wanted.map(() => new ByteDictionary())
  let codes = wanted.map(() => new Uint32Array(1 << 12))
  let rows = 0
  let good = new Int32Array(1 << 12)
  for await (const block of blocks(path, dialect)) {
    faults.strayQuotes += block.strayQuotes
    if (good.length < block.recordCount) good = new Int32Array(block.recordCount * 2)
    let goodCount = 0
    for (let record = block.firstRecord === 0 ? 1 : 0; record < block.recordCount && rows + goodCount < rowsMax; record++) {
      const fault = recordFault(block, record, columns.length)
      if (fault === null) good[goodCount++] = block.records[record]
      else addFault(faults, fault, block, record, decode)
    }
    if (codes.length > 0 && rows + goodCount > codes[0].length) codes = codes.map((old) => enlarged(old, rows + goodCount))
    const { bytes, starts, ends } = block
    for (let index = 0; index < wanted.length; index++) {
      const column = wanted[index]
      const dictionary = dictionaries[index]
      const target = codes[index]
      for (let at = 0; at < goodCount; at++) {
        const field = good[at] + column
        target[rows + at] = dictionary.code(bytes, starts[field], ends[field])
      }
    }
    rows += goodCount
    if (rows >= rowsMax) break
  }
  const found = new Map<string, TextColumn>()
  for (let index = 0; index < wanted.length; index++) {
    found.set(columns[wanted[index]], dictionaries[index].column(codes[index].slice(0, rows), encoding))
  }
  return { rows, columns: found, findings: csvFindings(table, faults, renamed) }
}

function enlarged(old: Uint32Array, rows: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(rows, old.length * 2))
  larger.set(old)
  return larger
}
