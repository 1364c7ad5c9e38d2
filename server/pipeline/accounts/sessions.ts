/** Sessions: opened by a login, renewed by a refresh token that works once, listed and ended by their person. */
import type { Me, SessionList } from '../../contract/account'
import { DomainError } from '../../domain/error'
import type { Holder, Origin, SessionTokens, SignedIn } from '../../domain/sign-in'
import { appendAudit } from '../../store/audit'
import { noteDevice } from '../../store/known-device'
import type { Db } from '../../store/open'
import { endOldest, endSession, findSession, insertSession, rotateRefresh, SESSION_IDLE_MS, type SessionRow } from '../../store/session'
import { findUserById, getUser, noteLogin, type Reader, type User } from '../../store/user'
import { type Tx, writeTransaction } from '../../store/write-transaction'
import { signAccess, verifyAccess } from './access-token'
import type { KeyRing } from './key-ring'
import { sessionsOf } from './people'
import { reading } from './reading'
import { hashSecret, randomBase62, sameHash } from './secret'
import type { SessionUses } from './session-uses'

/** Tabs that renew at the same moment: the token before the newest still works so long, ms. Later it tells of a thief. */
const graceMs = 10_000
const refreshShape = /^([A-Za-z0-9]{22})\.([A-Za-z0-9]{43})$/

export interface OpenInput {
  userId: number
  origin: Origin
  /** Action of the audit row: `session.login`, `session.enter`, … */
  action: string
  /** Sessions a person may have; 0 for no limit. */
  perUserMax: number
  now: Date
}

/** A new session inside a transaction; `signedIn` makes its tokens when the transaction stands. */
export interface Opened {
  user: User
  session: string
  expiresAt: number
  refresh: string
  device: string
}

/** Opens a session; notes the browser, the login and the audit row. The oldest sessions end where there is a limit. */
export function openSession(tx: Tx, { userId, origin, action, perUserMax, now }: OpenInput): Opened {
  const [session, secret] = [randomBase62(22), randomBase62(43)]
  const { address, userAgent, requestId } = origin
  const expiresAt = insertSession(tx, {
    id: session,
    userId,
    refreshHash: hashSecret(secret),
    userAgent: userAgent.slice(0, 256),
    address,
    now,
  })
  const ended = perUserMax > 0 ? endOldest(tx, { userId, max: perUserMax, now }) : 0
  const device = isDevice(origin.device) ? origin.device : randomBase62(43)
  noteDevice(tx, { deviceHash: hashSecret(device), userId, now })
  const user = noteLogin(tx, { id: userId, now })
  appendAudit(tx, { at: now, actor: user.login, action, subject: user.login, details: { account: userId, address, ended, requestId } })
  return { user, session, expiresAt, refresh: `${session}.${secret}`, device }
}

const isDevice = (device: string | null): device is string => device !== null && /^[A-Za-z0-9]{43}$/.test(device)

/** The tokens of a session whose transaction stands, and who it is. */
export async function signedIn(db: Db, ring: KeyRing, { user, session, refresh, device }: Opened, now: Date): Promise<SignedIn> {
  const access = await signAccess(ring, { user: user.id, session, epoch: user.tokenEpoch }, now)
  return { me: whoAmI(db, { id: user.id, name: user.login, session }), tokens: { access, refresh, device } }
}

export interface RefreshOptions {
  db: Db
  ring: KeyRing
  sessionUses: SessionUses
}

/**
 * A new access token and a new refresh token for the one that was presented. Of tabs that ask at once one gets the new refresh token,
 * the others only an access token. A refresh token that was used before ends the session. Where the database cannot be written the
 * refresh token stays as it is. Throws `not_authenticated`.
 */
export async function refreshSession({ db, ring, sessionUses }: RefreshOptions, presented: string, now: Date): Promise<SessionTokens> {
  const [, session, secret] = refreshShape.exec(presented) ?? []
  if (session === undefined || secret === undefined) throw over()
  const hash = hashSecret(secret)
  const state = (db: Reader) => refreshState(db, { session, hash, seenAt: sessionUses.lastSeen(session), now })
  const sign = async ({ id, tokenEpoch }: User, refresh: string | null) => {
    sessionUses.note(session, now.getTime())
    return { access: await signAccess(ring, { user: id, session, epoch: tokenEpoch }, now), refresh, device: null }
  }
  const before = reading(() => state(db))
  if (before.kind === 'over') throw over()
  if (before.kind === 'grace') return sign(before.user, null)
  const next = randomBase62(43)
  try {
    const after = await writeTransaction(db, (tx) => {
      const newest = state(tx)
      if (newest.kind === 'valid') rotateRefresh(tx, { id: session, hash: hashSecret(next), now })
      if (newest.kind === 'reused') endReused(tx, newest, now)
      return newest
    })
    if (after.kind === 'over' || after.kind === 'reused') throw over()
    return sign(after.user, after.kind === 'valid' ? `${session}.${next}` : null)
  } catch (error) {
    if (before.kind !== 'valid' || (error instanceof DomainError && error.code === 'not_authenticated')) throw error
    return sign(before.user, null)
  }
}

type RefreshState = { kind: 'over' } | { kind: 'valid' | 'grace' | 'reused'; user: User; row: SessionRow }

function refreshState(
  db: Reader,
  { session, hash, seenAt, now }: { session: string; hash: string; seenAt: number; now: Date },
): RefreshState {
  const row = findSession(db, session)
  const at = now.getTime()
  if (row === null || row.endedAt !== null || row.expiresAt <= at) return { kind: 'over' }
  if (Math.max(row.lastSeenAt, seenAt) <= at - SESSION_IDLE_MS) return { kind: 'over' }
  const user = findUserById(db, row.userId)
  if (user === null || user.status !== 'active') return { kind: 'over' }
  if (sameHash(row.refreshHash, hash)) return { kind: 'valid', user, row }
  const isPrevious = row.previousRefreshHash !== null && sameHash(row.previousRefreshHash, hash)
  return { kind: isPrevious && Math.abs(at - row.refreshedAt) <= graceMs ? 'grace' : 'reused', user, row }
}

function endReused(tx: Tx, { user, row }: { user: User; row: SessionRow }, now: Date): void {
  endSession(tx, { id: row.id, userId: user.id, why: 'refresh_reused', now })
  const details = { account: user.id, session: row.id, address: row.address }
  appendAudit(tx, { at: now, actor: 'system', action: 'session.reuse', subject: user.login, details })
}

const over = () => new DomainError('not_authenticated', 'log in again')

/** Throws `account_unknown`. */
export function whoAmI(db: Db, { id, session }: Holder): Me {
  const { login, name, role, mustChangePassword, hasPassword } = getUser(db, id)
  const row = session === null ? null : findSession(db, session)
  const sessionExpiresAt = row === null ? null : new Date(row.expiresAt).toISOString()
  return { id, login, name, role, mustChangePassword, hasPassword, sessionExpiresAt }
}

export const ownSessions = (db: Db, { id, session }: Holder, now: Date): SessionList => sessionsOf(db, { id, current: session, now })

/** Ends the session that a browser holds, by whichever of its tokens still tells it; nothing is wrong where there is none. */
export async function logOut(
  { db, ring, sessionUses }: RefreshOptions,
  { access, refresh }: { access: string | null; refresh: string | null },
  { requestId, now }: { requestId: string | null; now: Date },
): Promise<void> {
  const claims = access === null ? null : await verifyAccess(ring, access, now)
  const [, named, secret] = refreshShape.exec(refresh ?? '') ?? []
  await writeTransaction(db, (tx) => {
    const state =
      named === undefined || secret === undefined
        ? null
        : refreshState(tx, { session: named, hash: hashSecret(secret), seenAt: sessionUses.lastSeen(named), now })
    const byRefresh = state?.kind === 'valid' || state?.kind === 'grace' ? state.row : null
    const row = byRefresh ?? (claims === null ? null : findSession(tx, claims.session))
    if (row === null || !endSession(tx, { id: row.id, userId: row.userId, why: 'session.logout', now })) return
    const { login } = getUser(tx, row.userId)
    const details = { account: row.userId, session: row.id, requestId }
    appendAudit(tx, { at: now, actor: login, action: 'session.logout', subject: login, details })
  })
}

/** Ends one of the person's own sessions. Throws `session_unknown`, also for somebody else's. */
export function endOwnSession(
  db: Db,
  { id, name }: Holder,
  { session, requestId, now }: { session: string; requestId: string | null; now: Date },
): Promise<void> {
  return writeTransaction(db, (tx) => {
    if (!endSession(tx, { id: session, userId: id, why: 'session.end', now }))
      throw new DomainError('session_unknown', 'there is no such session')
    appendAudit(tx, { at: now, actor: name, action: 'session.end', subject: name, details: { account: id, session, requestId } })
  })
}
