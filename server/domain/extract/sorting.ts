/** Stable counting sorts of row numbers: sorting by several keys is one pass per key, the last key first. */

/** The rows of `order` sorted by `keys[row]` (0 … keyCount - 1), rows with equal keys in the order they had. */
export function sortedByKey(order: Uint32Array, keys: Uint32Array, keyCount: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(keyCount + 1)
  for (let i = 0; i < order.length; i++) next[keys[order[i]!]! + 1]!++
  for (let key = 0; key < keyCount; key++) next[key + 1]! += next[key]!
  const sorted = new Uint32Array(order.length)
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!
    sorted[next[keys[row]!]!++] = row
  }
  return sorted
}

/** Per code: its rank among the texts, whole numbers first and by value ('9' before '10'), then the others by code point. */
export function naturalRanks(texts: readonly string[]): Uint32Array {
  const numbers = Float64Array.from(texts, (text) => (/^\d{1,15}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY))
  const order = Uint32Array.from(texts.keys()).sort((a, b) => {
    if (numbers[a] !== numbers[b]) return numbers[a]! < numbers[b]! ? -1 : 1
    return texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : 0
  })
  const ranks = new Uint32Array(texts.length)
  for (let rank = 0; rank < order.length; rank++) ranks[order[rank]!] = rank
  return ranks
}

/** Offsets of a CSR from owners in ascending order: owner o has entries offsets[o] … offsets[o + 1]. */
export function offsetsOf(owners: Uint32Array, ownerCount: number): Uint32Array {
  const offsets = new Uint32Array(ownerCount + 1)
  for (let i = 0; i < owners.length; i++) offsets[owners[i]! + 1]!++
  for (let owner = 0; owner < ownerCount; owner++) offsets[owner + 1]! += offsets[owner]!
  return offsets
}
