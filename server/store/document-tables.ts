/** Documents and their revisions. */
import { sql } from 'drizzle-orm'
import { type AnySQLiteColumn, check, integer, primaryKey, sqliteTable, text, unique, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { documentKinds } from '../contract/document'
import { oneOf } from './one-of'

/** Configuration, mappings and the like: named profiles of a kind, at most one of a kind active. */
export const documents = sqliteTable(
  'documents',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    kind: text('kind', { enum: documentKinds }).notNull(),
    name: text('name').notNull(),
    /** The newest revision, which is the valid one. */
    revision: integer('revision').notNull(),
    active: integer('active', { mode: 'boolean' }).notNull(),
  },
  (table) => [
    unique('documents_name').on(table.kind, table.name),
    uniqueIndex('documents_one_active').on(table.kind).where(sql`"active" = 1`),
    check('documents_kind', oneOf('kind', documentKinds)),
  ],
)

/** Append-only (triggers). Going back appends the older content again. */
export const documentRevisions = sqliteTable(
  'document_revisions',
  {
    documentId: integer('document_id')
      .notNull()
      .references((): AnySQLiteColumn => documents.id),
    revision: integer('revision').notNull(),
    /** JSON as written; `sha256` is over its characters. */
    content: text('content').notNull(),
    sha256: text('sha256').notNull(),
    author: text('author').notNull(),
    note: text('note').notNull(),
    at: integer('at').notNull(),
    /** The revision whose content this one brought back. */
    revertOf: integer('revert_of'),
  },
  (table) => [primaryKey({ columns: [table.documentId, table.revision] })],
)
