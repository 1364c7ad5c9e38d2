/** The three forms a sample plant's tables can take on disk. Each is written under a temporary name and renamed when whole. */
import { Database } from 'bun:sqlite'
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import pl from 'nodejs-polars'
import { type Cell, type SampleTableName, sampleTables } from '../domain/sample/columns'

/** Where rows go. `close` makes the files appear and returns their paths; `abort` leaves nothing behind. */
export interface SampleTables {
  add(table: SampleTableName, row: readonly Cell[]): void
  close(): Promise<string[]>
  abort(): void
}

const FLUSH_CHARACTERS = 1 << 20
const quoted = /[",\r\n]|^ | $/

/** Null is an empty cell, '' a quoted empty one: both occur in plants, and readers that can tell them apart shall. */
function csvCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  if (cell === '') return '""'
  return quoted.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

function csvLine(row: readonly Cell[]): string {
  let line = csvCell(row[0])
  for (let i = 1; i < row.length; i++) line += `,${csvCell(row[i])}`
  return `${line}\n`
}

interface CsvFile {
  path: string
  part: string
  descriptor: number
  buffer: string
}

function flush(file: CsvFile): void {
  // A short write would lose cells: writeSync returns what it wrote.
  const bytes = Buffer.from(file.buffer, 'utf8')
  for (let at = 0; at < bytes.length; ) at += writeSync(file.descriptor, bytes, at)
  file.buffer = ''
}

/** `NAME.csv` for each table: UTF-8, comma, header, LF. */
export function openCsvTables(out: string): SampleTables {
  const files = new Map<SampleTableName, CsvFile>(
    sampleTables.map(({ name, columns }) => {
      const path = join(out, `${name}.csv`)
      return [name, { path, part: `${path}.part`, descriptor: openSync(`${path}.part`, 'w'), buffer: `${columns.join(',')}\n` }]
    }),
  )
  return {
    add(table, row) {
      const file = files.get(table) as CsvFile
      file.buffer += csvLine(row)
      if (file.buffer.length > FLUSH_CHARACTERS) flush(file)
    },
    async close() {
      for (const file of files.values()) {
        flush(file)
        closeSync(file.descriptor)
        renameSync(file.part, file.path)
      }
      return [...files.values()].map((file) => file.path)
    },
    abort() {
      for (const file of files.values()) rmSync(file.part, { force: true })
    },
  }
}

/** `NAME.parquet` for each table, streamed by Polars from CSV files in a temporary folder of `out`. */
export function openParquetTables(out: string): SampleTables {
  const folder = join(out, '.sample.part')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const csv = openCsvTables(folder)
  return {
    add: csv.add,
    async close() {
      await csv.close()
      const paths: string[] = []
      for (const { name, columns, numbers } of sampleTables) {
        const schema = Object.fromEntries(columns.map((column) => [column, numbers.has(column) ? pl.Float64 : pl.Utf8]))
        const part = join(folder, `${name}.parquet`)
        await pl
          .scanCSV(join(folder, `${name}.csv`), { schema, lowMemory: true })
          .sinkParquet(part, { compression: 'zstd' })
          .collect()
        renameSync(part, join(out, `${name}.parquet`))
        paths.push(join(out, `${name}.parquet`))
      }
      rmSync(folder, { recursive: true, force: true })
      return paths
    },
    abort() {
      csv.abort()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One file `plant.sqlite` with the three tables, written in one transaction. */
export function openSqliteTables(out: string): SampleTables {
  const path = join(out, 'plant.sqlite')
  const part = `${path}.part`
  rmSync(part, { force: true })
  const db = new Database(part, { create: true, strict: true })
  // The file is thrown away when the write does not finish: no journal, no waiting for the disk.
  db.run('PRAGMA journal_mode = OFF')
  db.run('PRAGMA synchronous = OFF')
  const inserts = new Map(
    sampleTables.map(({ name, columns, numbers }) => {
      db.run(`CREATE TABLE ${name} (${columns.map((column) => `${column} ${numbers.has(column) ? 'NUMERIC' : 'TEXT'}`).join(', ')})`)
      return [name, db.prepare(`INSERT INTO ${name} VALUES (${columns.map(() => '?').join(', ')})`)]
    }),
  )
  db.run('BEGIN')
  return {
    add: (table, row) => void inserts.get(table)?.run(...row),
    async close() {
      db.run('COMMIT')
      for (const insert of inserts.values()) insert.finalize()
      db.close(true)
      renameSync(part, path)
      return [path]
    },
    abort() {
      db.close()
      rmSync(part, { force: true })
    },
  }
}
