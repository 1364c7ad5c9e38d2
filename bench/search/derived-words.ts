/** As many word vectors as wanted: the real ones in a shuffled order, and behind them rows derived from them, said to be so. */
import { closeSync, copyFileSync, openSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { VectorData } from './data'
import type { VectorFiles } from './vector-files'
import { writeVectors } from './vector-files'

const chunkRows = 10_000
/** Length of the random step that is added to a derived row, of rows of norm 1. */
const noise = 0.3

/** Rows of the nearest words of word rows, `width` each, the word itself first. */
export type Neighbourhood = (rows: Float32Array, width: number) => Promise<Uint32Array>

/**
 * A derived row lies between a word and one of its nine nearest (20 % to 80 % of the way), moved by a random step, of norm 1.
 * Smaller sets are the beginnings of larger ones. Same input, same files.
 * @param sizes ascending
 */
export async function writeDerivedWords(
  folder: string,
  words: VectorData,
  sizes: number[],
  nearest: Neighbourhood,
): Promise<VectorFiles[]> {
  const { dimensions, queries } = words
  const random = generator(1)
  const real = shuffled(words.base, dimensions, random)
  const realCount = real.length / dimensions
  const largest = sizes.at(-1) as number
  const whole = join(folder, 'derived.f32')
  const file = openSync(whole, 'w')
  try {
    writeSync(file, bytesOf(real.subarray(0, Math.min(realCount, largest) * dimensions)))
    for (let done = realCount; done < largest; done += chunkRows) {
      writeSync(file, bytesOf(await derive(real, dimensions, Math.min(chunkRows, largest - done), { random, nearest })))
    }
  } finally {
    closeSync(file)
  }
  return sizes.map((size) => {
    const derived = Math.max(0, size - realCount)
    const name = `${size.toLocaleString('en')} × ${dimensions}`
    const origin = derived === 0 ? 'real words' : `${realCount} real words, ${derived} derived`
    const files = writeVectors(folder, `words-${size}`, { name, origin, dimensions, base: new Float32Array(), queries })
    copyFileSync(whole, files.basePath)
    truncateSync(files.basePath, size * dimensions * 4)
    return { ...files, count: size }
  })
}

interface Deriving {
  random: () => number
  nearest: Neighbourhood
}

async function derive(real: Float32Array, dimensions: number, count: number, { random, nearest }: Deriving): Promise<Float32Array> {
  const width = 10
  const rows = new Float32Array(count * dimensions)
  const row = (at: number) => real.subarray(at * dimensions, (at + 1) * dimensions)
  for (let at = 0; at < count; at++) rows.set(row(Math.floor((random() * real.length) / dimensions)), at * dimensions)
  const around = await nearest(rows, width)
  for (let at = 0; at < count; at++) {
    const other = row(around[at * width + 1 + Math.floor(random() * (width - 1))])
    const share = 0.2 + 0.6 * random()
    const step = noise * Math.sqrt(3 / dimensions)
    let squared = 0
    for (let i = 0; i < dimensions; i++) {
      const value = rows[at * dimensions + i]
      // a step of equally likely parts in -1 … 1: their mean square is a third
      const moved = value + share * (other[i] - value) + step * (2 * random() - 1)
      rows[at * dimensions + i] = moved
      squared += moved * moved
    }
    for (let i = 0; i < dimensions; i++) rows[at * dimensions + i] /= Math.sqrt(squared)
  }
  return rows
}

function shuffled(rows: Float32Array, dimensions: number, random: () => number): Float32Array {
  const order = Uint32Array.from({ length: rows.length / dimensions }, (_, at) => at)
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    const held = order[at]
    order[at] = order[other]
    order[other] = held
  }
  const out = new Float32Array(rows.length)
  for (const [at, from] of order.entries()) out.set(rows.subarray(from * dimensions, (from + 1) * dimensions), at * dimensions)
  return out
}

/** Numbers from 0 to below 1, the same for the same seed (xorshift32 of G. Marsaglia, 2003). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
