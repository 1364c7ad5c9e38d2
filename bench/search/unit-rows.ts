/** Rows of vectors as the search benches want them. */

/** Scales each row to norm 1 in place; rows of zeros stay. */
export function normalize(vectors: Float32Array, dimensions: number): Float32Array {
  for (let at = 0; at < vectors.length; at += dimensions) {
    let squared = 0
    for (let i = at; i < at + dimensions; i++) squared += vectors[i] * vectors[i]
    const norm = Math.sqrt(squared) || 1
    for (let i = at; i < at + dimensions; i++) vectors[i] /= norm
  }
  return vectors
}

/** Takes up to `queriesMax` rows, spread evenly over all, out of the others, of which the first `rowsMax` stay. */
export function holdOut(rows: Float32Array, dimensions: number, { rowsMax, queriesMax }: { rowsMax: number; queriesMax: number }) {
  const total = rows.length / dimensions
  const count = Math.min(total, rowsMax + queriesMax)
  const step = Math.floor(count / queriesMax)
  if (step < 2) throw new Error('fewer than two rows a query')
  const base = new Float32Array((count - queriesMax) * dimensions)
  const queries = new Float32Array(queriesMax * dimensions)
  let [held, kept] = [0, 0]
  for (let row = 0; row < count; row++) {
    const values = rows.subarray(row * dimensions, (row + 1) * dimensions)
    if (row % step === step - 1 && held < queriesMax) queries.set(values, held++ * dimensions)
    else base.set(values, kept++ * dimensions)
  }
  return { base, queries }
}
