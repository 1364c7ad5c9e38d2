/** Everything about people that lives as long as a serving process: keys, the queue of passwords, what was seen last. */
import type { SetupRequest } from '../../contract/account'
import type { Holder, Origin } from '../../domain/sign-in'
import type { Db } from '../../store/open'
import { createAuthenticate } from './authenticate'
import { keysPath, openKeyRing } from './key-ring'
import { createKeyUses } from './key-uses'
import { changePassword, resetPassword } from './password-change'
import { createPasswords } from './passwords'
import { createSessionUses } from './session-uses'
import { endOwnSession, logOut, ownSessions, refreshSession, whoAmI } from './sessions'
import { setUpAdmin } from './setup'
import { type SignInOptions, signIn } from './sign-in'
import { createThrottle, type ThrottleRules, throttleRules } from './throttle'
import { enter, register, waitingState } from './waiting'

export interface AccountRuntimeOptions {
  db: Db
  /** The signing keys lie beside it. */
  databasePath: string
  /** Open sessions that a person may have; 0 for no limit. */
  perUserMax: () => number
  /** The access token that a browser sent. */
  accessToken: (request: Request) => string | null
  report: (event: AccountEvent) => void
  /** See `createThrottle`. */
  onBlocked?: (key: string, waitMs: number) => void
  rules?: ThrottleRules
  now?: () => Date
}

/** For the security log. No name that was typed is in it. */
export type AccountEvent = {
  event: 'login.failed' | 'reset.failed' | 'keys.rotated'
  'client.address'?: string
}

const rotationLookMs = 3_600_000

/** Throws `forbidden` (others may read the keys), `database_unavailable`. */
export function createAccountRuntime({
  db,
  databasePath,
  perUserMax,
  accessToken,
  report,
  onBlocked,
  rules = throttleRules,
  now = () => new Date(),
}: AccountRuntimeOptions) {
  const ring = openKeyRing(keysPath(databasePath), { now })
  const passwords = createPasswords()
  const sessionUses = createSessionUses({ db })
  const keyUses = createKeyUses({ db })
  const options: SignInOptions = { db, ring, passwords, throttle: createThrottle(db, { onBlocked }), rules, perUserMax, report }
  const rotate = () => {
    try {
      if (ring.rotateWhenOld(now())) report({ event: 'keys.rotated' })
    } catch {
      // A disk that cannot be written: the keys of now sign on, the next hour tries again.
    }
  }
  rotate()
  const rotation = setInterval(rotate, rotationLookMs)
  rotation.unref()

  const features = {
    register: (input: { login: string; password: string; name?: string; origin: Origin }) => register(options, { ...input, now: now() }),
    logIn: (input: { login: string; password: string; origin: Origin }) => signIn(options, { ...input, now: now() }),
    refresh: (token: string) => refreshSession({ db, ring, sessionUses }, token, now()),
    changePassword: (input: { holder: Holder; current?: string; next: string; origin: Origin }) =>
      changePassword(options, { ...input, now: now() }),
    resetPassword: (input: { login: string; code: string; next: string; origin: Origin }) =>
      resetPassword(options, { ...input, now: now() }),
    waiting: (ticket: string | null) => waitingState(db, ring, ticket, now()),
    enter: (input: { ticket: string | null; origin: Origin }) => enter(options, { ...input, now: now() }),
    me: (holder: Holder) => whoAmI(db, holder),
    sessions: (holder: Holder) => ownSessions(db, holder, now()),
    endSession: (holder: Holder, session: string, requestId: string | null) =>
      endOwnSession(db, holder, { session, requestId, now: now() }),
    logOut: (tokens: { access: string | null; refresh: string | null }, requestId: string | null) =>
      logOut({ db, ring, sessionUses }, tokens, { requestId, now: now() }),
    /** The first admin, logged in. Throws as `setUpAdmin`. */
    setUp: (input: SetupRequest & { origin: Origin }) => setUpAdmin(options, { ...input, now: now() }),
  }
  const stop = async () => {
    clearInterval(rotation)
    passwords.close()
    await Promise.all([sessionUses.stop(), keyUses.stop()])
  }
  return {
    features,
    authenticate: createAuthenticate({ db, ring, sessionUses, keyUses, accessToken, now }),
    passwords,
    sessionUses,
    stop,
  }
}
export type AccountRuntime = ReturnType<typeof createAccountRuntime>
