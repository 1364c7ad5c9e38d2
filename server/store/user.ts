/**
 * People. A password's hash is read by one function only, so that it never travels by accident. Whatever must end what was issued
 * before (password, role, suspension) raises `tokenEpoch` in the same statement.
 */
import { and, asc, count, desc, eq, isNotNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { AccountStatus, PersonRole } from '../contract/account'
import { DomainError } from '../domain/error'
import type { Db } from './open'
import { sessions, users } from './schema'
import { SESSION_IDLE_MS } from './session'
import type { Tx } from './write-transaction'

/** Reads go by the database or by the transaction that is open. */
export type Reader = Pick<Db, 'select'>

const columns = {
  id: users.id,
  login: users.login,
  name: users.name,
  role: users.role,
  status: users.status,
  hasPassword: sql<boolean>`${users.passwordHash} is not null`.mapWith(Boolean).as('has_password'),
  tokenEpoch: users.tokenEpoch,
  mustChangePassword: users.mustChangePassword,
  createdAt: users.createdAt,
  decidedBy: users.decidedBy,
  decidedAt: users.decidedAt,
  decisionReason: users.decisionReason,
  lastLoginAt: users.lastLoginAt,
}
export type User = Pick<
  typeof users.$inferSelect,
  | 'id'
  | 'login'
  | 'name'
  | 'role'
  | 'status'
  | 'tokenEpoch'
  | 'mustChangePassword'
  | 'createdAt'
  | 'decidedBy'
  | 'decidedAt'
  | 'decisionReason'
  | 'lastLoginAt'
> & { hasPassword: boolean }

const findUser = (db: Reader, where: SQL): User | null => db.select(columns).from(users).where(where).get() ?? null

/** `login` as `normalizeLogin` makes it. */
export const findUserByLogin = (db: Reader, login: string): User | null => findUser(db, eq(users.login, login))
export const findUserById = (db: Reader, id: number): User | null => findUser(db, eq(users.id, id))
/** Who registered with this ticket and waits for a decision. */
export const findUserByTicket = (db: Reader, ticketHash: string): User | null => findUser(db, eq(users.ticketHash, ticketHash))

/** Throws `account_unknown`. */
export function getUser(db: Reader, id: number): User {
  const user = findUserById(db, id)
  if (user === null) throw new DomainError('account_unknown', 'there is no such account')
  return user
}

/** Argon2id in its own notation; null when there is none, or no such account. */
export const findPasswordHash = (db: Reader, id: number): string | null =>
  db.select({ hash: users.passwordHash }).from(users).where(eq(users.id, id)).get()?.hash ?? null

export interface UserQuery {
  status?: AccountStatus
  /** Part of the login or the name. */
  search?: string
  limit: number
  offset: number
  now: Date
}

/** Those who wait first, the longest waiting on top; then by login. `sessions` counts those that are open. */
export function listUsers(db: Db, { status, search = '', limit, offset, now }: UserQuery): (User & { sessions: number })[] {
  // Named in full: of a single table drizzle writes columns without it, and `id` would be the session's.
  const open = sql<number>`(select count(*) from ${sessions} where sessions.user_id = users.id and sessions.ended_at is null and sessions.expires_at > ${now.getTime()} and sessions.last_seen_at > ${now.getTime() - SESSION_IDLE_MS})`
  return db
    .select({ ...columns, sessions: open.as('sessions') })
    .from(users)
    .where(matching({ status, search }))
    .orderBy(
      desc(sql`${users.status} = 'pending'`),
      asc(sql`case when ${users.status} = 'pending' then ${users.createdAt} else 0 end`),
      asc(users.login),
    )
    .limit(limit)
    .offset(offset)
    .all()
}

/** How many the same query finds without a limit. */
export const countUsers = (db: Reader, { status, search = '' }: Pick<UserQuery, 'status' | 'search'> = {}): number =>
  db.select({ found: count() }).from(users).where(matching({ status, search })).get()!.found

function matching({ status, search }: { status?: AccountStatus; search: string }): SQL | undefined {
  const pattern = `%${search
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\\%_]/g, '\\$&')}%`
  return and(
    status === undefined ? undefined : eq(users.status, status),
    search === '' ? undefined : or(sql`${users.login} like ${pattern} escape '\\'`, sql`lower(${users.name}) like ${pattern} escape '\\'`),
  )
}

/** Admins who may be called, for the one who waits. */
export const listAdminLogins = (db: Reader, limit: number): string[] =>
  db
    .select({ login: users.login })
    .from(users)
    .where(and(eq(users.role, 'admin'), eq(users.status, 'active')))
    .orderBy(asc(users.id))
    .limit(limit)
    .all()
    .map(({ login }) => login)

/** Admins who are active; `withPassword`: who can also log in again. `but` leaves one account out. */
export const countAdmins = (db: Reader, { withPassword = false, but }: { withPassword?: boolean; but?: number } = {}): number =>
  db
    .select({ found: count() })
    .from(users)
    .where(
      and(
        eq(users.role, 'admin'),
        eq(users.status, 'active'),
        withPassword ? isNotNull(users.passwordHash) : undefined,
        but === undefined ? undefined : ne(users.id, but),
      ),
    )
    .get()!.found

/** The oldest active admin who cannot log in again because no password was ever set; null for none. */
export const findAdminWithoutPassword = (db: Reader): User | null =>
  db
    .select(columns)
    .from(users)
    .where(and(eq(users.role, 'admin'), eq(users.status, 'active'), sql`${users.passwordHash} is null`))
    .orderBy(asc(users.id))
    .limit(1)
    .get() ?? null

interface NewUser {
  login: string
  name: string
  passwordHash: string | null
  now: Date
}

/** One who registered. Null when the login is taken. */
export const insertPendingUser = (tx: Tx, { ticketHash, ...person }: NewUser & { ticketHash: string }): User | null =>
  insert(tx, person, { role: 'user', status: 'pending', ticketHash })

/** One whom an operator or the setup made: active at once. Null when the login is taken. */
export const insertActiveUser = (tx: Tx, { role, decidedBy, ...person }: NewUser & { role: PersonRole; decidedBy: string }): User | null =>
  insert(tx, person, { role, status: 'active', decidedBy, decidedAt: person.now.getTime() })

function insert(
  tx: Tx,
  { login, name, passwordHash, now }: NewUser,
  rest: Partial<typeof users.$inferInsert> & { role: PersonRole; status: AccountStatus },
): User | null {
  return (
    tx
      .insert(users)
      .values({ login, name, passwordHash, createdAt: now.getTime(), ...rest })
      .onConflictDoNothing({ target: users.login })
      .returning(columns)
      .get() ?? null
  )
}

/** What was decided about an account, by whom and why; a role where it is given. Ends what was issued before. */
export function decideUser(
  tx: Tx,
  {
    id,
    status,
    role,
    by,
    reason,
    now,
  }: { id: number; status: AccountStatus; role?: PersonRole; by: string; reason: string | null; now: Date },
): User {
  const decision = { status, decidedBy: by, decidedAt: now.getTime(), decisionReason: reason, ...(role === undefined ? {} : { role }) }
  return change(tx, id, { ...decision, tokenEpoch: sql`${users.tokenEpoch} + 1` })
}

/** Ends what was issued before. */
export const setRole = (tx: Tx, { id, role }: { id: number; role: PersonRole }): User =>
  change(tx, id, { role, tokenEpoch: sql`${users.tokenEpoch} + 1` })

/** A new hash. Ends what was issued before. */
export const setPassword = (tx: Tx, { id, hash, mustChange }: { id: number; hash: string; mustChange: boolean }): User =>
  change(tx, id, { passwordHash: hash, mustChangePassword: mustChange, tokenEpoch: sql`${users.tokenEpoch} + 1` })

/** The same password under newer parameters: nothing ends. */
export const rehashPassword = (tx: Tx, { id, hash }: { id: number; hash: string }): User => change(tx, id, { passwordHash: hash })

/** From now on only the password may be changed. Ends what was issued before. */
export const requirePasswordChange = (tx: Tx, id: number): User =>
  change(tx, id, { mustChangePassword: true, tokenEpoch: sql`${users.tokenEpoch} + 1` })

/** The login must be free. */
export const renameUser = (tx: Tx, { id, login, name }: { id: number; login: string; name: string }): User =>
  change(tx, id, { login, name })
export const noteLogin = (tx: Tx, { id, now }: { id: number; now: Date }): User => change(tx, id, { lastLoginAt: now.getTime() })
/** The ticket has done its work. */
export const clearTicket = (tx: Tx, id: number): User => change(tx, id, { ticketHash: null })

type Change = { [K in keyof typeof users.$inferInsert]?: (typeof users.$inferInsert)[K] | SQL }

/** Throws `account_unknown`. */
function change(tx: Tx, id: number, set: Change): User {
  const user = tx.update(users).set(set).where(eq(users.id, id)).returning(columns).get()
  if (user === undefined) throw new DomainError('account_unknown', 'there is no such account')
  return user
}
