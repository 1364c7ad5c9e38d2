/** Keys of machine clients: `rw_<id>_<secret>`, shown once. */
import { timingSafeEqual } from 'node:crypto'
import type { ApiKey, ApiKeyRequest, CreatedApiKey } from '../../contract/api-key'
import type { Actor } from '../../domain/actor'
import { DomainError } from '../../domain/error'
import { type ApiKeyRow, insertKey, type KeyRead, listKeys, revokeKey } from '../../store/api-key'
import { appendAudit } from '../../store/audit'
import type { Db } from '../../store/open'
import { writeTransaction } from '../../store/write-transaction'
import { hashSecret, randomBase62 } from './secret'

const dayMs = 86_400_000
const keysMax = 200
const pattern = /^rw_([A-Za-z0-9]{12})_([A-Za-z0-9]{43})$/

export interface KeyAct {
  actor: Actor
  now: Date
}

/** Makes a key. Throws `account_conflict` where there are 200 in use, `busy`, `storage_full`, `database_unavailable`. */
export function createKey(db: Db, { name, scopes, expiresInDays }: ApiKeyRequest, { actor, now }: KeyAct): Promise<CreatedApiKey> {
  const [id, secret] = [randomBase62(12), randomBase62(43)]
  const expiresAt = expiresInDays === undefined ? null : new Date(now.getTime() + expiresInDays * dayMs)
  return writeTransaction(db, (tx) => {
    if (listKeys(tx, { limit: keysMax }).filter(({ revokedAt }) => revokedAt === null).length >= keysMax) {
      throw new DomainError('account_conflict', `there are ${keysMax} keys; revoke one that is not used`)
    }
    const row = insertKey(tx, { id, name, secretHash: hashSecret(secret), scopes, createdBy: actor.name, now, expiresAt })
    const after = { name, scopes, expiresAt: row.expiresAt }
    appendAudit(tx, {
      at: now,
      actor: actor.name,
      action: 'key.create',
      subject: id,
      details: { before: null, after, requestId: actor.requestId },
    })
    return { key: `rw_${id}_${secret}`, apiKey: toApiKey(row) }
  })
}

/** Ends a key for good. Throws `key_unknown`; one that is revoked already stays as it is. */
export function endKey(db: Db, id: string, { actor, now }: KeyAct): Promise<ApiKey> {
  return writeTransaction(db, (tx) => {
    const { key, changed } = revokeKey(tx, { id, now })
    if (changed) {
      const details = { name: key.name, before: { revokedAt: null }, after: { revokedAt: key.revokedAt }, requestId: actor.requestId }
      appendAudit(tx, { at: now, actor: actor.name, action: 'key.revoke', subject: id, details })
    }
    return toApiKey(key)
  })
}

/** At most 200; those in use first, the newest on top. */
export const allKeys = (db: Db): ApiKey[] => listKeys(db, { limit: keysMax }).map(toApiKey)

/** The key that was presented, where it is known, not revoked and not too old; null otherwise. Never throws on what a client sent. */
export function checkKey(read: KeyRead, presented: string, now: Date): ApiKeyRow | null {
  const [, id, secret] = pattern.exec(presented) ?? []
  if (id === undefined || secret === undefined) return null
  const key = read(id)
  if (key === null || !timingSafeEqual(Buffer.from(hashSecret(secret)), Buffer.from(key.secretHash))) return null
  const { secretHash: _, ...row } = key
  return isOpen(row, now) ? row : null
}

/** Not revoked, and not too old. */
export const isOpen = ({ revokedAt, expiresAt }: ApiKeyRow, now: Date): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now.getTime())

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
const toApiKey = ({ createdAt, expiresAt, lastUsedAt, revokedAt, ...key }: ApiKeyRow): ApiKey => ({
  ...key,
  createdAt: new Date(createdAt).toISOString(),
  expiresAt: iso(expiresAt),
  lastUsedAt: iso(lastUsedAt),
  revokedAt: iso(revokedAt),
})
