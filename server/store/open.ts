/** The one database file of the product, opened with its pragmas in order and brought to the newest shape. */
import { Database } from 'bun:sqlite'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BunSQLiteDatabase, drizzle } from 'drizzle-orm/bun-sqlite'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { DomainError } from '../domain/error'
import { backUp } from './backup'
import * as schema from './schema'
import { storeProblem } from './store-problem'

export type Db = BunSQLiteDatabase<typeof schema> & { $client: Database; $guard?: StoreGuard }

/** What a serving process watches about its database. */
export interface StoreGuard {
  /** Another file lies under the name: what is written now, nobody would ever see. */
  isReplaced: () => boolean
  /** Writes given up because another process held the lock. */
  busy: number
}

/** How long a statement may wait for another process, ms. Writes do not wait this way: see write-transaction.ts. */
export const STATEMENT_WAIT_MS = 2_000
const migrationsDirectory = join(import.meta.dir, '..', '..', 'drizzle')

/**
 * Opens (and makes, where absent) the database and applies the migrations that it lacks. `:memory:` works.
 * Throws `database_unavailable` when it cannot be opened, is damaged or was written by a newer release, `busy` when another
 * process holds it locked, `storage_full`.
 */
export function openStore(path: string): Db {
  let client: Database | undefined
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    client = new Database(path, { create: true })
    // First, so that the others wait for another process instead of failing.
    client.run(`PRAGMA busy_timeout = ${STATEMENT_WAIT_MS}`)
    // Readers and the one writer do not wait for each other.
    client.run('PRAGMA journal_mode = WAL')
    // A commit that was answered survives a power cut (215 µs each).
    client.run('PRAGMA synchronous = FULL')
    client.run('PRAGMA foreign_keys = ON')
    client.run('PRAGMA trusted_schema = OFF')
    migrate(client, path)
    return drizzle(client, { schema }) as Db
  } catch (error) {
    client?.close()
    throw storeProblem(error)
  }
}

/** Closes the database; the write-ahead log is folded in. */
export function closeStore(db: Db): void {
  // Statements that are not collected yet would keep SQLite from doing this itself.
  db.$client.run('PRAGMA busy_timeout = 0')
  db.$client.run('PRAGMA wal_checkpoint(TRUNCATE)')
  db.$client.close()
}

interface Applied {
  created_at: number
}

/**
 * Applies missing migrations in one exclusive step: drizzle's own migrator decides before it locks, so two processes that start
 * together would both apply them. The table is drizzle's. A database with data is copied first.
 */
function migrate(client: Database, path: string): void {
  const migrations = readMigrationFiles({ migrationsFolder: migrationsDirectory })
  const newest = migrations.at(-1)!.folderMillis
  const last = () => {
    const table = client.query("SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'").get()
    if (!table) return 0
    const row = client.query<Applied, []>('SELECT created_at FROM __drizzle_migrations ORDER BY created_at DESC LIMIT 1').get()
    return Number(row?.created_at ?? 0)
  }
  if (last() > newest) throw new DomainError('database_unavailable', 'the database was written by a newer release of the product')
  if (last() === newest) return
  client
    .transaction(() => {
      client.run('CREATE TABLE IF NOT EXISTS __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)')
      const done = last()
      // what a newer release changes can be had back as it was
      if (done > 0 && done < newest && path !== ':memory:') backUp(path, { now: new Date() })
      for (const { folderMillis, hash, sql } of migrations) {
        if (folderMillis <= done) continue
        for (const statement of sql) client.run(statement)
        client.run('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)', [hash, folderMillis])
      }
    })
    .immediate()
}
