/** Keys of machine clients; only hashes are kept. */
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

/** With its hash, for whoever checks a key that was presented; also revoked and expired ones. */
export const findKey = (db: Reader, id: string): (ApiKeyRow & { secretHash: string }) | null =>
  db
    .select({ ...columns, secretHash: apiKeys.secretHash })
    .from(apiKeys)
    .where(eq(apiKeys.id, id))
    .get() ?? null

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
