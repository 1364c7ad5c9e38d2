/**
 * The first admin. The setup is open while no active admin has a password; whoever holds the one-time token that the server's console
 * printed becomes admin, or gives the admin who has no password yet one.
 */
import type { SetupRequest } from '../../contract/account'
import { DomainError } from '../../domain/error'
import { normalizeLogin } from '../../domain/login-name'
import type { Origin, SignedIn } from '../../domain/sign-in'
import { appendAudit } from '../../store/audit'
import type { Db } from '../../store/open'
import { consumeSetupToken, createSetupToken, isSetupTokenOpen } from '../../store/setup-token'
import {
  countAdmins,
  findAdminWithoutPassword,
  findUserByLogin,
  insertActiveUser,
  type Reader,
  renameUser,
  setPassword,
  type User,
} from '../../store/user'
import { type Tx, writeTransaction } from '../../store/write-transaction'
import { reading } from './reading'
import { hashSecret, randomBase62 } from './secret'
import { openSession, signedIn } from './sessions'
import type { SignInOptions } from './sign-in'
import { addressKey, type Charges, giveChargesBack } from './throttle'

/** Whether nobody is an admin who can log in again. */
export const isSetupOpen = (db: Reader): boolean => countAdmins(db, { withPassword: true }) === 0

/**
 * Makes the token for the console, 256 bit; null when the setup is closed. An older one that was not used ends.
 * Throws `busy`, `storage_full`, `database_unavailable`.
 */
export async function openSetup(db: Db, now: Date): Promise<string | null> {
  // Asked before as well, so that a start of a server that has its admins waits for nobody's lock.
  if (!reading(() => isSetupOpen(db))) return null
  const token = randomBase62(43)
  return writeTransaction(db, (tx) => {
    if (!isSetupOpen(tx)) return null
    createSetupToken(tx, { tokenHash: hashSecret(token), now })
    appendAudit(tx, { at: now, actor: 'boot', action: 'setup.link', subject: 'setup' })
    return token
  })
}

/**
 * Makes the first admin, or gives the one without a password theirs, and logs them in, all in one transaction.
 * Throws `too_many_attempts`; then `setup_closed` alike for a wrong, used or old token and for a setup that is done; then
 * `weak_password`, `account_conflict` (somebody else has the login), `busy`, `storage_full`, `database_unavailable`.
 */
export async function setUpAdmin(
  { db, ring, passwords, throttle, rules, perUserMax }: SignInOptions,
  { token, login, password, name, origin, now }: SetupRequest & { origin: Origin; now: Date },
): Promise<SignedIn> {
  const charges: Charges = [
    [`setup:${addressKey(origin.address)}`, rules.address],
    ['setup', rules.total],
  ]
  await throttle.charge(charges, now)
  const tokenHash = hashSecret(token)
  if (!reading(() => isSetupOpen(db) && isSetupTokenOpen(db, tokenHash))) throw refusal()
  const person = { login: normalizeLogin(login), name: name?.trim() ?? '' }
  if (password !== undefined) await passwords.judge(password, { ...person, path: '/password' })
  const hash = password === undefined ? null : await passwords.hash(password)
  const opened = await writeTransaction(db, (tx) => {
    if (!isSetupOpen(tx) || !consumeSetupToken(tx, { tokenHash, now })) throw refusal()
    giveChargesBack(tx, charges, now)
    const before = findAdminWithoutPassword(tx)
    const admin = before === null ? makeAdmin(tx, { ...person, hash, now }) : takeOver(tx, before, { ...person, hash })
    const details = { account: admin.id, before: before && telling(before), after: telling(admin), requestId: origin.requestId }
    appendAudit(tx, { at: now, actor: 'setup', action: 'setup.admin', subject: admin.login, details })
    return openSession(tx, { userId: admin.id, origin, action: 'session.setup', perUserMax: perUserMax(), now })
  })
  return signedIn(db, ring, opened, now)
}

const refusal = () => new DomainError('setup_closed', 'this link was used or replaced; the newest one stands in the console of the server')
const taken = () => new DomainError('account_conflict', 'this login is taken; choose another one')
const telling = ({ login, role, status, hasPassword }: User) => ({ login, role, status, hasPassword })

interface Person {
  login: string
  name: string
  hash: string | null
}

function makeAdmin(tx: Tx, { login, name, hash, now }: Person & { now: Date }): User {
  const admin = insertActiveUser(tx, { login, name, passwordHash: hash, role: 'admin', decidedBy: 'setup', now })
  if (admin === null) throw taken()
  return admin
}

/** The one who looked around first comes back. */
function takeOver(tx: Tx, { id }: User, { login, name, hash }: Person): User {
  const other = findUserByLogin(tx, login)
  if (other !== null && other.id !== id) throw taken()
  const renamed = renameUser(tx, { id, login, name })
  return hash === null ? renamed : setPassword(tx, { id, hash, mustChange: false })
}
