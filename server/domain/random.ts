/** Seeded pseudo-random numbers: sfc32 (C. Doty-Humphrey, PractRand; public domain). Same seed, same numbers, everywhere. */

export type Random = () => number

/** @returns a function that yields numbers in [0, 1) */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9
  let b = seed >>> 0
  let c = Math.floor(seed / 4294967296) >>> 0
  let counter = 1
  const next = () => {
    const sum = (a + b + counter++) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 4294967296
  }
  for (let round = 0; round < 15; round++) next()
  return next
}

/** `count` distinct numbers of 0 … size − 1 in random order (all of them when count ≥ size). */
export function sampleRows(size: number, count: number, random: Random): Uint32Array {
  const rows = Uint32Array.from({ length: size }, (_, row) => row)
  const taken = Math.min(count, size)
  for (let at = 0; at < taken; at++) {
    const other = at + Math.floor(random() * (size - at))
    const row = rows[at]
    rows[at] = rows[other]
    rows[other] = row
  }
  return rows.slice(0, taken)
}
