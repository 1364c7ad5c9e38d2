/** What one would answer without the product: the heights that any prediction must clear. All learned on the training part. */
import type { Plant } from '../plant'

const CANDIDATES = 5

/** Operation codes (texts) of each routing of an item. */
export function acceptedSequences({ routings, steps }: Plant, item: number): string[][] {
  const sequences: string[][] = []
  for (let routing = routings.itemOffsets[item]; routing < routings.itemOffsets[item + 1]; routing++) {
    const codes = Array.from(steps.operation.codes.subarray(routings.stepOffsets[routing], routings.stepOffsets[routing + 1]))
    sequences.push(codes.map((code) => steps.operation.dictionary[code]))
  }
  return sequences
}

/** An attribute's value as a key: numbers by their decade of log size, texts as they are. */
function valueKey(plant: Plant, feature: number, item: number): string {
  const { column } = plant.items.features[feature]
  if (column.kind === 'text') return column.dictionary[column.codes[item]]
  const value = column.values[item]
  return Number.isNaN(value) ? '' : value > 0 ? `${Math.round(4 * Math.log(value))}` : `${value}`
}

type Tally = Map<string, { operations: string[]; count: number }>

function add(tally: Tally, operations: string[], count: number): void {
  const key = operations.join('\u0001')
  const entry = tally.get(key)
  if (entry === undefined) tally.set(key, { operations, count })
  else entry.count += count
}

const best = (tally: Tally): string[][] =>
  [...tally.values()]
    .sort((a, b) => b.count - a.count)
    .slice(0, CANDIDATES)
    .map(({ operations }) => operations)

export interface Baseline {
  name: string
  answer(plant: Plant, item: number): string[][]
}

/** The most frequent routings of the plant. */
export function mostFrequent(train: Plant): Baseline {
  const answer = best(tallyAll(train))
  return { name: 'most frequent', answer: () => answer }
}

function tallyAll(train: Plant): Tally {
  const tally: Tally = new Map()
  for (let item = 0; item < train.items.count; item++) for (const operations of acceptedSequences(train, item)) add(tally, operations, 1)
  return tally
}

/** Attributes with more values than this share of the items are codes of single items, not families. */
const VALUES_SHARE_MAX = 0.5

/** The most frequent routings by the value of that one attribute which explains the training items best. */
export function bestSingleAttribute(train: Plant): Baseline {
  const overall = best(tallyAll(train))
  let chosen: { feature: number; tallies: Map<string, Tally>; right: number } | null = null
  train.items.features.forEach((_, feature) => {
    const tallies = new Map<string, Tally>()
    let routed = 0
    for (let item = 0; item < train.items.count; item++) {
      const accepted = acceptedSequences(train, item)
      if (accepted.length === 0) continue
      routed++
      const key = valueKey(train, feature, item)
      const tally: Tally = tallies.get(key) ?? new Map()
      tallies.set(key, tally)
      for (const operations of accepted) add(tally, operations, 1)
    }
    if (tallies.size > VALUES_SHARE_MAX * routed) return
    // items that agree with their value's first routing, the first of each value not counted: that one was only seen there
    let right = 0
    for (const tally of tallies.values()) right += Math.max(...[...tally.values()].map(({ count }) => count)) - 1
    if (chosen === null || right > chosen.right) chosen = { feature, tallies, right }
  })
  const found = chosen as { feature: number; tallies: Map<string, Tally> } | null
  if (found === null) return { name: 'best single attribute (none)', answer: () => overall }
  const name = train.items.features[found.feature].name
  return {
    name: `most frequent by ${name}`,
    answer: (plant, item) => {
      const tally = found.tallies.get(valueKey(plant, found.feature, item))
      return tally === undefined ? overall : best(tally)
    },
  }
}
