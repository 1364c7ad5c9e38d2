/** Parquet files through polars: column by column for training (a column at a time is all the memory it takes), rows in slices. */
import { setImmediate } from 'node:timers/promises'
import pl, { type DataFrame, type Expr } from 'nodejs-polars'
import { DomainError } from '../domain/error'
import { type Column, MISSING, type TextColumn } from '../domain/plant'
import { isoText } from './date'
import { fileStem } from './kind'
import type { Cell, CellType, Frame, ReadRowsOptions, Source } from './source'
import { checkColumns, checkTable } from './table'
import { cleanText, TextColumnBuilder } from './text'

const rowsPerSlice = 20_000
/** Cells of polars' columns in memory before they are released: some 30 bytes each. */
const cellsHeldMax = 10_000_000

interface ParquetColumn {
  name: string
  type: CellType
  /** polars' name of the type. */
  variant: string
  unreadable?: string
}

const types: Record<string, CellType> = {
  ...Object.fromEntries(['Int8', 'Int16', 'Int32', 'Int64', 'UInt8', 'UInt16', 'UInt32', 'UInt64'].map((name) => [name, 'integer'])),
  ...{ Float32: 'number', Float64: 'number', Decimal: 'decimal', Bool: 'boolean', Date: 'datetime', Datetime: 'datetime' },
  ...{ String: 'text', Utf8: 'text', Categorical: 'text', Enum: 'text', Time: 'text', Null: 'text' },
  ...{ Binary: 'binary', List: 'json', FixedSizeList: 'json', Array: 'json', Struct: 'json' },
}
/** Types that cross as text, because JavaScript has none that holds them exactly. */
const asText = new Set(['Decimal', 'Date', 'Datetime', 'Time', 'Int64', 'UInt64', 'Float32', 'Categorical', 'Enum', 'Null'])

/** Opens a Parquet file as one table. */
export function openParquet(path: string): Source {
  const table = fileStem(path)
  let known: ParquetColumn[] | null = null
  const columnsOf = (name: string) => {
    checkTable(name, [table])
    known ??= guarded(() => readSchema(path))
    return known
  }
  const wantedOf = (name: string, wanted: string[] | undefined) => {
    const all = columnsOf(name)
    // Without a list of columns the readable ones are meant; naming an unreadable one is an error that says why.
    const readable = all.filter((column) => !column.unreadable)
    const chosen = checkColumns(
      table,
      all.map((column) => column.name),
      wanted ?? readable.map((column) => column.name),
    ).map((index) => all[index])
    const refused = chosen.find((column) => column.unreadable)
    if (refused) throw new DomainError('source_unsupported', `Column ${refused.name} cannot be read: ${refused.unreadable}`)
    return chosen
  }
  return {
    kind: 'parquet',
    path,
    async tables() {
      const columns = columnsOf(table).map(({ name, type, unreadable }) => (unreadable ? { name, type, unreadable } : { name, type }))
      return [{ name: table, columns, rows: guarded(() => rowCount(path)) }]
    },
    async *readRows(name, { columns, limit = Number.POSITIVE_INFINITY }: ReadRowsOptions = {}) {
      const wanted = wantedOf(name, columns)
      if (wanted.length === 0) return
      for (let offset = 0; offset < limit; offset += rowsPerSlice) {
        const rows = Math.min(rowsPerSlice, limit - offset)
        const slice = guarded(() =>
          scan(path)
            .select(...wanted.map(crossing))
            .slice(offset, rows)
            .collectSync(),
        )
        yield* recordsOf(slice, wanted)
        if (slice.height < rows) return
      }
    },
    async readColumns(name, columns, { rowsMax } = {}): Promise<Frame> {
      const wanted = wantedOf(name, columns)
      const found = new Map<string, Column>()
      const rows = Math.min(
        guarded(() => rowCount(path)),
        rowsMax ?? Number.POSITIVE_INFINITY,
      )
      let unreleased = 0
      for (const column of wanted) {
        const read = () => readColumn(path, column, rowsMax)
        found.set(column.name, guarded(read))
        unreleased += rows
        if (unreleased < cellsHeldMax) continue
        unreleased = 0
        // polars frees a column when its JavaScript object is finalised, which needs a collection and a turn of the event loop:
        // without both, all columns of the file stay in memory at once.
        Bun.gc(true)
        await setImmediate()
      }
      return { rows, columns: found }
    },
    async close() {},
  }
}

/** polars reports a damaged file as an Error of its own; here it gets the code of the closed list. */
function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new DomainError('source_unreadable', 'The Parquet file cannot be read: it is damaged or incomplete', { cause })
  }
}

function scan(path: string) {
  return pl.scanParquet(path, { glob: false })
}

function rowCount(path: string): number {
  return Number(scan(path).select(pl.len()).collectSync().getColumn('len').get(0))
}

function readSchema(path: string): ParquetColumn[] {
  const frame = pl.readParquet(path, { nRows: 0 })
  return frame.columns.map((name, index) => {
    const variant = String(frame.dtypes[index].variant)
    const type = types[variant]
    return type
      ? { name, type, variant }
      : { name, type: 'text', variant, unreadable: `Parquet columns of type ${variant} are not supported` }
  })
}

/** The column in a form that JavaScript can take over. */
function crossing({ name, variant }: ParquetColumn): Expr {
  return asText.has(variant) ? pl.col(name).cast(pl.Utf8) : pl.col(name)
}

function* recordsOf(slice: DataFrame, columns: ParquetColumn[]): Generator<Record<string, Cell>> {
  for (const record of slice.toRecords()) {
    yield Object.fromEntries(columns.map((column) => [column.name, cellOf(record[column.name], column)]))
  }
}

function cellOf(value: unknown, { type }: ParquetColumn): Cell {
  if (value === null || value === undefined) return null
  if (type === 'datetime') return isoText(String(value))
  if (type === 'integer' || type === 'number') return numberCell(value)
  if (type === 'binary') return Buffer.from(value as Uint8Array).toString('base64')
  if (type === 'json') return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner))
  return value as Cell
}

/** Whole numbers beyond 2^53 stay text: as numbers their last digits would be wrong. */
function numberCell(value: unknown): Cell {
  const number = Number(value)
  if (!Number.isFinite(number)) return null
  return Number.isInteger(number) && !Number.isSafeInteger(number) && typeof value === 'string' && !value.includes('e') ? value : number
}

function readColumn(path: string, column: ParquetColumn, rowsMax: number | undefined): Column {
  const { name, type, variant } = column
  const frame = pl.readParquet(path, { columns: [name], ...(rowsMax === undefined ? {} : { nRows: rowsMax }) })
  if (type === 'number' || type === 'decimal' || (type === 'integer' && !holdsLargeIntegers(frame, column))) {
    // Float32 goes through its shortest decimal: 41.3 and not 41.29999923706055.
    const plain = variant === 'Float32' ? pl.col(name).cast(pl.Utf8) : pl.col(name)
    const series = frame.select(plain.cast(pl.Float64).fillNull(pl.lit(Number.NaN))).getColumn(name)
    return { kind: 'number', values: new Float64Array(series.toTypedArray() as Float64Array) }
  }
  if (type === 'json' || type === 'binary') {
    const text = new TextColumnBuilder(frame.height)
    for (const value of frame.getColumn(name).toArray()) text.add(cellOf(value, column) as string | null)
    return text.column()
  }
  return codedColumn(frame, column)
}

function holdsLargeIntegers(frame: DataFrame, { name, variant }: ParquetColumn): boolean {
  if (variant !== 'Int64' && variant !== 'UInt64') return false
  const largest = frame.select(pl.col(name).cast(pl.Float64).abs().max()).getColumn(name).get(0)
  return Number(largest ?? 0) > Number.MAX_SAFE_INTEGER
}

/**
 * Text as codes: polars' categories are numbered for the whole process, so the distinct ones of this column are fetched with
 * their numbers and counted anew from 1.
 */
function codedColumn(frame: DataFrame, { name, type }: ParquetColumn): TextColumn {
  const series = frame.select(pl.col(name).cast(pl.Utf8).fillNull(pl.lit('')).cast(pl.Categorical)).getColumn(name)
  const distinct = series.unique()
  const numbers = distinct.cast(pl.UInt32).toTypedArray() as Uint32Array
  const texts = distinct.cast(pl.Utf8).toArray() as string[]
  const dictionary = ['']
  const codeOf = new Map<string, number>([['', MISSING]])
  let largest = 0
  for (const number of numbers) largest = Math.max(largest, number)
  const codeOfNumber = new Uint32Array(largest + 1)
  for (let at = 0; at < numbers.length; at++) {
    const text = type === 'datetime' ? isoText(texts[at]) : cleanText(texts[at])
    let code = codeOf.get(text)
    if (code === undefined) {
      code = dictionary.push(text) - 1
      codeOf.set(text, code)
    }
    codeOfNumber[numbers[at]] = code
  }
  const codes = new Uint32Array(series.cast(pl.UInt32).toTypedArray() as Uint32Array)
  for (let row = 0; row < codes.length; row++) codes[row] = codeOfNumber[codes[row]]
  return { kind: 'text', codes, dictionary }
}
