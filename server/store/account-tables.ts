/** People, their sessions, machines' keys, and what slows guessing down. */
import { type AnySQLiteColumn, check, index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { accountStatuses, personRoles } from '../contract/account'
import type { KeyScope } from '../contract/api-key'
import { oneOf } from './one-of'

/** People. The login is kept as it is compared: NFKC, lower case. */
export const users = sqliteTable(
  'users',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    login: text('login').notNull().unique(),
    name: text('name').notNull().default(''),
    role: text('role', { enum: personRoles }).notNull(),
    status: text('status', { enum: accountStatuses }).notNull(),
    /** Argon2id in its own notation; null while none was set (the first admin before a password). */
    passwordHash: text('password_hash'),
    /** Grows with every change that must end what was issued before: password, role, suspension. */
    tokenEpoch: integer('token_epoch').notNull().default(0),
    mustChangePassword: integer('must_change_password', { mode: 'boolean' }).notNull().default(false),
    /** SHA-256 of the ticket with which the one who registered waits for the decision; null once used. */
    ticketHash: text('ticket_hash').unique(),
    createdAt: integer('created_at').notNull(),
    /** Who decided about the registration, when and, for a refusal, why. */
    decidedBy: text('decided_by'),
    decidedAt: integer('decided_at'),
    decisionReason: text('decision_reason'),
    lastLoginAt: integer('last_login_at'),
  },
  (table) => [
    index('users_by_status').on(table.status),
    check('users_role', oneOf('role', personRoles)),
    check('users_status', oneOf('status', accountStatuses)),
  ],
)

const userReference = (name: string) => integer(name).references((): AnySQLiteColumn => users.id)

/** One row a login; all refresh tokens of the login are its family. */
export const sessions = sqliteTable(
  'sessions',
  {
    /** 128 random bits, in the access token as `sid`. */
    id: text('id').primaryKey(),
    userId: userReference('user_id').notNull(),
    /** SHA-256 of the refresh token that is valid, and of the one before it (a grace for parallel tabs; later it betrays a theft). */
    refreshHash: text('refresh_hash').notNull().unique(),
    previousRefreshHash: text('previous_refresh_hash'),
    refreshedAt: integer('refreshed_at').notNull(),
    createdAt: integer('created_at').notNull(),
    lastSeenAt: integer('last_seen_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    endedAt: integer('ended_at'),
    endedWhy: text('ended_why'),
    userAgent: text('user_agent').notNull().default(''),
    address: text('address').notNull().default(''),
  },
  (table) => [index('sessions_by_user').on(table.userId), index('sessions_by_previous').on(table.previousRefreshHash)],
)

/** Codes by which an admin lets a person set a new password; used once, 24 hours. */
export const resetCodes = sqliteTable('reset_codes', {
  codeHash: text('code_hash').primaryKey(),
  userId: userReference('user_id').notNull(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at').notNull(),
  usedAt: integer('used_at'),
})

/** Keys of machine clients. Only the hash is kept. */
export const apiKeys = sqliteTable('api_keys', {
  /** The public half of the key: shown in lists, found by. */
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  secretHash: text('secret_hash').notNull(),
  scopes: text('scopes', { mode: 'json' }).$type<KeyScope[]>().notNull(),
  createdBy: text('created_by').notNull(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at'),
  lastUsedAt: integer('last_used_at'),
  revokedAt: integer('revoked_at'),
})

/** What slows guessing down: per account name, per address, in total. Survives a restart and is shared by all workers. */
export const loginThrottles = sqliteTable(
  'login_throttles',
  {
    /** `account:<hash of the name>`, `address:<address>`, `device:<hash>`, `total`. */
    key: text('key').primaryKey(),
    failures: integer('failures').notNull(),
    /** Failures of the last day began here. */
    windowStartedAt: integer('window_started_at').notNull(),
    /** Token bucket: tokens left at `updatedAt`. */
    tokens: real('tokens').notNull(),
    updatedAt: integer('updated_at').notNull(),
    blockedUntil: integer('blocked_until').notNull(),
  },
  (table) => [index('login_throttles_by_time').on(table.updatedAt)],
)

/** Browsers from which a person logged in before: their attempts are not blocked by the guesses of others. */
export const knownDevices = sqliteTable(
  'known_devices',
  {
    deviceHash: text('device_hash').notNull(),
    userId: userReference('user_id').notNull(),
    lastSeenAt: integer('last_seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.deviceHash, table.userId] })],
)

/** The link that the console prints while nobody is an admin. */
export const setupTokens = sqliteTable('setup_tokens', {
  tokenHash: text('token_hash').primaryKey(),
  createdAt: integer('created_at').notNull(),
  usedAt: integer('used_at'),
})
