/**
 * The first admin. The setup is open while no active admin has a password; whoever holds the one-time token that the server's console
 * printed becomes admin, or gives the admin who has no password yet one.
 */
import type { SetupRequest } from '../../contract/account'
import { DomainError } from '../../domain/error'
import { normalizeLogin } from '../../domain/login-name'
import { appendAudit } from '../../store/audit'
import type { Db } from '../../store/open'
import { consumeSetupToken, createSetupToken, isSetupTokenOpen } from '../../store/setup-token'
import {
  countAdmins,
  findAdminWithoutPassword,
  findUserByLogin,
  insertActiveUser,
  noteLogin,
  type Reader,
  renameUser,
  setPassword,
  type User,
} from '../../store/user'
import { type Tx, writeTransaction } from '../../store/write-transaction'
import { hashSecret, randomBase62 } from './secret'

/** Whether nobody is an admin who can log in again. */
export const isSetupOpen = (db: Reader): boolean => countAdmins(db, { withPassword: true }) === 0

/**
 * Makes the token for the console, 256 bit; null when the setup is closed. An older one that was not used ends.
 * Throws `busy`, `storage_full`, `database_unavailable`.
 */
export function openSetup(db: Db, now: Date): Promise<string | null> {
  const token = randomBase62(43)
  return writeTransaction(db, (tx) => {
    if (!isSetupOpen(tx)) return null
    createSetupToken(tx, { tokenHash: hashSecret(token), now })
    appendAudit(tx, { at: now, actor: 'boot', action: 'setup.link', subject: 'setup' })
    return token
  })
}

export type HashPassword = (password: string, person: { login: string; name?: string; path: string }) => Promise<string>

export interface SetupInput extends SetupRequest {
  /** Gives the hash of a password that is strong enough. Throws `weak_password`. */
  hashPassword: HashPassword
  requestId: string | null
  now: Date
}

/**
 * Makes the first admin, or gives the one without a password theirs; returns the account, which is to be logged in.
 * Throws `setup_closed` alike for a wrong, used or old token and for a setup that is done, before anything else is looked at; then
 * `weak_password`, `account_conflict` (somebody else has the login), `busy`, `storage_full`, `database_unavailable`.
 */
export async function setUpAdmin(db: Db, { token, login, password, name, hashPassword, requestId, now }: SetupInput): Promise<User> {
  const tokenHash = hashSecret(token)
  if (!isSetupOpen(db) || !isSetupTokenOpen(db, tokenHash)) throw refusal()
  const person = { login: normalizeLogin(login), name: name?.trim() ?? '' }
  const hash = password === undefined ? null : await hashPassword(password, { ...person, path: '/password' })
  return writeTransaction(db, (tx) => {
    if (!isSetupOpen(tx) || !consumeSetupToken(tx, { tokenHash, now })) throw refusal()
    const before = findAdminWithoutPassword(tx)
    const admin = before === null ? makeAdmin(tx, { ...person, hash, now }) : takeOver(tx, before, { ...person, hash })
    const details = { account: admin.id, before: before && telling(before), after: telling(admin), requestId }
    appendAudit(tx, { at: now, actor: 'setup', action: 'setup.admin', subject: admin.login, details })
    return noteLogin(tx, { id: admin.id, now })
  })
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
