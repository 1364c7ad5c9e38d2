/**
 * Log-in. Answers and their times are the same for a wrong password and for a name that is unknown, waits, was refused or is
 * suspended: the same reads, the same charge, one verification.
 */
import { DomainError } from '../../domain/error'
import { normalizeLogin } from '../../domain/login-name'
import type { Origin, SignedIn } from '../../domain/sign-in'
import { isKnownDevice } from '../../store/known-device'
import type { Db } from '../../store/open'
import { findPasswordHash, findUserByLogin, rehashPassword, type User } from '../../store/user'
import { writeTransaction } from '../../store/write-transaction'
import type { KeyRing } from './key-ring'
import type { Passwords } from './passwords'
import { reading } from './reading'
import { hashSecret } from './secret'
import { openSession, signedIn } from './sessions'
import { addressKey, type Charges, giveChargesBack, type Throttle, type ThrottleRules } from './throttle'

export interface SignInOptions {
  db: Db
  ring: KeyRing
  passwords: Passwords
  throttle: Throttle
  rules: ThrottleRules
  perUserMax: () => number
  /** Something for the security log; never a name that was typed. */
  report: (event: { event: 'login.failed' | 'reset.failed'; 'client.address': string }) => void
}

/** Throws `login_failed`, `too_many_attempts`, `busy`, `storage_full`, `database_unavailable`. */
export async function signIn(
  { db, ring, passwords, throttle, rules, perUserMax, report }: SignInOptions,
  { login, password, origin, now }: { login: string; password: string; origin: Origin; now: Date },
): Promise<SignedIn> {
  const name = normalizeLogin(login)
  const { charges, user, hash } = reading(() => {
    const user = findUserByLogin(db, name)
    const hash = findPasswordHash(db, user?.id ?? -1)
    return { charges: chargesOf({ db, rules, user, name, origin, now }), user, hash }
  })
  const outcome = await passwords.inTurn(async (check) => {
    await throttle.charge(charges, now)
    const right = await check.verify(hash, password)
    return right && user?.status === 'active' && hash !== null
      ? { user, newHash: check.needsRehash(hash) ? await check.hash(password) : null }
      : null
  })
  if (outcome === null) {
    report({ event: 'login.failed', 'client.address': origin.address })
    throw new DomainError('login_failed', 'login or password is wrong, or the account is not open')
  }
  const opened = await writeTransaction(db, (tx) => {
    giveChargesBack(tx, charges, now)
    const newest = findUserByLogin(tx, name)
    // Decided otherwise while the password was looked at.
    if (newest?.tokenEpoch !== outcome.user.tokenEpoch || newest.status !== 'active') return null
    if (outcome.newHash !== null) rehashPassword(tx, { id: newest.id, hash: outcome.newHash })
    return openSession(tx, { userId: newest.id, origin, action: 'session.login', perUserMax: perUserMax(), now })
  })
  if (opened === null) throw new DomainError('login_failed', 'login or password is wrong, or the account is not open')
  return signedIn(db, ring, opened, now)
}

/** A browser from which this person logged in before has an allowance of its own: the guesses of others do not block it. */
export function chargesOf({
  db,
  rules,
  user,
  name,
  origin,
  now,
}: {
  db: Db
  rules: ThrottleRules
  user: User | null
  name: string
  origin: Origin
  now: Date
}): Charges {
  const deviceHash = hashSecret(origin.device ?? '')
  if (isKnownDevice(db, { deviceHash, userId: user?.id ?? -1, now })) {
    return [[`device:${hashSecret(`${deviceHash} ${user?.id}`)}`, rules.device]]
  }
  return [
    [`account:${hashSecret(name)}`, rules.account],
    [`address:${addressKey(origin.address)}`, rules.address],
    ['total', rules.total],
  ]
}
