/** Serving processes, switches of versions on their way, and figures of requests. */
import { sql } from 'drizzle-orm'
import { type AnySQLiteColumn, check, index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { type ActivationStep, intentStatuses } from '../contract/activation'
import { activationKinds } from '../contract/version'
import { oneOf } from './one-of'
import { versionReference } from './registry-tables'

/** What every serving process says of itself, at least once a second while it lives. */
export const workerStates = sqliteTable('worker_states', {
  /** Random, made at start: a number may be taken again by the next process. */
  bootId: text('boot_id').primaryKey(),
  worker: integer('worker').notNull(),
  pid: integer('pid').notNull(),
  startedAt: integer('started_at').notNull(),
  seenAt: integer('seen_at').notNull(),
  /** What it serves: null while no version is active. */
  version: text('version'),
  epoch: integer('epoch').notNull(),
  configRevision: integer('config_revision').notNull(),
  /** Versions whose files it has mapped. */
  mapped: text('mapped', { mode: 'json' }).$type<string[]>().notNull(),
  /** Answers under way from a version that it serves no more. */
  draining: integer('draining').notNull().default(0),
  stopping: integer('stopping', { mode: 'boolean' }).notNull().default(false),
})

/** A switch of versions on its way: prepared by every worker, then committed or given up. */
export const activationIntents = sqliteTable(
  'activation_intents',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    version: versionReference('version').notNull(),
    kind: text('kind', { enum: activationKinds }).notNull(),
    status: text('status', { enum: intentStatuses }).notNull(),
    /** The epoch that it replaces. */
    ifEpoch: integer('if_epoch').notNull(),
    who: text('who').notNull(),
    why: text('why').notNull(),
    /** The process that leads it. */
    coordinator: text('coordinator').notNull(),
    startedAt: integer('started_at').notNull(),
    endedAt: integer('ended_at'),
    failureCode: text('failure_code'),
    failureReason: text('failure_reason'),
    /** Each step with its time, for the screens. */
    steps: text('steps', { mode: 'json' }).$type<ActivationStep[]>().notNull(),
  },
  () => [
    uniqueIndex('activation_intents_one_open').on(sql`"status" = 'preparing'`).where(sql`"status" = 'preparing'`),
    check('activation_intents_status', oneOf('status', intentStatuses)),
  ],
)

/** How a worker came along with a switch. */
export const intentAnswers = sqliteTable(
  'intent_answers',
  {
    intentId: integer('intent_id')
      .notNull()
      .references((): AnySQLiteColumn => activationIntents.id),
    bootId: text('boot_id').notNull(),
    prepared: integer('prepared', { mode: 'boolean' }).notNull(),
    failureCode: text('failure_code'),
    failureReason: text('failure_reason'),
    prepareMs: real('prepare_ms').notNull(),
    at: integer('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.intentId, table.bootId] })],
)

/** How a version does after its switch: counts of one worker under one epoch, while it is on probation. */
export const probationCounts = sqliteTable(
  'probation_counts',
  {
    epoch: integer('epoch').notNull(),
    bootId: text('boot_id').notNull(),
    requests: integer('requests').notNull(),
    failures: integer('failures').notNull(),
    empty: integer('empty').notNull(),
    /** Computed for longer than anybody should wait, queues not counted. */
    slow: integer('slow').notNull().default(0),
    at: integer('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.epoch, table.bootId] })],
)

/** Requests of one minute by worker, route, status class, version and configuration; a latency is a bucket of a log histogram. */
export const minuteStats = sqliteTable(
  'minute_stats',
  {
    /** Minutes since 1970, UTC. */
    minute: integer('minute').notNull(),
    bootId: text('boot_id').notNull(),
    route: text('route').notNull(),
    version: text('version').notNull(),
    epoch: integer('epoch').notNull(),
    configRevision: integer('config_revision').notNull(),
    requests: integer('requests').notNull(),
    clientErrors: integer('client_errors').notNull(),
    serverErrors: integer('server_errors').notNull(),
    shed: integer('shed').notNull(),
    cacheHits: integer('cache_hits').notNull(),
    cacheMisses: integer('cache_misses').notNull(),
    /** Bucket → count, see server/domain/latency-histogram.ts. */
    latency: text('latency', { mode: 'json' }).$type<Record<string, number>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.minute, table.bootId, table.route, table.version, table.epoch, table.configRevision] })],
)

/** The slowest requests, with their stages. */
export const slowRequests = sqliteTable(
  'slow_requests',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    requestId: text('request_id').notNull(),
    route: text('route').notNull(),
    status: integer('status').notNull(),
    latencyMs: real('latency_ms').notNull(),
    thresholdMs: real('threshold_ms').notNull(),
    version: text('version'),
    epoch: integer('epoch'),
    configRevision: integer('config_revision'),
    /** Stage → ms. */
    stages: text('stages', { mode: 'json' }).$type<Record<string, number>>().notNull(),
    /** ef_search, k, loop lag, requests under way and the like; never what was asked. */
    details: text('details', { mode: 'json' }).$type<Record<string, string | number>>().notNull(),
  },
  (table) => [index('slow_requests_by_time').on(table.at)],
)
