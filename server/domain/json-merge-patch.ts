/** JSON merge patch (RFC 7396): what a patch names is set, null takes it away, the rest stays. */
import { DomainError } from './error'
import { pointerOf } from './value-diff'

/** Names that mean something to the language itself. */
const refusedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * The target with the patch applied; neither is changed. Lists are replaced as a whole.
 * @throws invalid_value for a key of a name that is not accepted
 */
export function mergePatch(target: unknown, patch: unknown, path = ''): unknown {
  if (!isObject(patch)) return patch
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    const place = pointerOf(path, key)
    if (refusedKeys.has(key)) {
      throw new DomainError('invalid_value', 'the patch cannot be applied', {
        details: [{ path: place, message: 'a key of this name is not accepted' }],
      })
    }
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, value, place)
  }
  return merged
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
