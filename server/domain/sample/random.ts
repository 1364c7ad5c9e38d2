/**
 * Randomness of the sample plant: one stream per purpose and item, so that item i is the same at any size of the plant. The numbers
 * themselves are those of ../random.ts. No clock, no global state.
 */
import { seededRandom } from '../random'

/** Mixes a seed, a stream and an index into 32 bits (murmur3's finaliser over a Weyl step). */
export function mix(seed: number, stream: number, index: number): number {
  let h = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(stream + 1, 0xc2b2ae35)) | 0
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ index
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Mixed into [0, 1). */
export const mixUnit = (seed: number, stream: number, index: number): number => mix(seed, stream, index) / 4294967296

/** A 32-bit hash of a text, for choices that must follow from the text alone (FNV-1a, finalised). */
export function textHash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  return (h ^ (h >>> 13)) >>> 0
}

/** One stream of numbers; its lifetime is one item's generation. */
export class Random {
  /** Uniform in [0, 1). */
  readonly next: () => number

  constructor(seed: number, stream: number, index: number) {
    const low = mix(seed, stream, index)
    this.next = seededRandom(low + 4294967296 * (mix(low, stream + 101, index) >>> 11))
  }

  /** Uniform integer in [0, n). */
  int(n: number): number {
    return Math.floor(this.next() * n)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(values: readonly T[]): T {
    return values[this.int(values.length)]
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
  }

  /** Log-normal with median 1. */
  logNormal(sigma: number): number {
    return Math.exp(sigma * this.normal())
  }
}

export type Weighted<T> = readonly (readonly [T, number])[]

/** A chooser over weighted values: binary search in the cumulated weights. */
export function chooser<T>(entries: Weighted<T>): (random: Random) => T {
  const sums = new Float64Array(entries.length)
  let total = 0
  entries.forEach(([, weight], i) => {
    total += weight
    sums[i] = total
  })
  return (random) => {
    const x = random.next() * total
    let low = 0
    let high = sums.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle] > x) high = middle
      else low = middle + 1
    }
    return entries[low][0]
  }
}
