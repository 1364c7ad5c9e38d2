/**
 * Copies of the database, made while it is in use: consistent, and checked before they count. Before a newer release changes the
 * tables, each day, and on order; the newest seven stay. They hold hashes of passwords and keys, and no key that signs.
 */
import { Database } from 'bun:sqlite'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DomainError } from '../domain/error'
import { storeProblem } from './store-problem'

export const BACKUPS_KEPT = 7

export interface Backup {
  path: string
  bytes: number
  /** Unix milliseconds. */
  at: number
}

/** Folder of the copies of a database: beside it. */
export const backupFolder = (databasePath: string): string => join(dirname(databasePath), 'backups')

/**
 * Writes a copy and returns it. Synchronous: it takes as long as reading and writing the whole database, so a server does it in a thread
 * of its own (backup-thread.ts).
 * Throws `storage_full`, `busy`, `database_unavailable` (also when the copy does not pass its check); nothing is left then.
 */
export function backUp(databasePath: string, { now, folder = backupFolder(databasePath) }: { now: Date; folder?: string }): Backup {
  mkdirSync(folder, { recursive: true })
  const name = `${basename(databasePath)}.${now.toISOString().replace(/[-:]/g, '').replace('.', '-')}`
  const path = join(folder, name)
  const draft = `${path}.tmp`
  try {
    const source = new Database(databasePath, { readwrite: true })
    try {
      source.run('PRAGMA busy_timeout = 5000')
      source.query('VACUUM INTO ?').run(draft)
    } finally {
      source.close()
    }
    chmodSync(draft, 0o600)
    const finding = damageOf(draft)
    if (finding !== null) throw new DomainError('database_unavailable', 'the copy of the database is damaged, and so may the database be')
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw storeProblem(error)
  }
  for (const old of listBackups(databasePath, folder).slice(BACKUPS_KEPT)) rmSync(old.path, { force: true })
  return { path, bytes: statSync(path).size, at: now.getTime() }
}

/** The newest first; drafts are none. */
export function listBackups(databasePath: string, folder = backupFolder(databasePath)): Backup[] {
  if (!existsSync(folder)) return []
  const pattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)-(\d{3})Z$/
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(databasePath)}.`))
    .flatMap((name) => {
      const match = pattern.exec(name.slice(basename(databasePath).length + 1))
      if (match === null) return []
      const [year, month, day, hour, minute, second, ms] = match.slice(1)
      const path = join(folder, name)
      return [{ path, bytes: statSync(path).size, at: Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`) }]
    })
    .sort((a, b) => b.at - a.at)
}

/** What `quick_check` finds, null when the file is sound; a file that SQLite cannot read at all is damaged too. */
export function damageOf(path: string): string | null {
  let client: Database | undefined
  try {
    client = new Database(path, { readonly: true })
    const rows = client.query<{ quick_check: string }, []>('PRAGMA quick_check(1)').all()
    return rows.length === 1 && rows[0].quick_check === 'ok' ? null : (rows[0]?.quick_check ?? 'no answer')
  } catch (error) {
    return error instanceof Error ? error.message : 'cannot be read'
  } finally {
    client?.close()
  }
}
