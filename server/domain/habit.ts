/**
 * Habits: the routings that a plant makes most often, of all its items and by the value of that one attribute which foretells
 * the routing of unseen families best. What one would answer without looking closer, and the first thing to say of a part far from all.
 */
import type { AttributeInput } from './encoder/block'
import type { Knowledge } from './knowledge'
import type { TextColumn } from './plant'

/** A signature with its share of the routings. */
export interface Habit {
  signature: number
  share: number
}

/** Habits by an attribute's value. */
export interface HabitsBy {
  attribute: string
  values: Record<string, Habit[]>
}

const HABITS = 5
/** Items of the whole plant's kind that are counted with those of a value: one item alone is no habit. */
const PRIOR_ITEMS = 1
/** Values of an attribute beyond which it names items, not kinds. */
const VALUES_MAX = 2_000
const VALUES_SHARE_MAX = 0.5

/** The most frequent signatures with their share of all routings, most frequent first; those of a single routing are none. */
export function findHabits({ routings, signatures }: Knowledge): Habit[] {
  const counts = new Uint32Array(signatures.count)
  for (const signature of routings.signature) counts[signature]++
  return Array.from(counts, (count, signature) => ({ signature, share: count / routings.count, count }))
    .filter(({ count }) => count > 1)
    .sort((a, b) => b.count - a.count || a.signature - b.signature)
    .slice(0, HABITS)
    .map(({ signature, share }) => ({ signature, share }))
}

/** What is usual for an item: by its attribute's value, else in the whole plant. */
export function habitsOf(all: Habit[], by: HabitsBy | undefined, values: ReadonlyMap<string, AttributeInput>): Habit[] {
  const value = by === undefined ? null : values.get(by.attribute)
  return value == null ? all : (by!.values[String(value)] ?? all)
}

/** Whether an attribute's values can be kinds of items. @param routed number of items with a routing */
export function hasKinds({ dictionary }: TextColumn, routed: number): boolean {
  return dictionary.length > 2 && dictionary.length - 1 <= Math.min(VALUES_MAX, VALUES_SHARE_MAX * routed)
}

/** Habits per value of one attribute, by its code. @param rows items that count; each counts once, divided among its routings */
export function tallyHabits(knowledge: Knowledge, { codes, dictionary }: TextColumn, rows: ArrayLike<number>, all: Habit[]): Habit[][] {
  const { items, routings } = knowledge
  const tallies: Map<number, number>[] = dictionary.map(() => new Map())
  const counts = new Uint32Array(dictionary.length)
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]
    if (codes[row] === 0) continue
    counts[codes[row]]++
    const tally = tallies[codes[row]]
    const from = items.routingOffsets[row]
    const to = items.routingOffsets[row + 1]
    let orders = 0
    for (let routing = from; routing < to; routing++) orders += routings.orders[routing]
    for (let routing = from; routing < to; routing++) {
      const signature = routings.signature[routing]
      tally.set(signature, (tally.get(signature) ?? 0) + routings.orders[routing] / orders)
    }
  }
  return tallies.map((tally, code) => {
    if (counts[code] === 0) return []
    for (const { signature, share } of all) tally.set(signature, (tally.get(signature) ?? 0) + PRIOR_ITEMS * share)
    return [...tally]
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, HABITS)
      .map(([signature, weight]) => ({ signature, share: weight / (counts[code] + PRIOR_ITEMS) }))
  })
}

/** As they are stored: values without an item have none. */
export function habitsByValue(attribute: string, { dictionary }: TextColumn, habits: Habit[][]): HabitsBy {
  const values = habits.flatMap((entry, code) => (entry.length === 0 ? [] : [[dictionary[code], entry] as const]))
  return { attribute, values: Object.fromEntries(values) }
}
