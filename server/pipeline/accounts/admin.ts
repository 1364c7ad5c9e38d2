/**
 * What admins decide about people. Every act is one transaction with its audit row: the rights of the one who acts and the number of
 * admins are looked at inside it, so that two acts at once cannot leave the plant without an admin.
 */
import type { PersonRole, ResetCode } from '../../contract/account'
import type { Actor } from '../../domain/actor'
import { DomainError } from '../../domain/error'
import { appendAudit } from '../../store/audit'
import type { Db } from '../../store/open'
import { createResetCode, deleteResetCodes } from '../../store/reset-code'
import { endSession, endSessions } from '../../store/session'
import {
  clearTicket,
  countAdmins,
  decideUser,
  findUserById,
  getUser,
  insertActiveUser,
  requirePasswordChange,
  setRole,
  type User,
} from '../../store/user'
import { type Tx, writeTransaction } from '../../store/write-transaction'
import { hashCode, randomCode } from './secret'

const resetCodeMs = 24 * 3_600_000

/** About whom, by whom, when. */
export interface Act {
  id: number
  actor: Actor
  now: Date
}

interface Outcome {
  after: User
  reason?: string
}

/**
 * All acts: throw `account_unknown`, `forbidden` (about oneself, or the actor is no admin any more), `account_conflict` (the account is
 * not in a state for it), `last_admin`, `busy`, `storage_full`, `database_unavailable`.
 */
function act(db: Db, action: string, { id, actor, now }: Act, change: (tx: Tx, before: User) => Outcome): Promise<User> {
  return writeTransaction(db, (tx) => {
    checkActor(tx, actor, id)
    const before = getUser(tx, id)
    const { after, reason } = change(tx, before)
    if (isAdmin(before) && !isAdmin(after)) checkAdminsLeft(tx, before)
    const details = { account: id, before: telling(before), after: telling(after), reason, requestId: actor.requestId }
    appendAudit(tx, { at: now, actor: actor.name, action: `account.${action}`, subject: after.login, details })
    return after
  })
}

const isAdmin = ({ role, status }: User) => role === 'admin' && status === 'active'
const telling = ({ status, role, mustChangePassword }: User) => ({ status, role, mustChangePassword })

/** Nobody decides about oneself; and whoever lost the role while the request was under way decides nothing any more. */
function checkActor(tx: Tx, actor: Actor, id: number): void {
  if (actor.id === null) return
  if (actor.id === id) throw new DomainError('forbidden', 'nobody decides about their own account; ask another admin')
  const self = findUserById(tx, actor.id)
  if (self === null || !isAdmin(self)) throw new DomainError('forbidden', 'this needs a higher role')
}

/** Called when `lost` is no admin any more: somebody must be left, and somebody who can log in again where there was one. */
function checkAdminsLeft(tx: Tx, lost: User): void {
  if (countAdmins(tx) === 0 || (lost.hasPassword && countAdmins(tx, { withPassword: true }) === 0)) {
    throw new DomainError('last_admin', 'this is the last admin; make another one first')
  }
}

function requireStatus({ status }: User, ...allowed: User['status'][]): void {
  if (!allowed.includes(status)) throw new DomainError('account_conflict', `the account is ${status}; it must be ${allowed.join(' or ')}`)
}

export interface NewPerson {
  /** As `normalizeLogin` makes it. */
  login: string
  name: string
  role: PersonRole
  passwordHash: string
}

/** Makes an account that is active at once. Throws `account_conflict` when the login is taken. */
export function addPerson(db: Db, { role, ...person }: NewPerson, { actor, now }: Omit<Act, 'id'>): Promise<User> {
  return writeTransaction(db, (tx) => {
    const after = insertActiveUser(tx, { ...person, role, decidedBy: actor.name, now })
    if (after === null) throw new DomainError('account_conflict', 'this login is taken; choose another one')
    const details = { account: after.id, before: null, after: telling(after), requestId: actor.requestId }
    appendAudit(tx, { at: now, actor: actor.name, action: 'account.add', subject: after.login, details })
    return after
  })
}

/** Lets one in who waits, or who was rejected. */
export const approve = (db: Db, { role, ...how }: Act & { role?: PersonRole }): Promise<User> =>
  act(db, 'approve', how, (tx, before) => {
    requireStatus(before, 'pending', 'rejected')
    return { after: decideUser(tx, { id: how.id, status: 'active', role: role ?? 'user', by: how.actor.name, reason: null, now: how.now }) }
  })

/** Refuses one who waits; the reason is shown to them. */
export const reject = (db: Db, { reason, ...how }: Act & { reason: string }): Promise<User> =>
  act(db, 'reject', how, (tx, before) => {
    requireStatus(before, 'pending')
    return { after: decideUser(tx, { id: how.id, status: 'rejected', by: how.actor.name, reason, now: how.now }), reason }
  })

/** What is open logs in again: nobody goes on with the rights of before. */
export const changeRole = (db: Db, { role, ...how }: Act & { role: PersonRole }): Promise<User> =>
  act(db, 'role', how, (tx, before) => {
    requireStatus(before, 'active', 'suspended')
    if (before.role === role) throw new DomainError('account_conflict', 'the account has this role already')
    endSessions(tx, { userId: how.id, why: 'role', now: how.now })
    return { after: setRole(tx, { id: how.id, role }) }
  })

/** Ends all sessions and codes at once. */
export const suspend = (db: Db, { reason, ...how }: Act & { reason: string }): Promise<User> =>
  act(db, 'suspend', how, (tx, before) => {
    requireStatus(before, 'active')
    endSessions(tx, { userId: how.id, why: 'suspended', now: how.now })
    deleteResetCodes(tx, how.id)
    clearTicket(tx, how.id)
    return { after: decideUser(tx, { id: how.id, status: 'suspended', by: how.actor.name, reason, now: how.now }), reason }
  })

export const resume = (db: Db, how: Act): Promise<User> =>
  act(db, 'resume', how, (tx, before) => {
    requireStatus(before, 'suspended')
    return { after: decideUser(tx, { id: how.id, status: 'active', by: how.actor.name, reason: null, now: how.now }) }
  })

/** A code with which a person sets a new password, once, for 24 hours. Ends the sessions; the old password only leads to its change. */
export async function issueResetCode(db: Db, how: Act): Promise<ResetCode> {
  const code = randomCode()
  const expiresAt = new Date(how.now.getTime() + resetCodeMs)
  await act(db, 'reset-code', how, (tx, before) => {
    requireStatus(before, 'active')
    createResetCode(tx, { userId: how.id, codeHash: hashCode(code), now: how.now, expiresAt })
    endSessions(tx, { userId: how.id, why: 'reset', now: how.now })
    return { after: requirePasswordChange(tx, how.id) }
  })
  return { code, expiresAt: expiresAt.toISOString() }
}

/** Ends one session of a person, their own included. Throws `session_unknown`, and as the other acts. */
export function endSessionOf(db: Db, { id, session, actor, now }: Act & { session: string }): Promise<void> {
  return writeTransaction(db, (tx) => {
    if (actor.id !== id) checkActor(tx, actor, id)
    const { login } = getUser(tx, id)
    if (!endSession(tx, { id: session, userId: id, why: 'admin', now })) {
      throw new DomainError('session_unknown', 'there is no such open session of this account')
    }
    const details = { account: id, before: { open: true }, after: { open: false }, requestId: actor.requestId }
    appendAudit(tx, { at: now, actor: actor.name, action: 'account.session.end', subject: login, details })
  })
}
