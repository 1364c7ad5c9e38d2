/**
 * Documents: named profiles of a kind with append-only revisions, at most one profile of a kind active. Revision 0 stands for what
 * the product brings along and has no row. Going back appends the older content again.
 */
import { and, desc, eq, lt } from 'drizzle-orm'
import type { DocumentKind, DocumentRevision, ValueChange } from '../contract/document'
import { DomainError } from '../domain/error'
import { appendAudit } from './audit'
import type { Db } from './open'
import { documentRevisions, documents } from './schema'
import { type Tx, writeTransaction } from './write-transaction'

export interface DocumentName {
  kind: DocumentKind
  /** Of the profile. */
  name: string
}
export interface StoredRevision extends DocumentRevision {
  /** JSON as it was written. */
  content: string
}

export interface AppendInput extends DocumentName {
  /** The newest revision that the caller saw; null to append whatever is there. */
  ifRevision: number | null
  /** Makes the content from the newest revision (null: none yet). Null writes nothing. May refuse by throwing. */
  make: (newest: StoredRevision | null) => { content: string; changes: ValueChange[] } | null
  /** `config.patch` */
  action: string
  author: string
  note: string
  now: Date
  /** Whose content this brings back. */
  revertOf?: number
  /** For the audit row. */
  requestId?: string | null
}

/**
 * Adds a revision with its audit row. A kind's first profile becomes its active one.
 * @returns the newest revision; null when nothing was written and there is none
 * @throws stale_revision, what `make` throws, busy, storage_full, database_unavailable
 */
export function appendRevision(db: Db, input: AppendInput): Promise<StoredRevision | null> {
  const { kind, name, ifRevision, make, action, author, note, now, revertOf, requestId } = input
  return writeTransaction(db, (tx) => {
    const document = findDocument(tx, { kind, name })
    const newest = document === null ? null : findRevision(tx, document.id, document.revision)
    const before = newest?.revision ?? 0
    if (ifRevision !== null && ifRevision !== before) throw stale(before)
    const made = make(newest)
    if (made === null) return newest
    const { content, changes } = made
    const revision = before + 1
    const id = document === null ? insertDocument(tx, { kind, name }) : document.id
    tx.update(documents).set({ revision }).where(eq(documents.id, id)).run()
    const sha256 = hashOf(content)
    const at = now.getTime()
    tx.insert(documentRevisions)
      .values({ documentId: id, revision, content, sha256, author, note, at, revertOf: revertOf ?? null })
      .run()
    const details = {
      revision,
      changes,
      ...(note !== '' && { note }),
      ...(revertOf !== undefined && { revertOf }),
      ...(requestId && { requestId }),
    }
    appendAudit(tx, { at: now, actor: author, action, subject: `${kind}/${name}`, details })
    return { revision, content, sha256, author, note, at: now.toISOString(), revertOf: revertOf ?? null }
  })
}

/** Makes a profile the active one of its kind. @throws revision_unknown when there is no such profile */
export function activateProfile(db: Db, { kind, name, author, now }: DocumentName & { author: string; now: Date }): Promise<void> {
  return writeTransaction(db, (tx) => {
    const document = findDocument(tx, { kind, name })
    if (document === null) throw new DomainError('revision_unknown', 'there is no such profile')
    const from = activeProfile(tx, kind)
    if (from === name) return
    // the one that is active steps down first: there are never two
    tx.update(documents).set({ active: false }).where(eq(documents.kind, kind)).run()
    tx.update(documents).set({ active: true }).where(eq(documents.id, document.id)).run()
    const changes: ValueChange[] = [{ path: '/active', before: from, after: name }]
    appendAudit(tx, { at: now, actor: author, action: 'document.activate', subject: `${kind}/${name}`, details: { changes } })
  })
}

/** Name of a kind's active profile. */
export function activeProfile(db: Db | Tx, kind: DocumentKind): string | null {
  const where = and(eq(documents.kind, kind), eq(documents.active, true))
  return db.select({ name: documents.name }).from(documents).where(where).get()?.name ?? null
}

/** The newest revision of the active profile; null while there is none. */
export function currentRevision(db: Db | Tx, kind: DocumentKind): (StoredRevision & { name: string }) | null {
  const name = activeProfile(db, kind)
  const document = name === null ? null : findDocument(db, { kind, name })
  return document === null ? null : { name: name!, ...findRevision(db, document.id, document.revision) }
}

/** The newest first, at most `limit`; `before` pages on. */
export function listRevisions(
  db: Db,
  { kind, name, before = Number.MAX_SAFE_INTEGER, limit = 200 }: DocumentName & { before?: number; limit?: number },
): DocumentRevision[] {
  const document = findDocument(db, { kind, name })
  if (document === null) return []
  const { content: _content, ...head } = columns
  return db
    .select(head)
    .from(documentRevisions)
    .where(and(eq(documentRevisions.documentId, document.id), lt(documentRevisions.revision, before)))
    .orderBy(desc(documentRevisions.revision))
    .limit(limit)
    .all()
    .map((row) => ({ ...row, at: new Date(row.at).toISOString() }))
}

/** @throws revision_unknown */
export function getRevision(db: Db | Tx, { kind, name, revision }: DocumentName & { revision: number }): StoredRevision {
  const document = findDocument(db, { kind, name })
  if (document === null) throw new DomainError('revision_unknown', 'there is no such revision')
  return findRevision(db, document.id, revision)
}

/**
 * Asks which revision of a kind is valid, many times a second: one prepared statement. The number of the document is part of the
 * answer, since another profile may become active.
 */
export function followRevision(db: Db, kind: DocumentKind): () => { document: number; revision: number } | null {
  const statement = db.$client.prepare<{ document: number; revision: number }, [string]>(
    'SELECT id AS document, revision FROM documents WHERE kind = ? AND active = 1',
  )
  return () => statement.get(kind)
}

const columns = {
  revision: documentRevisions.revision,
  content: documentRevisions.content,
  sha256: documentRevisions.sha256,
  author: documentRevisions.author,
  note: documentRevisions.note,
  at: documentRevisions.at,
  revertOf: documentRevisions.revertOf,
}

function findDocument(db: Db | Tx, { kind, name }: DocumentName): { id: number; revision: number } | null {
  const where = and(eq(documents.kind, kind), eq(documents.name, name))
  return db.select({ id: documents.id, revision: documents.revision }).from(documents).where(where).get() ?? null
}

function findRevision(db: Db | Tx, document: number, revision: number): StoredRevision {
  const where = and(eq(documentRevisions.documentId, document), eq(documentRevisions.revision, revision))
  const row = db.select(columns).from(documentRevisions).where(where).get()
  if (row === undefined) throw new DomainError('revision_unknown', 'there is no such revision')
  return { ...row, at: new Date(row.at).toISOString() }
}

function insertDocument(tx: Tx, { kind, name }: DocumentName): number {
  const active = activeProfile(tx, kind) === null
  return tx.insert(documents).values({ kind, name, revision: 0, active }).returning({ id: documents.id }).get().id
}

const stale = (newest: number) =>
  new DomainError('stale_revision', 'it was changed meanwhile; read it again', {
    details: [{ path: '/headers/if-match', message: `the newest revision is ${newest}` }],
  })
const hashOf = (content: string): string => new Bun.CryptoHasher('sha256').update(content).digest('hex')
