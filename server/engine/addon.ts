/**
 * The native addon, and the one place where its errors become ours. The addon writes `[code] message` with a code of the
 * contract's list; anything else (a panic, a wrong argument type) is an `engine_failed` whose cause goes to the log.
 */
import type * as Binding from '../../native/addon/binding'
import { type ProblemCode, problemCodes } from '../contract/problem'
import { DomainError } from '../domain/error'

function load(): typeof Binding {
  try {
    // A literal path: only then does `bun build --compile` embed the library.
    return require('../../native/addon/routewright.node')
  } catch (cause) {
    throw new DomainError('engine_failed', 'the native addon is missing or does not load: run `bun run build:addon`', { cause })
  }
}

export const binding = load()

const isCode = (text: string): text is ProblemCode => Object.hasOwn(problemCodes, text)

function toDomainError(error: unknown): DomainError {
  const [, code = '', message = ''] = /^\[([a-z_]+)\] (.*)$/s.exec(error instanceof Error ? error.message : '') ?? []
  if (isCode(code)) return new DomainError(code, message, { cause: error })
  return new DomainError('engine_failed', 'the engine failed', { cause: error })
}

/** Runs a synchronous native call. Throws DomainError only. */
export function callNative<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw toDomainError(error)
  }
}

/** Awaits a native call that runs off the thread. Rejects with DomainError only. */
export async function awaitNative<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw toDomainError(error)
  }
}

/** `value` when it is an integer within the bounds; native code would coerce 1.5 to 1 and −1 to 4,294,967,295. */
export function integerWithin(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new DomainError('bad_request', `${name} must be an integer between ${min} and ${max}`)
}
