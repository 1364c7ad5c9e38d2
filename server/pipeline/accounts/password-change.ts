/** A person sets a new password: knowing the old one, or by a code that an admin gave. All other sessions end. */
import { DomainError } from '../../domain/error'
import { normalizeLogin } from '../../domain/login-name'
import { normalizePassword } from '../../domain/password-rules'
import type { Holder, Origin, SignedIn } from '../../domain/sign-in'
import { appendAudit } from '../../store/audit'
import { forgetDevices } from '../../store/known-device'
import { consumeResetCode } from '../../store/reset-code'
import { endSessions } from '../../store/session'
import { findPasswordHash, findUserByLogin, getUser, setPassword } from '../../store/user'
import { writeTransaction } from '../../store/write-transaction'
import { weakPassword } from './passwords'
import { reading } from './reading'
import { hashCode, hashSecret } from './secret'
import { openSession, signedIn } from './sessions'
import type { SignInOptions } from './sign-in'
import { addressKey, type Charges, giveChargesBack } from './throttle'

export interface ChangeInput {
  holder: Holder
  current?: string
  next: string
  origin: Origin
  now: Date
}

/**
 * Replaces the password and the session of the one who asks; all sessions of before end, and no browser is known any more but this.
 * Throws `weak_password`, `login_failed` (the current one is wrong or missing), `too_many_attempts`, `busy`, `storage_full`,
 * `database_unavailable`.
 */
export async function changePassword(
  { db, ring, passwords, throttle, rules, perUserMax }: SignInOptions,
  { holder, current, next, origin, now }: ChangeInput,
): Promise<SignedIn> {
  const { user, hash } = reading(() => ({ user: getUser(db, holder.id), hash: findPasswordHash(db, holder.id) }))
  await passwords.judge(next, { login: user.login, name: user.name, path: '/next' })
  const charges: Charges = [[`password:${user.id}`, rules.account]]
  const newHash = await passwords.inTurn(async (check) => {
    // The first admin who looked around first has none yet.
    if (hash !== null) {
      if (normalizePassword(current ?? '') === normalizePassword(next)) throw weakPassword('same_as_before', '/next')
      await throttle.charge(charges, now)
      if (!(await check.verify(hash, current ?? ''))) throw new DomainError('login_failed', 'the current password is wrong')
    }
    return check.hash(next)
  })
  const opened = await writeTransaction(db, (tx) => {
    if (getUser(tx, user.id).tokenEpoch !== user.tokenEpoch) throw new DomainError('not_authenticated', 'log in again')
    giveChargesBack(tx, charges, now)
    setPassword(tx, { id: user.id, hash: newHash, mustChange: false })
    const ended = endSessions(tx, { userId: user.id, why: 'password', now })
    forgetDevices(tx, user.id)
    const details = { account: user.id, ended, requestId: origin.requestId }
    appendAudit(tx, { at: now, actor: user.login, action: 'account.password', subject: user.login, details })
    return openSession(tx, { userId: user.id, origin, action: 'session.renew', perUserMax: perUserMax(), now })
  })
  return signedIn(db, ring, opened, now)
}

export interface ResetInput {
  login: string
  code: string
  next: string
  origin: Origin
  now: Date
}

/**
 * A new password by a code, and a session; the code is used up and all sessions of before end. The answer does not tell whether the name or the code was wrong.
 * Throws `weak_password`, `login_failed`, `too_many_attempts`, `busy`, `storage_full`, `database_unavailable`.
 */
export async function resetPassword(
  { db, ring, passwords, throttle, rules, perUserMax, report }: SignInOptions,
  { login, code, next, origin, now }: ResetInput,
): Promise<SignedIn> {
  const name = normalizeLogin(login)
  await passwords.judge(next, { login: name, path: '/next' })
  const charges: Charges = [
    [`reset:${hashSecret(name)}`, rules.account],
    [`address:${addressKey(origin.address)}`, rules.address],
    ['total', rules.total],
  ]
  const hash = await passwords.inTurn(async (check) => {
    await throttle.charge(charges, now)
    return check.hash(next)
  })
  const opened = await writeTransaction(db, (tx) => {
    const user = findUserByLogin(tx, name)
    const right = consumeResetCode(tx, { userId: user?.id ?? -1, codeHash: hashCode(code), now })
    if (user?.status !== 'active' || !right) return null
    giveChargesBack(tx, charges, now)
    setPassword(tx, { id: user.id, hash, mustChange: false })
    const ended = endSessions(tx, { userId: user.id, why: 'reset', now })
    forgetDevices(tx, user.id)
    const details = { account: user.id, ended, address: origin.address, requestId: origin.requestId }
    appendAudit(tx, { at: now, actor: user.login, action: 'account.reset', subject: user.login, details })
    return openSession(tx, { userId: user.id, origin, action: 'session.reset', perUserMax: perUserMax(), now })
  })
  if (opened === null) {
    report({ event: 'reset.failed', 'client.address': origin.address })
    throw new DomainError('login_failed', 'login or code is wrong, or the code is too old')
  }
  return signedIn(db, ring, opened, now)
}
