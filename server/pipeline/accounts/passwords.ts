/**
 * Passwords: judged when they are chosen, hashed with Argon2id, verified one at a time. Memory and processor time of a verification are
 * what predictions would lack: the queue before it is short, and who does not fit is sent away.
 */
import argon2 from 'argon2'
import { DomainError } from '../../domain/error'
import { contextWords, normalizePassword, type PasswordProblem, passwordProblem } from '../../domain/password-rules'
import { GuessEstimate } from './guess-estimate'

/** OWASP's smallest for Argon2id: 42 ms here; more would be paid by predictions. Hashes of less are renewed at the next login. */
export const argonParameters = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
/** 10^8 guesses: at 90 a day for one account, thousands of years. */
const guessesLog10Min = 8
const queueMax = 16

export interface Passwords {
  /** Throws `weak_password`; `details` name the rule (`too_short`, …) at `path`, a JSON pointer. */
  judge(password: string, person: { login: string; name?: string; path: string }): Promise<void>
  /** Of a judged password. Takes its turn. Throws `too_many_attempts` when too many wait. */
  hash(password: string): Promise<string>
  /**
   * One at a time: `act` gets its turn and may verify then. Throws `too_many_attempts` when too many wait.
   */
  inTurn<T>(act: (check: PasswordCheck) => Promise<T>): Promise<T>
  /** Verifications since the start, the dummy ones too. */
  verifications(): number
  waiting(): number
  close(): void
}

export interface PasswordCheck {
  /** Without a hash (no such person, or no password set) a dummy is verified, in the same time; the answer is false then. */
  verify(hash: string | null, password: string): Promise<boolean>
  hash(password: string): Promise<string>
  needsRehash(hash: string): boolean
}

export function createPasswords(): Passwords {
  const estimate = new GuessEstimate()
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let verified = 0
  let dummy: Promise<string> | null = null
  const hashNow = (password: string) => argon2.hash(normalizePassword(password), argonParameters)
  const check: PasswordCheck = {
    async verify(hash, password) {
      verified++
      dummy ??= hashNow(crypto.randomUUID())
      const right = await argon2.verify(hash ?? (await dummy), normalizePassword(password))
      return right && hash !== null
    },
    hash: hashNow,
    needsRehash: (hash) => argon2.needsRehash(hash, argonParameters),
  }
  const inTurn = <T>(act: (check: PasswordCheck) => Promise<T>): Promise<T> => {
    if (waiting >= queueMax) throw new DomainError('too_many_attempts', 'too many attempts at this moment; try again soon')
    waiting++
    const turn = last.then(() => act(check)).finally(() => waiting--)
    last = turn.catch(() => {})
    return turn
  }
  return {
    async judge(password, { login, name, path }) {
      const text = normalizePassword(password)
      const context = contextWords({ login, name })
      const problem = passwordProblem(text, context)
      if (problem !== null) throw weakPassword(problem, path)
      if ((await estimate.ask(text, context)) < guessesLog10Min) throw weakPassword('too_common', path)
    },
    hash: (password) => inTurn((own) => own.hash(password)),
    inTurn,
    verifications: () => verified,
    waiting: () => waiting,
    close: () => estimate.close(),
  }
}

/** `path` is the JSON pointer of the password in the request. */
export const weakPassword = (problem: PasswordProblem, path: string) =>
  new DomainError('weak_password', 'this password is not accepted', { details: [{ path, message: problem }] })
