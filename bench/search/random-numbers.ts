/** Random numbers that are the same for the same seed. */

/** From 0 to below 1 (xorshift32 of G. Marsaglia, 2003). */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Of mean 0 and deviation 1 (G. Box and M. Muller, 1958). */
export function normals(count: number, random: () => number): Float64Array {
  return Float64Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
}
