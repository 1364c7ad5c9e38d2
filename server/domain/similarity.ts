/** The weighted cosine and its shares, from the inner products of blocks. */
import type { Encoder } from './encoder/encoder'

/** Factors on the attributes' weights, by block; null when nothing was moved. */
export type WeightFactors = Float64Array | null

/** Factors by block → one a dimension, 0 for the padding. */
export function spreadFactors(factors: Float64Array, { blockOffsets, model }: Pick<Encoder, 'blockOffsets' | 'model'>): Float32Array {
  const spread = new Float32Array(model.dimensions)
  factors.forEach((factor, block) => {
    spread.fill(factor, blockOffsets[block], blockOffsets[block + 1])
  })
  return spread
}

/** Squared norm of each block of the query. */
export function blockNorms(query: Float32Array, blockOffsets: Uint32Array): Float64Array {
  const norms = new Float64Array(blockOffsets.length - 1)
  for (let block = 0; block < norms.length; block++) {
    for (let at = blockOffsets[block]; at < blockOffsets[block + 1]; at++) norms[block] += query[at] * query[at]
  }
  return norms
}

/**
 * Σ_b f_b ⟨q_b, d_b⟩ ÷ √(Σ_b f_b |q_b|² · Σ_b f_b |d_b|²): 1 for equal attributes whatever the factors are.
 * @param dots, norms of the stored vectors by block, `rows` × B, from the engine
 * @returns similarity of each row and, in `shares`, the part of each block; the shares of a row sum to its similarity
 */
export function weightedCosine(
  queryNorms: Float64Array,
  { dots, norms }: { dots: Float32Array; norms: Float32Array },
  factors: WeightFactors,
): { similarities: Float64Array; shares: Float64Array } {
  const blocks = queryNorms.length
  const rows = blocks === 0 ? 0 : dots.length / blocks
  const similarities = new Float64Array(rows)
  const shares = new Float64Array(dots.length)
  const factor = (block: number) => (factors === null ? 1 : factors[block])
  let queryNorm = 0
  for (let block = 0; block < blocks; block++) queryNorm += factor(block) * queryNorms[block]
  for (let row = 0; row < rows; row++) {
    let norm = 0
    for (let block = 0; block < blocks; block++) norm += factor(block) * norms[row * blocks + block]
    const scale = norm > 0 && queryNorm > 0 ? 1 / Math.sqrt(queryNorm * norm) : 0
    for (let block = 0; block < blocks; block++) {
      const share = factor(block) * dots[row * blocks + block] * scale
      shares[row * blocks + block] = share
      similarities[row] += share
    }
    similarities[row] = Math.min(1, similarities[row])
  }
  return { similarities, shares }
}
