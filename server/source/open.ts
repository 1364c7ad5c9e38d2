/** Opens whatever holds a plant's data: a file of a known kind, or a folder of such files. */
import { stat } from 'node:fs/promises'
import { DomainError } from '../domain/error'
import { openAccess } from './access/access'
import { openCsv } from './csv/csv'
import { openFolder } from './folder'
import { openJson } from './json'
import { extension, type FileKind, kindByContent, kindByName, refusedKinds } from './kind'
import { openNdjson } from './ndjson'
import { openParquet } from './parquet'
import type { OpenOptions, Source } from './source'
import { openSqlite } from './sqlite'
import { openXlsx } from './xlsx'

/** Adapters without options ignore them. */
type Opener = (path: string, options: OpenOptions) => Source | Promise<Source>

const openers: Partial<Record<FileKind, Opener>> = {
  access: openAccess,
  csv: openCsv,
  parquet: openParquet,
  json: openJson,
  ndjson: openNdjson,
  sqlite: openSqlite,
  xlsx: openXlsx,
}

/**
 * A read-only source over a file or a folder.
 * Throws `source_not_found`, `source_unsupported` (with the reason), `source_unreadable`, `source_password`.
 */
export async function openSource(path: string, options: OpenOptions = {}): Promise<Source> {
  const found = await stat(path).catch((cause) => {
    throw new DomainError('source_not_found', 'The source does not exist or may not be read', {
      cause,
      details: [{ path, message: 'not found' }],
    })
  })
  if (found.isDirectory()) return openFolder(path, options, openFile)
  if (!found.isFile()) throw new DomainError('source_unsupported', 'A source is a file or a folder')
  return openFile(path, options)
}

/** Opens one file by its name, and where that says nothing by its first bytes. */
export async function openFile(path: string, options: OpenOptions): Promise<Source> {
  const refusal = refusedKinds[extension(path)]
  if (refusal) throw new DomainError('source_unsupported', `The file cannot be read: ${refusal}`)
  const kind = (await kindByContent(path)) ?? kindByName(path)
  const open = kind && openers[kind]
  if (!open) throw new DomainError('source_unsupported', 'The file is of no kind that can be read')
  return open(path, options)
}
