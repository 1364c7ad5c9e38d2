/**
 * A folder of files as one source. A file with one table is a table named by its path without extension, a file with several
 * gives `file/table`. A name with `*` unites all tables it matches, with the concrete name in the column `_table`.
 */
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { DomainError } from '../domain/error'
import type { Finding } from '../domain/plant'
import { extension, fileStem, kindByName, refusedKinds } from './kind'
import type { Cell, Frame, OpenOptions, ReadRowsOptions, Source, TableInfo } from './source'
import { checkTable } from './table'
import { concatFrames, tableColumn, uniteColumns } from './union'

const filesMax = 20_000

export interface FolderSource extends Source {
  /** Files that are no part of the source, with the reason. */
  ignored: { path: string; reason: string }[]
}

interface Entry {
  source: Source | null
  /** Name inside its file. */
  inner: string
  info: TableInfo
}

/** Opens a folder. `openFile` opens one file; a file that cannot be opened is listed as an unreadable table with the reason. */
export async function openFolder(
  path: string,
  options: OpenOptions,
  openFile: (path: string, options: OpenOptions) => Promise<Source>,
): Promise<FolderSource> {
  const { files, ignored } = await listFiles(path)
  const opened = new Map<string, Promise<Entry[]>>()
  const names = fileNames(files, path)
  const load = (file: string) => {
    const name = names.get(file)!
    const entries = opened.get(file) ?? entriesOf(file, name, options, openFile)
    opened.set(file, entries)
    return entries
  }
  /** Only the files whose name can match are opened: a table `plans/7/plan` lies in `plans/7/plan.*` or is a table of `plans/7.*`. */
  const matching = async (table: string): Promise<Entry[]> => {
    const pattern = globPattern(table)
    const found: Entry[] = []
    for (const file of files) {
      const name = names.get(file)!
      if (!couldHold(table, pattern, name)) continue
      for (const entry of await load(file)) {
        // The one table of a file answers to `file/table` too.
        if (pattern.test(entry.info.name) || table === `${name}/${entry.inner}`) found.push(entry)
      }
    }
    if (found.length > 0) return found
    checkTable(
      table,
      (await all()).map((entry) => entry.info.name).filter((name) => !table.includes('*') || name === table),
    )
    return found
  }
  const all = async () => {
    const entries: Entry[] = []
    for (const file of files) entries.push(...(await load(file)))
    return entries
  }
  return {
    kind: 'folder',
    path,
    ignored,
    async tables() {
      const counted: TableInfo[] = []
      for (const { source, inner, info } of await all()) {
        const full = info.unreadable ? info : (await source!.tables()).find((table) => table.name === inner)!
        counted.push({ ...full, name: info.name })
      }
      return counted
    },
    async *readRows(name, { columns, limit = Number.POSITIVE_INFINITY, findings }: ReadRowsOptions = {}) {
      const entries = await matching(name)
      if (!name.includes('*')) {
        yield* readableSource(entries[0]).readRows(entries[0].inner, { columns, limit, findings })
        return
      }
      const readable = readableEntries(name, entries, findings)
      const united = uniteColumns(
        name,
        readable.map((entry) => entry.info),
        columns,
      )
      let left = limit
      for (const entry of readable) {
        if (left <= 0) return
        const own = ownColumns(entry, united)
        for await (const row of readableSource(entry).readRows(entry.inner, { columns: own, limit: left, findings })) {
          yield Object.fromEntries(
            united.map((column): [string, Cell] => [
              column.name,
              column.name === tableColumn ? entry.info.name : (row[column.name] ?? null),
            ]),
          )
          left--
        }
      }
    },
    async readColumns(name, columns, options): Promise<Frame> {
      const entries = await matching(name)
      if (!name.includes('*')) return readableSource(entries[0]).readColumns(entries[0].inner, columns, options)
      const findings: Finding[] = []
      const readable = readableEntries(name, entries, findings)
      const united = uniteColumns(
        name,
        readable.map((entry) => entry.info),
        columns,
      )
      const parts: { table: string; frame: Frame }[] = []
      for (const entry of readable) {
        parts.push({ table: entry.info.name, frame: await readableSource(entry).readColumns(entry.inner, ownColumns(entry, united)) })
      }
      const frame = concatFrames(parts, united)
      return { ...frame, findings: [...findings, ...(frame.findings ?? [])] }
    },
    async close() {
      for (const entries of opened.values()) for (const entry of await entries) await entry.source?.close()
    },
  }
}

/** Wanted columns that the table has; any one where it has none, so that its rows are still counted. */
function ownColumns(entry: Entry, united: { name: string }[]): string[] {
  const own = entry.info.columns.filter((column) => !column.unreadable).map((column) => column.name)
  const wanted = new Set(united.map((column) => column.name))
  const shared = own.filter((name) => wanted.has(name))
  return shared.length > 0 ? shared : own.slice(0, 1)
}

/** The tables of a union that can be read; the others are told as findings. Throws when none is left. */
function readableEntries(name: string, entries: Entry[], findings: Finding[] | undefined): Entry[] {
  const unreadable = entries.filter((entry) => entry.info.unreadable)
  if (unreadable.length === entries.length) readableSource(entries[0])
  if (unreadable.length > 0) {
    const examples = unreadable.slice(0, 20).map(({ info }) => ({ row: 0, value: `${info.name}: ${info.unreadable}` }))
    findings?.push({ rule: 'table cannot be read', severity: 'note', table: name, column: null, count: unreadable.length, examples })
  }
  return entries.filter((entry) => !entry.info.unreadable && entry.info.columns.length > 0)
}

function readableSource({ info, source }: Entry): Source {
  if (info.unreadable) throw new DomainError('source_unreadable', `Table ${info.name} cannot be read: ${info.unreadable}`)
  return source!
}

async function entriesOf(
  file: string,
  name: string,
  options: OpenOptions,
  openFile: (path: string, options: OpenOptions) => Promise<Source>,
): Promise<Entry[]> {
  try {
    const source = await openFile(file, options)
    const tables = await (source.outline?.() ?? source.tables())
    return tables.map((info) => ({
      source,
      inner: info.name,
      info: { ...info, name: tables.length === 1 ? name : `${name}/${info.name}` },
    }))
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return [{ source: null, inner: name, info: { name, columns: [], rows: null, unreadable: error.message } }]
  }
}

/** Table names of the files; two files of one name keep their extensions. */
function fileNames(files: string[], root: string): Map<string, string> {
  const stem = (file: string) => [...relative(root, file).split(sep).slice(0, -1), fileStem(file)].join('/').normalize('NFC')
  const uses = new Map<string, number>()
  for (const file of files) uses.set(stem(file), (uses.get(stem(file)) ?? 0) + 1)
  return new Map(
    files.map((file) => [file, uses.get(stem(file)) === 1 ? stem(file) : relative(root, file).split(sep).join('/').normalize('NFC')]),
  )
}

/** `*` stands for any characters within one part of the path. */
export function globPattern(table: string): RegExp {
  const parts = table.normalize('NFC').split('*')
  return new RegExp(`^${parts.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('[^/]*')}$`)
}

/** Whether a file of this name is, or may contain, the table. */
function couldHold(table: string, pattern: RegExp, file: string): boolean {
  if (pattern.test(file)) return true
  for (let at = table.indexOf('/'); at > 0; at = table.indexOf('/', at + 1)) {
    if (globPattern(table.slice(0, at)).test(file)) return true
  }
  return false
}

async function listFiles(root: string): Promise<{ files: string[]; ignored: FolderSource['ignored'] }> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files: string[] = []
  const ignored: FolderSource['ignored'] = []
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    const hidden = relative(root, path)
      .split(sep)
      .some((part) => part.startsWith('.') || part.startsWith('~$'))
    if (hidden || !(entry.isFile() || entry.isSymbolicLink())) continue
    if (kindByName(path)) files.push(path)
    else ignored.push({ path: relative(root, path), reason: refusedKinds[extension(path)] ?? 'a file of unknown type' })
  }
  if (files.length > filesMax) throw new DomainError('source_unsupported', `A folder may hold ${filesMax} files`)
  const order = (left: string, right: string) => left.localeCompare(right, 'en', { numeric: true })
  return { files: files.sort(order), ignored: ignored.sort((left, right) => order(left.path, right.path)) }
}
