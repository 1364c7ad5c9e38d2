/** The runtime configuration as a value: its defaults, and the one place that reads it from JSON. */
import { Value } from '@sinclair/typebox/value'
import type { ProblemDetail } from '../contract/problem'
import { RuntimeConfig } from '../contract/runtime-config'
import { DomainError } from './error'
import { pointerOf } from './value-diff'

const detailsMax = 50
const pathCharactersMax = 200

/** Revision 0. */
export const defaultRuntimeConfig: RuntimeConfig = freeze(Value.Decode(RuntimeConfig, Value.Default(RuntimeConfig, {})))

/**
 * What is absent has its default: a patch takes a value back with null, and a release may have knobs that older revisions lack.
 * @returns frozen, through and through
 * @throws invalid_value, with the pointer of everything that is wrong
 */
export function parseRuntimeConfig(value: unknown): RuntimeConfig {
  const lists = listsIn(value)
  const filled = Value.Default(RuntimeConfig, structuredClone(value))
  if (lists.length === 0 && Value.Check(RuntimeConfig, filled)) return freeze(filled)
  const details: ProblemDetail[] = lists.slice(0, detailsMax)
  for (const { path, message } of Value.Errors(RuntimeConfig, filled)) {
    if (details.length === detailsMax) break
    details.push({ path: path.slice(0, pathCharactersMax), message })
  }
  throw new DomainError('invalid_value', 'the configuration would not be valid', { details })
}

/** Filling in defaults makes an object of a list in silence; a configuration has none. */
function listsIn(value: unknown, path = ''): ProblemDetail[] {
  if (Array.isArray(value)) return [{ path: path.slice(0, pathCharactersMax), message: 'Unexpected list' }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => listsIn(part, pointerOf(path, key)))
}

/** Every request reads the same object: nobody may write to it. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}
