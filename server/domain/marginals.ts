/**
 * How each attribute's values were spread over the items of a version: few enough parts to count requests in the same ones.
 * A request is counted in one slot an attribute; the slots of a version never change.
 */
import type { AttributeInput } from './encoder/block'
import type { FeatureColumn, Items, NumberColumn, TextColumn } from './plant'

/** Quantile bins of numbers; fewer where that would leave fewer than `ITEMS_PER_BIN` known values each. */
const BINS_MAX = 20
const ITEMS_PER_BIN = 5
/** Values of categories, codes and texts that have a slot of their own. */
const VALUES_MAX = 100
/** Longer values are told apart by their beginning. */
const CHARACTERS_MAX = 200

export interface NumberMarginal {
  name: string
  kind: 'number'
  missing: number
  /** Smallest value; null when no item has one. */
  min: number | null
  /** Upper ends of the bins, included, ascending; the last is the largest value. */
  uppers: number[]
  /** Items per bin. */
  counts: number[]
}

export interface TextMarginal {
  name: string
  kind: 'category' | 'code' | 'text'
  missing: number
  /** The most frequent values, and the items of each. */
  values: string[]
  counts: number[]
  /** Items with any other value. */
  rest: number
  /** True when a value that is not among `values` may be known to be unseen: all are listed, or the column's vocabulary is kept. */
  tellsUnseen: boolean
}
export type Marginal = NumberMarginal | TextMarginal

/** `marginals.json` of a version. */
export interface Marginals {
  format: 1
  items: number
  attributes: Marginal[]
}

/** Slots of an attribute: missing, below (numbers) or unseen (others), above or rest, then the bins or values. */
export const slots = { missing: 0, below: 1, above: 2, unseen: 1, rest: 2, first: 3 } as const

/** Spread of each attribute over all items. */
export function fitMarginals({ count, features }: Items): Marginals {
  const attributes = features.map(({ name, feature, column }: FeatureColumn): Marginal => {
    if (column.kind === 'number') return { name, kind: 'number', ...fitNumbers(column) }
    return { name, kind: feature.kind === 'number' ? 'category' : feature.kind, ...fitTexts(column, { count, kind: feature.kind }) }
  })
  return { format: 1, items: count, attributes }
}

function fitNumbers({ values }: NumberColumn): Omit<NumberMarginal, 'name' | 'kind'> {
  const known = values.filter((value) => !Number.isNaN(value)).sort()
  const bins = Math.max(1, Math.min(BINS_MAX, Math.floor(known.length / ITEMS_PER_BIN)))
  const uppers: number[] = []
  const counts: number[] = []
  let from = 0
  for (let bin = 1; bin <= bins && known.length > 0; bin++) {
    const upper = known[Math.ceil((bin * known.length) / bins) - 1]
    if (upper === uppers.at(-1)) continue
    let end = from
    while (end < known.length && known[end] <= upper) end++
    uppers.push(upper)
    counts.push(end - from)
    from = end
  }
  return { missing: values.length - known.length, min: known.length > 0 ? known[0] : null, uppers, counts }
}

function fitTexts(
  { codes, dictionary }: TextColumn,
  { count, kind }: { count: number; kind: string },
): Omit<TextMarginal, 'name' | 'kind'> {
  const byCode = new Uint32Array(dictionary.length)
  for (const code of codes) byCode[code]++
  const byValue = new Map<string, number>()
  let distinct = 0
  for (let code = 1; code < dictionary.length; code++) {
    if (byCode[code] === 0) continue
    distinct++
    const value = beginning(dictionary[code])
    byValue.set(value, (byValue.get(value) ?? 0) + byCode[code])
  }
  const listed = mostFrequent(byValue)
  const present = codes.length - byCode[0]
  return {
    missing: byCode[0],
    values: listed.map(([value]) => value),
    counts: listed.map(([, items]) => items),
    rest: present - listed.reduce((sum, [, items]) => sum + items, 0),
    tellsUnseen: byValue.size <= VALUES_MAX || (kind === 'category' && hasTellingVocabulary(distinct, count)),
  }
}

/** The most frequent values, the most frequent first. Only what can be among them is sorted: a column may have 100,000 values. */
function mostFrequent(byValue: Map<string, number>): [string, number][] {
  const least = Uint32Array.from(byValue.values()).sort().at(-VALUES_MAX) ?? 0
  const above = [...byValue].filter(([, items]) => items > least)
  const equal: [string, number][] = []
  for (const entry of byValue) {
    if (equal.length === VALUES_MAX - above.length) break
    if (entry[1] === least) equal.push(entry)
  }
  return [...above, ...equal].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
}

/** A column in which nearly every item has its own value says nothing about what was never seen. */
const VOCABULARY_SHARE_MAX = 0.1

/** Whether a value that no item has is worth a word. */
export const hasTellingVocabulary = (distinct: number, items: number): boolean => distinct <= Math.max(200, VOCABULARY_SHARE_MAX * items)

/** Marginals made ready for counting: each attribute's place in one long row of slots. */
export interface SlotTable {
  marginals: Marginals
  size: number
  /** Per attribute: its first slot, then one past the last of all. */
  offsets: Uint32Array
  /** Per attribute: value → slot; null for numbers. */
  slotOf: (Map<string, number> | null)[]
}

export function slotTable(marginals: Marginals): SlotTable {
  const offsets = new Uint32Array(marginals.attributes.length + 1)
  marginals.attributes.forEach(({ counts }, at) => {
    offsets[at + 1] = offsets[at] + slots.first + counts.length
  })
  const slotOf = marginals.attributes.map((marginal) =>
    marginal.kind === 'number' ? null : new Map(marginal.values.map((value, at) => [value, slots.first + at])),
  )
  return { marginals, size: offsets[marginals.attributes.length], offsets, slotOf }
}

/**
 * Counts one request: adds one to one slot of every attribute.
 * @param unseen attributes whose value was found not to be in the version's vocabulary
 */
export function countRequest(
  table: SlotTable,
  values: ReadonlyMap<string, AttributeInput>,
  unseen: ReadonlySet<string>,
  counts: Uint32Array,
): void {
  for (const slot of slotsOfRequest(table, values, unseen)) counts[slot]++
}

/** The slot of each attribute, in the order of the table. */
export function slotsOfRequest(
  { marginals, offsets, slotOf }: SlotTable,
  values: ReadonlyMap<string, AttributeInput>,
  unseen: ReadonlySet<string>,
): Uint32Array {
  const { attributes } = marginals
  const found = new Uint32Array(attributes.length)
  for (let at = 0; at < attributes.length; at++) {
    const value = values.get(attributes[at].name) ?? null
    found[at] = offsets[at] + (value === null ? slots.missing : slotOfValue(attributes[at], slotOf[at], value, unseen))
  }
  return found
}

/** Beginning of a value: what it is told apart by. */
const beginning = (value: string): string => (value.length > CHARACTERS_MAX ? value.slice(0, CHARACTERS_MAX) : value)

function slotOfValue(marginal: Marginal, slotOf: Map<string, number> | null, value: string | number, unseen: ReadonlySet<string>): number {
  if (marginal.kind === 'number') return slotOfNumber(marginal, Number(value))
  const listed = slotOf!.get(beginning(String(value)))
  if (listed !== undefined) return listed
  return marginal.rest === 0 || unseen.has(marginal.name) ? slots.unseen : slots.rest
}

function slotOfNumber({ min, uppers }: NumberMarginal, value: number): number {
  if (min === null || value > uppers[uppers.length - 1]) return slots.above
  if (value < min) return slots.below
  let low = 0
  let high = uppers.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (value <= uppers[middle]) high = middle
    else low = middle + 1
  }
  return slots.first + low
}
