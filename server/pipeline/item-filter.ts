/**
 * A filter of items as bitsets: over items, and over the vectors that stand for at least one of them. Made once for a model and kept
 * with it.
 */
import { type LRU, lru } from 'tiny-lru'
import type { ItemFilter } from '../contract/item-filter'
import { limits } from '../contract/limits'
import type { Warning } from '../contract/predict'
import { canonicalKey } from '../domain/canonical-key'
import { NO_VECTOR } from '../domain/encoder/distinct'
import { DomainError } from '../domain/error'
import type { Knowledge, TextView } from '../domain/knowledge'

export interface AllowedItems {
  /** Items that pass. */
  count: number
  has(row: number): boolean
  /** Bit `key & 31` of word `key >> 5`. */
  vectors: Uint32Array
  /** Bits that are set. */
  vectorCount: number
  /** Names of the attributes that the filter looks at. */
  names: string[]
}

export type AllowedCache = LRU<AllowedItems>

/** Two bitsets of 300,000 take 75 KB. */
const KEPT = 64

export const createAllowedCache = (): AllowedCache => lru<AllowedItems>(KEPT)

/**
 * The items that pass; null where everything does.
 * @throws unknown_attribute, bad_request (an attribute that is no category), with its place
 */
export function allowedItems(
  { knowledge, allowed }: { knowledge: Pick<Knowledge, 'items' | 'vectors'>; allowed: AllowedCache },
  filter: ItemFilter | undefined,
): AllowedItems | null {
  if (filter === undefined || Object.keys(filter).length === 0) return null
  const wanted = new Map(Object.entries(filter).map(([name, values]) => [name, sorted(values)]))
  const key = canonicalKey(Object.fromEntries(wanted))
  let items = allowed.get(key)
  if (items === undefined) {
    items = readAllowed(knowledge, wanted)
    allowed.set(key, items)
  }
  return items
}

/** What is told when nothing passes: the answer is empty, which is no error. */
export function filterWarnings(allowed: AllowedItems | null): Warning[] {
  if (allowed === null || allowed.count > 0) return []
  return [{ code: 'filter_empty', attribute: allowed.names.join(', '), message: 'no item of this version passes the filter' }]
}

const sorted = (values: string | string[]): string[] =>
  [...new Set([values].flat().map((value) => value.trim()))].sort((a, b) => (a < b ? -1 : Number(a > b)))

function readAllowed({ items, vectors }: Pick<Knowledge, 'items' | 'vectors'>, wanted: Map<string, string[]>): AllowedItems {
  const columns = [...wanted].map(([name, values]) => {
    const { codes, size, value } = columnOf(items, name)
    const passes = new Uint8Array(size)
    const among = new Set(values)
    for (let code = 0; code < size; code++) if (among.has(value(code))) passes[code] = 1
    return { codes, passes }
  })
  const rows = new Uint32Array(Math.ceil(items.count / 32))
  const keys = new Uint32Array(Math.ceil(vectors.count / 32))
  let [count, vectorCount] = [0, 0]
  for (let row = 0; row < items.count; row++) {
    if (!columns.every(({ codes, passes }) => passes[codes[row]] === 1)) continue
    count++
    rows[row >> 5] |= 1 << (row & 31)
    const vector = items.vector[row]
    const [word, bit] = [vector >> 5, 1 << (vector & 31)]
    if (vector === NO_VECTOR || (keys[word] & bit) !== 0) continue
    keys[word] |= bit
    vectorCount++
  }
  return { count, has: (row) => ((rows[row >> 5] >> (row & 31)) & 1) === 1, vectors: keys, vectorCount, names: [...wanted.keys()] }
}

function columnOf(items: Knowledge['items'], name: string): TextView {
  const feature = items.features.find((known) => known.name === name || known.feature.column === name)
  if (feature?.feature.kind === 'category' && feature.text !== null) return feature.text
  if (feature === undefined && name === 'family' && items.family !== null) return items.family
  const path = `/filter/${name.replace(/[^\p{L}\p{N} _.:#-]/gu, '?').slice(0, limits.nameCharactersMax)}`
  if (feature === undefined) {
    throw new DomainError('unknown_attribute', 'the active mapping has no such attribute', {
      details: [{ path, message: 'unknown attribute' }],
    })
  }
  throw new DomainError('bad_request', 'items can be filtered by categories only', { details: [{ path, message: 'not a category' }] })
}
