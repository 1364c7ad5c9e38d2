/** Files and sources for the tests of adapters: real bytes in a folder of their own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Column } from '../../server/domain/plant'
import { openSource } from '../../server/source/open'
import type { Cell, OpenOptions, ReadRowsOptions, Source } from '../../server/source/source'

export interface Folder {
  path: string
  write(name: string, content: string | Uint8Array): string
  remove(): void
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'routewright-source-'))
  return {
    path,
    write(name, content) {
      const file = join(path, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      return file
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** All rows of the first or the named table. */
export async function rowsOf(source: Source, table?: string, options?: ReadRowsOptions): Promise<Record<string, Cell>[]> {
  const rows: Record<string, Cell>[] = []
  for await (const row of source.readRows(table ?? (await source.tables())[0].name, options)) rows.push({ ...row })
  return rows
}

/** Values of a column: texts ('' for missing) or numbers (NaN for missing). */
export function valuesOf(column: Column | undefined): (string | number)[] {
  if (!column) throw new Error('no such column in the frame')
  return column.kind === 'text' ? Array.from(column.codes, (code) => column.dictionary[code]) : [...column.values]
}

export async function withSource<T>(path: string, use: (source: Source) => Promise<T>, options?: OpenOptions): Promise<T> {
  const source = await openSource(path, options)
  try {
    return await use(source)
  } finally {
    await source.close()
  }
}

/** The code of the DomainError that a promise ends with. */
export async function problemOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason) => reason,
  )
  return (error as { code?: string } | null)?.code ?? `no problem: ${error}`
}
