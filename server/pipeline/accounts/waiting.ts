/**
 * Registration and the wait for an admin's decision. The browser that registered holds a ticket. For a name that is taken it gets one
 * as well, which waits for ever: who registers learns nothing about others.
 */
import type { Waiting } from '../../contract/account'
import { DomainError } from '../../domain/error'
import { normalizeLogin } from '../../domain/login-name'
import { normalizePassword } from '../../domain/password-rules'
import type { Origin, SignedIn } from '../../domain/sign-in'
import { appendAudit } from '../../store/audit'
import { findThrottles, saveThrottle } from '../../store/login-throttle'
import type { Db } from '../../store/open'
import { clearTicket, countUsers, findUserByTicket, insertPendingUser, listAdminLogins } from '../../store/user'
import { writeTransaction } from '../../store/write-transaction'
import type { KeyRing } from './key-ring'
import { reading } from './reading'
import { hashSecret, randomBase62 } from './secret'
import { openSession, signedIn } from './sessions'
import type { SignInOptions } from './sign-in'
import { addressKey, type Charges, tooMany } from './throttle'

/** Who was not decided about by then registers again. */
const ticketMs = 30 * 86_400_000
const pendingMax = 200
const adminsMax = 5
const fullRetrySeconds = 3_600

export interface RegisterInput {
  login: string
  password: string
  name?: string
  origin: Origin
  now: Date
}

/**
 * Notes a registration and returns the ticket; the same for a new and for a taken name, in the same time.
 * Throws `weak_password`, `too_many_attempts`, `busy`, `storage_full`, `database_unavailable`.
 */
export async function register(
  { db, ring, passwords, throttle, rules }: SignInOptions,
  { login, password, name = '', origin, now }: RegisterInput,
): Promise<string> {
  const person = { login: normalizeLogin(login), name: name.trim() }
  const charges: Charges = [
    [`register:${addressKey(origin.address)}`, rules.registerAddress],
    ['register', rules.registerTotal],
  ]
  await passwords.judge(password, { ...person, path: '/password' })
  const passwordHash = await passwords.inTurn(async (check) => {
    await throttle.charge(charges, now)
    return check.hash(normalizePassword(password))
  })
  const ticket = await makeTicket(ring, now)
  await writeTransaction(db, (tx) => {
    if (countUsers(tx, { status: 'pending' }) >= pendingMax) throw tooMany(fullRetrySeconds)
    const user = insertPendingUser(tx, { ...person, passwordHash, ticketHash: hashSecret(ticket), now })
    // Both write a row and its audit: a taken name takes as long as a new one.
    const row = findThrottles(tx, ['register']).get('register')
    if (row !== undefined) saveThrottle(tx, row)
    const { address, requestId } = origin
    const action = user === null ? 'account.register_taken' : 'account.register'
    appendAudit(tx, {
      at: now,
      actor: 'register',
      action,
      subject: person.login,
      details: { account: user?.id ?? null, address, requestId },
    })
  })
  return ticket
}

/** How the wait stands. A ticket that is not ours, or too old, is unknown. Throws `busy`, `database_unavailable`. */
export async function waitingState(db: Db, ring: KeyRing, ticket: string | null, now: Date): Promise<Waiting> {
  if (ticket === null || !(await isOurs(ring, ticket, now))) return { status: 'unknown', reason: null, admins: [] }
  return reading(() => {
    const user = findUserByTicket(db, hashSecret(ticket))
    if (user?.status === 'active') return { status: 'approved', reason: null, admins: [] }
    if (user?.status === 'rejected') return { status: 'rejected', reason: user.decisionReason, admins: [] }
    return { status: 'pending', reason: null, admins: listAdminLogins(db, adminsMax) }
  })
}

/** The approved one is logged in by the ticket, once. Throws `not_authenticated`, `busy`, `storage_full`, `database_unavailable`. */
export async function enter(
  { db, ring, perUserMax }: SignInOptions,
  { ticket, origin, now }: { ticket: string | null; origin: Origin; now: Date },
): Promise<SignedIn> {
  const ours = ticket !== null && (await isOurs(ring, ticket, now))
  const opened = await writeTransaction(db, (tx) => {
    const user = ours ? findUserByTicket(tx, hashSecret(ticket)) : null
    if (user?.status !== 'active') throw new DomainError('not_authenticated', 'there is no approved registration of this browser')
    clearTicket(tx, user.id)
    return openSession(tx, { userId: user.id, origin, action: 'session.enter', perUserMax: perUserMax(), now })
  })
  return signedIn(db, ring, opened, now)
}

/** When it was made, 128 random bits, and our signature: so a ticket that waits for nothing is known as ours without a row. */
async function makeTicket(ring: KeyRing, now: Date): Promise<string> {
  const text = `${now.getTime().toString(36)}.${randomBase62(22)}`
  return `${text}.${await signature(ring, text)}`
}

async function isOurs(ring: KeyRing, ticket: string, now: Date): Promise<boolean> {
  const [, text, made, mac] = /^(([a-z0-9]{6,10})\.[A-Za-z0-9]{22})\.([A-Za-z0-9_-]{43})$/.exec(ticket) ?? []
  if (text === undefined) return false
  const age = now.getTime() - Number.parseInt(made, 36)
  const bytes = Buffer.from(mac, 'base64url')
  return age < ticketMs && (await crypto.subtle.verify('HMAC', await ring.tickets(), bytes, Buffer.from(text)))
}

const signature = async (ring: KeyRing, text: string) =>
  Buffer.from(await crypto.subtle.sign('HMAC', await ring.tickets(), Buffer.from(text))).toString('base64url')
