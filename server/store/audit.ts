/**
 * Who did what, in rows that cannot be changed (triggers) and whose change would show (each row's hash covers the one before).
 * A row is written in the transaction of the act itself.
 */
import { and, asc, desc, eq, like, lt, or, sql } from 'drizzle-orm'
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

export interface AuditQuery {
  limit?: number
  /** Only rows before this id: the `id` of a page's last row brings the next page. */
  before?: number
  /** One action, or with its first part alone (`account`) all of that part. */
  action?: string
  actor?: string
}

/** The newest rows first. */
export const listAudit = (db: Db, { limit = 100, before, action, actor }: AuditQuery = {}): AuditRow[] =>
  db
    .select(columns)
    .from(audit)
    .where(
      and(
        before === undefined ? undefined : lt(audit.id, before),
        action === undefined ? undefined : or(eq(audit.action, action), like(audit.action, `${action.replace(/[%_]/g, '')}.%`)),
        actor === undefined ? undefined : eq(audit.actor, actor),
      ),
    )
    .orderBy(desc(audit.id))
    .limit(limit)
    .all()

/** The newest row; its hash covers all before it. Null while there is none. */
export const auditHead = (db: Db): { id: number; hash: string } | null =>
  db.select({ id: audit.id, hash: audit.hash }).from(audit).orderBy(desc(audit.id)).limit(1).get() ?? null

/**
 * Walks the whole chain. Returns the id of the first row that is not what was written, or of the first that is missing; null
 * when all is well.
 */
export function verifyAuditChain(db: Db): number | null {
  for (const found of walkChain(db)) if (found !== 'go on') return found
  return null
}

/** The same with a turn for others after each thousand rows. */
export async function verifyAuditChainInTurns(db: Db): Promise<number | null> {
  for (const found of walkChain(db)) {
    if (found !== 'go on') return found
    await new Promise(setImmediate)
  }
  return null
}

function* walkChain(db: Db): Generator<number | null | 'go on'> {
  let expected = 1
  let prevHash = ''
  for (;;) {
    const page = db.select(columns).from(audit).where(sql`${audit.id} >= ${expected}`).orderBy(asc(audit.id)).limit(1_000).all()
    if (page.length === 0) break
    for (const row of page) {
      if (row.id !== expected || row.prevHash !== prevHash || row.hash !== rowHash(row)) {
        yield expected
        return
      }
      expected++
      prevHash = row.hash
    }
    yield 'go on'
  }
  // Rows cut off at the end leave the counter behind.
  const counter = db.get<[number] | undefined>(sql`select seq from sqlite_sequence where name = 'audit'`)
  yield (counter?.[0] ?? 0) >= expected ? expected : null
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
