/** Dense ids for pairs of codes, the base of composite keys: an open-addressing table over typed arrays, no object per row. */

export interface PairIds {
  /** Per row: id of its pair, from 0 in order of first appearance. */
  ids: Uint32Array
  count: number
  /** Per id: the first row that has the pair. */
  first: Uint32Array
}

/** Rows with equal (a, b) get equal ids. Both columns have the same length. */
export function pairIds(a: Uint32Array, b: Uint32Array): PairIds {
  const rows = a.length
  const ids = new Uint32Array(rows)
  const first = new Uint32Array(rows)
  let slots = new Uint32Array(1 << 12)
  let mask = slots.length - 1
  let count = 0
  for (let row = 0; row < rows; row++) {
    let slot = mix(a[row]!, b[row]!) & mask
    for (;;) {
      const id = slots[slot]!
      if (id === 0) {
        slots[slot] = count + 1
        first[count] = row
        ids[row] = count++
        break
      }
      const known = first[id - 1]!
      if (a[known] === a[row] && b[known] === b[row]) {
        ids[row] = id - 1
        break
      }
      slot = (slot + 1) & mask
    }
    if (count * 2 > slots.length) {
      slots = new Uint32Array(slots.length * 4)
      mask = slots.length - 1
      for (let id = 0; id < count; id++) {
        let free = mix(a[first[id]!]!, b[first[id]!]!) & mask
        while (slots[free] !== 0) free = (free + 1) & mask
        slots[free] = id + 1
      }
    }
  }
  return { ids, count, first: first.slice(0, count) }
}

function mix(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** Per key (0 … keyCount - 1): the value most often beside it, the smallest on a tie; 0 is no value and never counted. */
export function mostFrequentValue(keys: Uint32Array, values: Uint32Array, keyCount: number): Uint32Array {
  const pairs = pairIds(keys, values)
  const counts = new Uint32Array(pairs.count)
  for (let row = 0; row < keys.length; row++) counts[pairs.ids[row]!]!++
  const best = new Uint32Array(keyCount)
  const bestCount = new Uint32Array(keyCount)
  for (let id = 0; id < pairs.count; id++) {
    const key = keys[pairs.first[id]!]!
    const value = values[pairs.first[id]!]!
    if (value === 0) continue
    const more = counts[id]! - bestCount[key]!
    if (more > 0 || (more === 0 && value < best[key]!)) {
      best[key] = value
      bestCount[key] = counts[id]!
    }
  }
  return best
}
