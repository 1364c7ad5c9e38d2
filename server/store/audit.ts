/**
 * Who did what, in rows that cannot be changed (triggers) and whose change would show (each row's hash covers the one before).
 * A row is written in the transaction of the act itself.
 */
import { asc, desc, sql } from 'drizzle-orm'
import type { Db } from './open'
import { audit } from './schema'
import type { Tx } from './write-transaction'

export interface AuditInput {
  at: Date
  /** A user's id, or the name of a process: `cli`, `trainer`, `boot`. */
  actor: string
  /** What was done: `model.activate`. */
  action: string
  /** To what: a version, a document. */
  subject: string
  /** Plain data; no secrets. */
  details?: Record<string, unknown>
}
export type AuditRow = typeof audit.$inferSelect

/** Adds a row. Call it inside the transaction of the act. */
export function appendAudit(tx: Tx, { at, actor, action, subject, details = {} }: AuditInput): void {
  const last = tx.select({ id: audit.id, hash: audit.hash }).from(audit).orderBy(desc(audit.id)).limit(1).get()
  const row = {
    id: (last?.id ?? 0) + 1,
    at: at.getTime(),
    actor,
    action,
    subject,
    details: JSON.stringify(details),
    prevHash: last?.hash ?? '',
  }
  tx.insert(audit)
    .values({ ...row, hash: rowHash(row) })
    .run()
}

/** The newest rows first. */
export function listAudit(db: Db, { limit = 100 }: { limit?: number } = {}): AuditRow[] {
  return db.select(columns).from(audit).orderBy(desc(audit.id)).limit(limit).all()
}

/**
 * Walks the whole chain. Returns the id of the first row that is not what was written, or of the first that is missing; null
 * when all is well.
 */
export function verifyAuditChain(db: Db): number | null {
  let expected = 1
  let prevHash = ''
  for (;;) {
    const page = db.select(columns).from(audit).where(sql`${audit.id} >= ${expected}`).orderBy(asc(audit.id)).limit(1_000).all()
    if (page.length === 0) break
    for (const row of page) {
      if (row.id !== expected || row.prevHash !== prevHash || row.hash !== rowHash(row)) return expected
      expected++
      prevHash = row.hash
    }
  }
  // Rows cut off at the end leave the counter behind.
  const counter = db.get<[number] | undefined>(sql`select seq from sqlite_sequence where name = 'audit'`)
  return (counter?.[0] ?? 0) >= expected ? expected : null
}

const columns = {
  id: audit.id,
  at: audit.at,
  actor: audit.actor,
  action: audit.action,
  subject: audit.subject,
  details: audit.details,
  prevHash: audit.prevHash,
  hash: audit.hash,
}

/** SHA-256 over the row as one JSON list; a list has one spelling, so the hash has one too. */
function rowHash({ id, at, actor, action, subject, details, prevHash }: Omit<AuditRow, 'hash'>): string {
  return new Bun.CryptoHasher('sha256').update(JSON.stringify([prevHash, id, at, actor, action, subject, details])).digest('hex')
}
