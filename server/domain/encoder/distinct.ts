/** Items with equal attributes share one vector: the index holds distinct rows only. */
import { type Items, MISSING } from '../plant'
import { mix } from './hash'

export interface DistinctRows {
  /** Item row that stands for each vector. */
  representative: Uint32Array
  /** Vector of each item; 0xffffffff for items that are not indexed. */
  vectorOf: Uint32Array
  /** CSR: vector v stands for items[offsets[v] … offsets[v+1]]. */
  offsets: Uint32Array
  items: Uint32Array
}

export const NO_VECTOR = 0xffffffff

/**
 * Groups the items with at least one attribute value for which `keep` holds.
 * Hashes the codes of all attributes, then compares them: equal hashes of different rows are told apart.
 */
export function distinctRows(items: Items, keep: (row: number) => boolean): DistinctRows {
  const { count } = items
  const columns = items.features.map(({ column }) =>
    column.kind === 'text' ? column.codes : new Uint32Array(new Float64Array(column.values).buffer),
  )
  const wide = items.features.map(({ column }) => column.kind === 'number')
  const high = new Uint32Array(count)
  const low = new Uint32Array(count)
  const filled = new Uint8Array(count)
  columns.forEach((codes, index) => {
    const { column } = items.features[index]
    for (let row = 0; row < count; row++) {
      const code = wide[index] ? mix(codes[2 * row]) ^ codes[2 * row + 1] : codes[row]
      const missing = column.kind === 'number' ? Number.isNaN(column.values[row]) : codes[row] === MISSING
      if (!missing) filled[row] = 1
      high[row] = Math.imul(high[row] ^ code, 0x01000193) + index
      low[row] = mix(low[row] ^ Math.imul(code + index, 0x9e3779b1))
    }
  })
  const equal = (a: number, b: number) =>
    columns.every((codes, index) =>
      wide[index] ? codes[2 * a] === codes[2 * b] && codes[2 * a + 1] === codes[2 * b + 1] : codes[a] === codes[b],
    )
  const byHash = new Map<number, number>()
  const vectorOf = new Uint32Array(count).fill(NO_VECTOR)
  const representative: number[] = []
  for (let row = 0; row < count; row++) {
    if (filled[row] === 0 || !keep(row)) continue
    let key = (high[row] & 0x1fffff) * 4294967296 + low[row]
    let vector = byHash.get(key)
    while (vector !== undefined && !equal(representative[vector], row)) vector = byHash.get(++key)
    if (vector === undefined) {
      vector = representative.length
      byHash.set(key, vector)
      representative.push(row)
    }
    vectorOf[row] = vector
  }
  return { representative: Uint32Array.from(representative), vectorOf, ...groupByVector(vectorOf, representative.length) }
}

function groupByVector(vectorOf: Uint32Array, vectors: number): { offsets: Uint32Array; items: Uint32Array } {
  const offsets = new Uint32Array(vectors + 1)
  for (const vector of vectorOf) if (vector !== NO_VECTOR) offsets[vector + 1]++
  for (let vector = 0; vector < vectors; vector++) offsets[vector + 1] += offsets[vector]
  const items = new Uint32Array(offsets[vectors])
  const next = offsets.slice()
  vectorOf.forEach((vector, row) => {
    if (vector !== NO_VECTOR) items[next[vector]++] = row
  })
  return { offsets, items }
}
