/** Keys of machine clients; only hashes are kept. */
import type { Database } from 'bun:sqlite'
import { and, desc, eq, isNull, lt, or, sql } from 'drizzle-orm'
import type { KeyScope } from '../contract/api-key'
import { DomainError } from '../domain/error'
import { apiKeys } from './schema'
import type { Reader } from './user'
import type { Tx } from './write-transaction'

/** A key without its hash. */
const columns = {
  id: apiKeys.id,
  name: apiKeys.name,
  scopes: apiKeys.scopes,
  createdBy: apiKeys.createdBy,
  createdAt: apiKeys.createdAt,
  expiresAt: apiKeys.expiresAt,
  lastUsedAt: apiKeys.lastUsedAt,
  revokedAt: apiKeys.revokedAt,
}
export type ApiKeyRow = Omit<typeof apiKeys.$inferSelect, 'secretHash'>

export interface NewApiKey {
  id: string
  name: string
  secretHash: string
  scopes: KeyScope[]
  createdBy: string
  now: Date
  expiresAt: Date | null
}

export const insertKey = (tx: Tx, { now, expiresAt, ...key }: NewApiKey): ApiKeyRow =>
  tx
    .insert(apiKeys)
    .values({ ...key, createdAt: now.getTime(), expiresAt: expiresAt?.getTime() ?? null })
    .returning(columns)
    .get()

interface KeyText extends Omit<ApiKeyRow, 'scopes'> {
  scopes: string
  secretHash: string
}

/**
 * With its hash, for whoever checks a key that was presented; also revoked and expired ones. Every request with a key asks: prepared
 * once, and without the query builder, half of the time.
 */
export const prepareKeyRead = (db: { $client: Database }) => {
  const read = db.$client.prepare<KeyText, [string]>(
    `SELECT id, name, scopes, created_by AS createdBy, created_at AS createdAt, expires_at AS expiresAt, last_used_at AS lastUsedAt,
     revoked_at AS revokedAt, secret_hash AS secretHash FROM api_keys WHERE id = ?`,
  )
  return (id: string): (ApiKeyRow & { secretHash: string }) | null => {
    const row = read.get(id)
    return row && { ...row, scopes: JSON.parse(row.scopes) as KeyScope[] }
  }
}
export type KeyRead = ReturnType<typeof prepareKeyRead>

export const findKey = (db: { $client: Database }, id: string): ReturnType<KeyRead> => prepareKeyRead(db)(id)

/** The newest first, the revoked ones last. */
export const listKeys = (db: Reader, { limit = 200 }: { limit?: number } = {}): ApiKeyRow[] =>
  db.select(columns).from(apiKeys).orderBy(sql`${apiKeys.revokedAt} is not null`, desc(apiKeys.createdAt)).limit(limit).all()

/** Throws `key_unknown`; a key that is revoked already keeps its time. */
export function revokeKey(tx: Tx, { id, now }: { id: string; now: Date }): { key: ApiKeyRow; changed: boolean } {
  const changed = tx
    .update(apiKeys)
    .set({ revokedAt: now.getTime() })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning(columns)
    .get()
  if (changed !== undefined) return { key: changed, changed: true }
  const key = tx.select(columns).from(apiKeys).where(eq(apiKeys.id, id)).get()
  if (key === undefined) throw new DomainError('key_unknown', 'there is no such key')
  return { key, changed: false }
}

/** When keys were used last, Unix ms per id; a time never goes back. */
export function touchKeys(tx: Tx, uses: ReadonlyMap<string, number>): void {
  for (const [id, at] of uses) {
    const older = or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, at))
    tx.update(apiKeys)
      .set({ lastUsedAt: at })
      .where(and(eq(apiKeys.id, id), older))
      .run()
  }
}
