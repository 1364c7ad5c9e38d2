/** The runtime configuration as a value: its defaults, and the one place that reads it from JSON. */
import { Value } from '@sinclair/typebox/value'
import type { ProblemDetail } from '../contract/problem'
import { RuntimeConfig } from '../contract/runtime-config'
import { DomainError } from './error'

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
  const filled = Value.Default(RuntimeConfig, structuredClone(value))
  if (Value.Check(RuntimeConfig, filled)) return freeze(filled)
  const details: ProblemDetail[] = []
  for (const { path, message } of Value.Errors(RuntimeConfig, filled)) {
    details.push({ path: path.slice(0, pathCharactersMax), message })
    if (details.length === detailsMax) break
  }
  throw new DomainError('invalid_value', 'the configuration would not be valid', { details })
}

/** Every request reads the same object: nobody may write to it. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}
