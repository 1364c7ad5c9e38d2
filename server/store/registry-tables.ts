/** Versions, which one serves, the ledger, the audit, training runs. */
import { sql } from 'drizzle-orm'
import { type AnySQLiteColumn, check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ManifestBody } from '../contract/manifest'
import { activationKinds, type Quality, versionStatuses } from '../contract/version'
import { oneOf } from './one-of'

export const runStatuses = ['running', 'done', 'failed', 'aborted'] as const

/** The id is the fencing token of the trainer's lock: it only grows, and only the newest run may register. */
export const trainingRuns = sqliteTable(
  'training_runs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    status: text('status', { enum: runStatuses }).notNull(),
    pid: integer('pid').notNull(),
    host: text('host').notNull(),
    command: text('command').notNull(),
    startedAt: integer('started_at').notNull(),
    endedAt: integer('ended_at'),
    version: text('version'),
    /** Problem code and sentence when it failed. */
    failureCode: text('failure_code'),
    failureReason: text('failure_reason'),
  },
  (table) => [check('training_runs_status', oneOf('status', runStatuses)), index('training_runs_by_status').on(table.status)],
)

export const modelVersions = sqliteTable(
  'model_versions',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    version: text('version').notNull().unique(),
    status: text('status', { enum: versionStatuses }).notNull(),
    notes: text('notes').notNull().default(''),
    /** Below the models folder. */
    manifestPath: text('manifest_path').notNull(),
    manifestSha256: text('manifest_sha256').notNull(),
    /** The exact text, so that a lost manifest can be written again. */
    manifestText: text('manifest_text').notNull(),
    bytes: integer('bytes').notNull(),
    counts: text('counts', { mode: 'json' }).$type<ManifestBody['counts']>().notNull(),
    recall: text('recall', { mode: 'json' }).$type<ManifestBody['recall']>().notNull(),
    quality: text('quality', { mode: 'json' }).$type<Quality>(),
    trainingRun: integer('training_run').references(() => trainingRuns.id),
    createdAt: integer('created_at').notNull(),
    registeredAt: integer('registered_at').notNull(),
    activatedAt: integer('activated_at'),
    failureCode: text('failure_code'),
    failureReason: text('failure_reason'),
    /** When its files were given up; the row stays, because the ledger names it. */
    deletedAt: integer('deleted_at'),
  },
  (table) => [
    uniqueIndex('model_versions_one_active').on(table.status).where(sql`"status" = 'active'`),
    check('model_versions_status', oneOf('status', versionStatuses)),
    check('model_versions_sha256', sql`length("manifest_sha256") = 64`),
    check('model_versions_failure', sql`("status" = 'failed') = ("failure_code" is not null)`),
  ],
)

export const versionReference = (name: string) => text(name).references((): AnySQLiteColumn => modelVersions.version)

/** The one row that says which version serves. */
export const modelState = sqliteTable(
  'model_state',
  {
    id: integer('id').primaryKey(),
    activeVersion: versionReference('active_version'),
    previousVersion: versionReference('previous_version'),
    epoch: integer('epoch').notNull(),
    changedAt: integer('changed_at'),
  },
  () => [
    check('model_state_one_row', sql`"id" = 1`),
    check('model_state_epoch', sql`"epoch" >= 0`),
    check('model_state_previous', sql`"previous_version" is null or "previous_version" <> "active_version"`),
  ],
)

export const activations = sqliteTable(
  'activations',
  {
    epoch: integer('epoch').primaryKey(),
    kind: text('kind', { enum: activationKinds }).notNull(),
    fromVersion: versionReference('from_version'),
    toVersion: versionReference('to_version').notNull(),
    who: text('who').notNull(),
    why: text('why').notNull(),
    at: integer('at').notNull(),
  },
  () => [check('activations_kind', oneOf('kind', activationKinds))],
)

/** Starts that are opening the active version. A row whose process is dead tells of a version that took the process with it. */
export const bootAttempts = sqliteTable('boot_attempts', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  version: versionReference('version').notNull(),
  pid: integer('pid').notNull(),
  at: integer('at').notNull(),
})

/** Append-only; each row carries the hash of the one before it. */
export const audit = sqliteTable('audit', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  at: integer('at').notNull(),
  actor: text('actor').notNull(),
  action: text('action').notNull(),
  subject: text('subject').notNull(),
  /** JSON, kept as written: the hash is over its characters. */
  details: text('details').notNull(),
  prevHash: text('prev_hash').notNull(),
  hash: text('hash').notNull().unique(),
})

/** What was verified about a file, see server/artifacts/file-check.ts. */
export const fileStamps = sqliteTable('file_stamps', {
  path: text('path').primaryKey(),
  dev: text('dev').notNull(),
  ino: text('ino').notNull(),
  size: integer('size').notNull(),
  mtimeNs: text('mtime_ns').notNull(),
  ctimeNs: text('ctime_ns').notNull(),
  sha256: text('sha256').notNull(),
  verifiedAtMs: integer('verified_at').notNull(),
})
