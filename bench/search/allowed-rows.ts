/** Sets of rows that a filter leaves, and the right answers among them. */

export interface AllowedRows {
  /** How the rows were chosen. */
  kind: 'random' | 'region'
  share: number
  count: number
  /** Bit row & 31 of word row >> 5. */
  bits: Uint32Array
}

/** Rows drawn at random: the filter knows nothing of the query. Same input, same rows. */
export function randomRows(total: number, share: number): AllowedRows {
  const wanted = Math.max(1, Math.round(total * share))
  // places of a full cycle through all rows: a step that has no divisor in common with their number visits each once
  let step = Math.floor(total * 0.6180339887) || 1
  while (divisor(step, total) !== 1) step++
  return {
    kind: 'random',
    share,
    count: wanted,
    bits: bitsOf(
      total,
      Uint32Array.from({ length: wanted }, (_, at) => (at * step) % total),
    ),
  }
}

/** The rows that score highest with one row: a corner of the space, in which most queries do not lie. */
export function regionRows(base: Float32Array, dimensions: number, share: number): AllowedRows {
  const total = base.length / dimensions
  const wanted = Math.max(1, Math.round(total * share))
  const pivot = Math.floor(total / 3)
  const scores = Float64Array.from({ length: total }, (_, row) => dot(base, pivot * dimensions, base, row * dimensions, dimensions))
  const rows = Uint32Array.from({ length: total }, (_, row) => row).sort((a, b) => scores[b] - scores[a] || a - b)
  return { kind: 'region', share, count: wanted, bits: bitsOf(total, rows.subarray(0, wanted)) }
}

export interface Vectors {
  /** Row-major. */
  base: Float32Array
  queries: Float32Array
  dimensions: number
}
export interface FilterTruth {
  /** Score of the last right answer of each query; −∞ when fewer than k rows are allowed. */
  least: Float64Array
  /** Right answers a query: k, or all allowed rows when they are fewer. */
  right: number
}

/** Computed here, not by any engine: every allowed row against every query, in f64. */
export function filterTruth({ base, queries, dimensions }: Vectors, { bits, count }: AllowedRows, k: number): FilterTruth {
  const least = new Float64Array(queries.length / dimensions).fill(Number.NEGATIVE_INFINITY)
  const right = Math.min(k, count)
  const best = new Float64Array(right)
  for (let query = 0; query < least.length; query++) {
    best.fill(Number.NEGATIVE_INFINITY)
    for (let row = 0; row * dimensions < base.length; row++) {
      if (!isAllowed(bits, row)) continue
      const score = dot(queries, query * dimensions, base, row * dimensions, dimensions)
      if (score <= best[right - 1]) continue
      let at = right - 1
      for (; at > 0 && best[at - 1] < score; at--) best[at] = best[at - 1]
      best[at] = score
    }
    least[query] = best[right - 1]
  }
  return { least, right }
}

/** Share of the right answers that was found; a row that is not allowed throws, since a filter must hold. @param keys queries × k */
export function filteredRecall(vectors: Vectors, { bits }: AllowedRows, { least, right }: FilterTruth, keys: Uint32Array): number {
  const { base, queries, dimensions } = vectors
  const k = keys.length / least.length
  let found = 0
  for (let query = 0; query < least.length; query++) {
    const answered = new Set(keys.subarray(query * k, query * k + k))
    for (const key of answered) {
      if (key === 0xffffffff) continue
      if (!isAllowed(bits, key)) throw new Error('an answer names a row that the filter does not allow')
      // f32 sums in other orders than f64
      if (dot(queries, query * dimensions, base, key * dimensions, dimensions) >= least[query] - 1e-6) found++
    }
  }
  return Math.min(1, found / (least.length * right))
}

const isAllowed = (bits: Uint32Array, row: number): boolean => ((bits[row >>> 5] >>> (row & 31)) & 1) === 1

function bitsOf(total: number, rows: Uint32Array): Uint32Array {
  const bits = new Uint32Array(Math.ceil(total / 32))
  for (const row of rows) bits[row >>> 5] |= 1 << (row & 31)
  return bits
}

function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, length: number): number {
  let sum = 0
  for (let i = 0; i < length; i++) sum += a[aStart + i] * b[bStart + i]
  return sum
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
