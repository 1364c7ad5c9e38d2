/** What differs between two JSON values: one line a value, by JSON pointer (RFC 6901). */
import type { ValueChange } from '../contract/document'

const changesMax = 1_000

/** In the order of the pointers; lists are compared as a whole; absent is null. At most `max`. */
export function diffValues(before: unknown, after: unknown, { max = changesMax } = {}): ValueChange[] {
  const changes: ValueChange[] = []
  collect('', before, after, changes, max)
  return changes
}

function collect(path: string, before: unknown, after: unknown, changes: ValueChange[], max: number): void {
  if (changes.length >= max) return
  if (!isObject(before) || !isObject(after)) {
    if (!sameJson(before ?? null, after ?? null)) changes.push({ path, before: before ?? null, after: after ?? null })
    return
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  for (const key of keys) collect(pointerOf(path, key), own(before, key), own(after, key), changes, max)
}

/** The pointer of a key below a pointer. */
export const pointerOf = (path: string, key: string): string => `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`

const own = (value: Record<string, unknown>, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined)
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Equal as JSON: the order of keys says nothing. (TypeBox's own takes an empty list for an empty object.) */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(own(a as Json, key), own(b as Json, key)))
  )
}
type Json = Record<string, unknown>
