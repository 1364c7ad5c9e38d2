/** The index's contract in plain TypeScript, exhaustively: the oracle of the contract suite. */
import { DomainError } from '../../server/domain/error'
import type { Neighbours } from '../../server/engine/ann-index'

export class BruteForce {
  readonly count: number

  constructor(
    readonly vectors: Float32Array,
    readonly dimensions: number,
  ) {
    this.count = vectors.length / dimensions
  }

  search(query: Float32Array, { k, ef }: { k: number; ef: number }): Neighbours {
    within(ef, 4_096)
    return this.exact(query, { k })
  }

  exact(query: Float32Array, { k }: { k: number }): Neighbours {
    within(k, 1_000)
    if (query.length !== this.dimensions) throw new DomainError('vector_wrong_length', 'length')
    if (!query.every(Number.isFinite)) throw new DomainError('vector_not_finite', 'finite')
    if (query.every((value) => value === 0)) throw new DomainError('vector_zero', 'zero')
    const scored = Array.from({ length: this.count }, (_, key) => ({ key, score: dot(this.vector(key), query) }))
    scored.sort((a, b) => b.score - a.score || a.key - b.key)
    const best = scored.slice(0, k)
    return { keys: Uint32Array.from(best, ({ key }) => key), scores: Float32Array.from(best, ({ score }) => score) }
  }

  vector(key: number): Float32Array {
    if (!Number.isInteger(key) || key < 0 || key >= this.count) throw new DomainError('bad_request', 'key')
    return this.vectors.slice(key * this.dimensions, (key + 1) * this.dimensions)
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at]
  return sum
}

function within(value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) throw new DomainError('bad_request', 'range')
}
