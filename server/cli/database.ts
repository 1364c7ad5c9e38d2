/** What commands on the database share: its flag, opening it, and printing for people or programs. */
import { existsSync } from 'node:fs'
import { DomainError } from '../domain/error'
import { parseEnv } from '../env'
import { closeStore, type Db, openStore } from '../store/open'
import { folded } from './terminal'

export const databaseArgs = {
  database: { type: 'string', description: 'Database file (ROUTEWRIGHT_DATABASE, else ./data/routewright.sqlite)', valueHint: 'FILE' },
  json: { type: 'boolean', description: 'JSON on standard output', default: false },
} as const

export interface DatabaseArgs {
  database?: string
  json: boolean
}

export const databasePathOf = ({ database }: { database?: string }): string =>
  parseEnv(process.env, { databasePath: database }).databasePath

/** Runs `use` with the database. Only `create` makes one: elsewhere a wrong path must not pass for an empty database. */
export async function withDatabase<T>(args: DatabaseArgs, use: (db: Db) => Promise<T> | T, { create = false } = {}): Promise<T> {
  const path = databasePathOf(args)
  if (!create && !existsSync(path)) {
    throw new DomainError('not_found', 'there is no database at this place: name it with --database', {
      details: [{ path, message: 'no such file' }],
    })
  }
  const db = openStore(path)
  try {
    return await use(db)
  } finally {
    closeStore(db)
  }
}

export const print = ({ json }: { json: boolean }, value: unknown, text: () => string): void =>
  void process.stdout.write(`${json ? JSON.stringify(value) : folded(text())}\n`)
