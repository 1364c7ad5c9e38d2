/** Deterministic 32-bit hashes of text, equal on every machine. */

/** FNV-1a over UTF-16 units, finished with the murmur3 mixer so that all bits depend on all input. */
export function hashText(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return mix(hash)
}

/** murmur3's 32-bit finaliser (A. Appleby, public domain). */
export function mix(value: number): number {
  let hash = value >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * Adds `weight` × a pseudo-random sign pattern of the token to `out[from … from+size)`. Two different tokens are nearly
 * orthogonal (expected product 0, deviation 1/√size of their norms), equal ones add up: the signed hashing trick.
 */
export function addSignPattern(token: string, weight: number, out: Float64Array, from: number, size: number): void {
  const scale = weight / Math.sqrt(size)
  const base = hashText(token)
  let bits = 0
  for (let index = 0; index < size; index++) {
    if (index % 32 === 0) bits = mix(base + Math.imul(index + 1, 0x9e3779b9))
    out[from + index] += bits & 1 ? scale : -scale
    bits >>>= 1
  }
}
