/** As many word vectors as wanted: the real ones in a shuffled order, and behind them rows derived from them, said to be so. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { VectorData } from './data'
import { generator, normals } from './random-numbers'
import type { VectorFiles } from './vector-files'
import { writeVectors } from './vector-files'

const chunkRows = 10_000
/** Length of the random step that is added to a derived row, of rows of norm 1. */
const noise = 0.3
/** Dimensions that are made of a word's own, and how near two words must lie for them to be alike. */
const added = 28
const frequency = 2

/** Rows of the nearest words of word rows, `width` each, the word itself first. `words` is all that it may know. */
export type Neighbourhood = (words: Float32Array, rows: Float32Array, width: number) => Promise<Uint32Array>

/**
 * A derived row lies between a word and one of its nine nearest (20 % to 80 % of the way), moved by a random step, of norm 1.
 * Then every row, real or derived, is widened. Smaller sets are the beginnings of larger ones, for the same neighbourhood.
 */
export async function writeDerivedWords(folder: string, words: VectorData, size: number, nearest: Neighbourhood): Promise<VectorFiles> {
  const { dimensions, queries } = words
  const random = generator(1)
  const widen = widener(dimensions)
  const real = shuffled(words.base, dimensions, random)
  const realCount = real.length / dimensions
  const derived = Math.max(0, size - realCount)
  const origin = derived === 0 ? 'real words' : `${realCount} real words, ${derived} derived`
  const wide = dimensions + added
  const name = `${size.toLocaleString('en')} × ${wide}`
  const files = writeVectors(folder, `words-${size}`, { name, origin, dimensions: wide, base: new Float32Array(), queries: widen(queries) })
  const file = openSync(files.basePath, 'w')
  try {
    for (let done = 0; done < size; ) {
      // derived in whole parts, so that what a row becomes does not depend on how many are wanted
      const rows =
        done < realCount
          ? real.subarray(done * dimensions, (done + chunkRows) * dimensions)
          : await derive(real, dimensions, { random, nearest })
      const part = rows.subarray(0, (size - done) * dimensions)
      writeSync(file, bytesOf(widen(part)))
      done += part.length / dimensions
    }
  } finally {
    closeSync(file)
  }
  return { ...files, count: size }
}

/**
 * Adds 28 cosines of random directions through a row's values (random Fourier features, A. Rahimi and B. Recht 2007): no linear map
 * of the row, but alike where rows are alike. The added part has about 28 in 128 parts of the square; the whole has norm 1.
 */
function widener(dimensions: number): (rows: Float32Array) => Float32Array {
  const directions = normals(added * dimensions, generator(2))
  const phases = normals(added, generator(3))
  const wide = dimensions + added
  const [own, share] = [Math.sqrt(dimensions / wide), Math.sqrt(2 / wide)]
  return (rows) => {
    const out = new Float32Array((rows.length / dimensions) * wide)
    for (let from = 0, to = 0; from < rows.length; from += dimensions, to += wide) {
      for (let i = 0; i < dimensions; i++) out[to + i] = own * rows[from + i]
      for (let feature = 0; feature < added; feature++) {
        let along = Math.PI * phases[feature]
        for (let i = 0; i < dimensions; i++) along += frequency * directions[feature * dimensions + i] * rows[from + i]
        out[to + dimensions + feature] = share * Math.cos(along)
      }
      let squared = 0
      for (let i = to; i < to + wide; i++) squared += out[i] * out[i]
      for (let i = to; i < to + wide; i++) out[i] /= Math.sqrt(squared)
    }
    return out
  }
}

interface Deriving {
  random: () => number
  nearest: Neighbourhood
}

async function derive(real: Float32Array, dimensions: number, { random, nearest }: Deriving): Promise<Float32Array> {
  const count = chunkRows
  const width = 10
  const rows = new Float32Array(count * dimensions)
  const row = (at: number) => real.subarray(at * dimensions, (at + 1) * dimensions)
  for (let at = 0; at < count; at++) rows.set(row(Math.floor((random() * real.length) / dimensions)), at * dimensions)
  const around = await nearest(real, rows, width)
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

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
