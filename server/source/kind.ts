/** What kind of source a file is, by its name and its first bytes. */
import { basename } from 'node:path'

export type FileKind = 'access' | 'csv' | 'parquet' | 'sqlite' | 'xlsx' | 'json' | 'ndjson'

const kinds: Record<string, FileKind> = {
  mdb: 'access',
  accdb: 'access',
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  txt: 'csv',
  parquet: 'parquet',
  pq: 'parquet',
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
  db: 'sqlite',
  db3: 'sqlite',
  xlsx: 'xlsx',
  xlsm: 'xlsx',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
}

/** Kinds that are known but cannot be read, with what to do instead. */
export const refusedKinds: Record<string, string> = {
  xlsb: 'binary workbooks (.xlsb) are not supported: save the file as .xlsx',
  xls: 'workbooks of Excel 97 (.xls) are not supported: save the file as .xlsx',
  ods: 'OpenDocument sheets are not supported: save the file as .xlsx',
  gz: 'compressed files are not supported: unpack the file',
  zip: 'compressed files are not supported: unpack the file',
  '7z': 'compressed files are not supported: unpack the file',
}

export function extension(path: string): string {
  const name = basename(path)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

/** Kind by name: the last extension, or an inner text extension with a suffix behind it (`tool.txt.1l`). */
export function kindByName(path: string): FileKind | null {
  const last = extension(path)
  if (last in refusedKinds) return null
  return kinds[last] ?? (/\.(txt|csv|tsv)\.[^.]+$/i.test(path) ? 'csv' : null)
}

/** Name of a file's one table: the file's name without its extension. */
export function fileStem(path: string): string {
  const name = basename(path).normalize('NFC')
  return name.replace(/\.(txt|csv|tsv)\.[^.]+$/i, '').replace(/(.)\.[^.]+$/, '$1')
}

const signatures: { kind: FileKind; bytes: number[]; at: number }[] = [
  { kind: 'parquet', bytes: [...'PAR1'].map((c) => c.charCodeAt(0)), at: 0 },
  { kind: 'sqlite', bytes: [...'SQLite format 3'].map((c) => c.charCodeAt(0)), at: 0 },
  { kind: 'access', bytes: [...'Standard Jet DB'].map((c) => c.charCodeAt(0)), at: 4 },
  { kind: 'access', bytes: [...'Standard ACE DB'].map((c) => c.charCodeAt(0)), at: 4 },
  { kind: 'xlsx', bytes: [0x50, 0x4b, 3, 4], at: 0 },
]

/** Kind by the first bytes, for files whose name says nothing. null when they say nothing either. */
export async function kindByContent(path: string): Promise<FileKind | null> {
  const head = new Uint8Array(await Bun.file(path).slice(0, 64).arrayBuffer())
  return signatures.find(({ bytes, at }) => bytes.every((byte, index) => head[at + index] === byte))?.kind ?? null
}
