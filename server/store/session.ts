/** Open logins. A row is a login with all its refresh tokens; it ends by a time or a reason and is never opened again. */
import { and, asc, desc, eq, gt, isNull, lt, ne, type SQL, sql } from 'drizzle-orm'
import type { Db } from './open'
import { sessions, users } from './schema'
import type { Reader } from './user'
import type { Tx } from './write-transaction'

/** Without having been seen so long a session is over, ms. */
export const SESSION_IDLE_MS = 30 * 60_000
/** From the login, ms. */
export const SESSION_MS_MAX = 12 * 3_600_000
/** Ended ones are kept so long for whoever asks what happened. */
const endedKeptMs = 30 * 86_400_000

const columns = {
  id: sessions.id,
  userId: sessions.userId,
  refreshHash: sessions.refreshHash,
  previousRefreshHash: sessions.previousRefreshHash,
  refreshedAt: sessions.refreshedAt,
  createdAt: sessions.createdAt,
  lastSeenAt: sessions.lastSeenAt,
  expiresAt: sessions.expiresAt,
  endedAt: sessions.endedAt,
  userAgent: sessions.userAgent,
  address: sessions.address,
}
export type SessionRow = Omit<typeof sessions.$inferSelect, 'endedWhy'>

export interface NewSession {
  id: string
  userId: number
  refreshHash: string
  userAgent: string
  address: string
  now: Date
}

/** Opens a session and returns when it ends at the latest, Unix ms. */
export function insertSession(tx: Tx, { now, ...session }: NewSession): number {
  const at = now.getTime()
  const expiresAt = at + SESSION_MS_MAX
  tx.insert(sessions)
    .values({ ...session, refreshedAt: at, createdAt: at, lastSeenAt: at, expiresAt })
    .run()
  return expiresAt
}

/** What every request asks: the session together with its person as both are at this moment. */
export const prepareSessionRead = (db: Db) =>
  db
    .select({
      userId: sessions.userId,
      lastSeenAt: sessions.lastSeenAt,
      expiresAt: sessions.expiresAt,
      endedAt: sessions.endedAt,
      login: users.login,
      role: users.role,
      status: users.status,
      tokenEpoch: users.tokenEpoch,
      mustChangePassword: users.mustChangePassword,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.id, sql.placeholder('id')))
    .prepare()
export type SessionRead = ReturnType<typeof prepareSessionRead>

/** Also one that is over. */
export const findSession = (db: Reader, id: string): SessionRow | null =>
  db.select(columns).from(sessions).where(eq(sessions.id, id)).get() ?? null

/** The refresh token is replaced; the one before it counts for a moment longer. */
export function rotateRefresh(tx: Tx, { id, hash, now }: { id: string; hash: string; now: Date }): void {
  const at = now.getTime()
  tx.update(sessions)
    .set({ previousRefreshHash: sessions.refreshHash as unknown as string, refreshHash: hash, refreshedAt: at, lastSeenAt: at })
    .where(eq(sessions.id, id))
    .run()
}

const open = (now: Date) =>
  and(isNull(sessions.endedAt), gt(sessions.expiresAt, now.getTime()), gt(sessions.lastSeenAt, now.getTime() - SESSION_IDLE_MS))

/** A person's open sessions, the one seen last on top; at most 100. */
export const listSessions = (db: Reader, { userId, now }: { userId: number; now: Date }): SessionRow[] =>
  db
    .select(columns)
    .from(sessions)
    .where(and(eq(sessions.userId, userId), open(now)))
    .orderBy(desc(sessions.lastSeenAt))
    .limit(100)
    .all()

/** Ends one session of a person. False when there is no such open session. */
export const endSession = (tx: Tx, { id, userId, why, now }: { id: string; userId: number; why: string; now: Date }): boolean =>
  end(tx, and(eq(sessions.id, id), eq(sessions.userId, userId)), { why, now }) > 0

/** Ends a person's sessions, `but` leaves one open. Returns how many were open. */
export const endSessions = (tx: Tx, { userId, but, why, now }: { userId: number; but?: string; why: string; now: Date }): number =>
  end(tx, and(eq(sessions.userId, userId), but === undefined ? undefined : ne(sessions.id, but)), { why, now })

/** Leaves a person at most `max` open sessions: the oldest logins end. Returns how many ended. */
export function endOldest(tx: Tx, { userId, max, now }: { userId: number; max: number; now: Date }): number {
  const ids = tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), open(now)))
    .orderBy(asc(sessions.createdAt), asc(sql`rowid`))
    .all()
  const surplus = ids.slice(0, Math.max(0, ids.length - max))
  for (const { id } of surplus) end(tx, eq(sessions.id, id), { why: 'limit', now })
  return surplus.length
}

const end = (tx: Tx, where: SQL | undefined, { why, now }: { why: string; now: Date }): number =>
  tx
    .update(sessions)
    .set({ endedAt: now.getTime(), endedWhy: why })
    .where(and(where, isNull(sessions.endedAt)))
    .returning({ id: sessions.id })
    .all().length

/** When sessions were seen last, Unix ms per id; a time never goes back. */
export function touchSessions(tx: Tx, seen: ReadonlyMap<string, number>): void {
  for (const [id, at] of seen) {
    tx.update(sessions)
      .set({ lastSeenAt: at })
      .where(and(eq(sessions.id, id), lt(sessions.lastSeenAt, at)))
      .run()
  }
}

/** Rows that are over for a month go. */
export const deleteOldSessions = (tx: Tx, now: Date): void =>
  void tx
    .delete(sessions)
    .where(lt(sessions.expiresAt, now.getTime() - endedKeptMs))
    .run()
