/** Orders and schedule of the trainer. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { type JobProgress, type JobRequest, jobKinds, jobStatuses } from '../contract/training-job'
import { oneOf } from './one-of'

/** Orders for the trainer, which takes them one at a time. */
export const trainingJobs = sqliteTable(
  'training_jobs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    kind: text('kind', { enum: jobKinds }).notNull(),
    status: text('status', { enum: jobStatuses }).notNull(),
    request: text('request', { mode: 'json' }).$type<JobRequest>().notNull(),
    requestedBy: text('requested_by').notNull(),
    schedule: text('schedule'),
    attempt: integer('attempt').notNull(),
    createdAt: integer('created_at').notNull(),
    startedAt: integer('started_at'),
    endedAt: integer('ended_at'),
    /** Of the trainer that runs it; a job whose trainer is gone is taken up again or closed. */
    pid: integer('pid'),
    seenAt: integer('seen_at'),
    cancelRequested: integer('cancel_requested', { mode: 'boolean' }).notNull().default(false),
    progress: text('progress', { mode: 'json' }).$type<JobProgress>(),
    version: text('version'),
    failureCode: text('failure_code'),
    failureReason: text('failure_reason'),
  },
  (table) => [
    index('training_jobs_by_status').on(table.status),
    uniqueIndex('training_jobs_one_running').on(sql`"status" = 'running'`).where(sql`"status" = 'running'`),
    check('training_jobs_status', oneOf('status', jobStatuses)),
    check('training_jobs_kind', oneOf('kind', jobKinds)),
  ],
)

export const trainingSchedules = sqliteTable('training_schedules', {
  name: text('name').primaryKey(),
  /** Five fields, in the machine's time zone. */
  cron: text('cron').notNull(),
  request: text('request', { mode: 'json' }).$type<JobRequest>().notNull(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  lastEnqueuedAt: integer('last_enqueued_at'),
  createdBy: text('created_by').notNull(),
  createdAt: integer('created_at').notNull(),
})

/** The one trainer that took jobs last: alive while it was seen a moment ago. */
export const trainerStates = sqliteTable(
  'trainer_states',
  {
    id: integer('id').primaryKey(),
    pid: integer('pid').notNull(),
    host: text('host').notNull(),
    startedAt: integer('started_at').notNull(),
    seenAt: integer('seen_at').notNull(),
  },
  () => [check('trainer_states_one_row', sql`"id" = 1`)],
)
