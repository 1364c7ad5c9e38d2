/** Vectors of real documentation passages: their published embeddings, and wider ones made from embedding and words. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DataSource } from './data'
import { holdOut, normalize } from './unit-rows'

const folder = join(import.meta.dir, '../../../shared/data/documents')
const embedded = 384
const wide = 1536
/** Places of the random projection that a word touches. */
const placesPerWord = 16

/** 63,388 passages embedded by all-MiniLM-L6-v2, float16 in a NumPy file. */
export const textVectors: DataSource = ({ rowsMax, queriesMax }) => {
  const file = join(folder, 'minilm_384_f16.npy')
  if (!existsSync(file)) return { missing: 'text vectors: ../shared/data/documents' }
  const { base, queries } = holdOut(readEmbeddings(file), embedded, { rowsMax, queriesMax })
  return {
    name: `text ${base.length / embedded} × ${embedded}`,
    origin: 'documentation passages embedded by all-MiniLM-L6-v2, queries held out',
    dimensions: embedded,
    base,
    queries,
  }
}

/**
 * The same passages in 1,536 dimensions: 384 of the embedding, and 1,152 of a random projection of the passage's words (each
 * word of weight (1 + ln tf) · ln(N / df) adds ± to 16 places that its hash names); each part of norm 1 and half of the score.
 */
export const wideTextVectors: DataSource = ({ rowsMax, queriesMax }) => {
  const files = [join(folder, 'minilm_384_f16.npy'), join(folder, 'kb_63388.jsonl.gz')]
  if (!files.every((file) => existsSync(file))) return { missing: 'wide text vectors: ../shared/data/documents' }
  const passages = new TextDecoder()
    .decode(Bun.gunzipSync(readFileSync(files[1])))
    .split('\n', rowsMax + queriesMax)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { title: string; section: string; text: string })
  const embeddings = readEmbeddings(files[0])
  const words = projectWords(passages.map(({ title, section, text }) => `${title} ${section} ${text}`))
  const rows = new Float32Array(passages.length * wide)
  for (let row = 0; row < passages.length; row++) {
    rows.set(embeddings.subarray(row * embedded, (row + 1) * embedded), row * wide)
    rows.set(words.subarray(row * (wide - embedded), (row + 1) * (wide - embedded)), row * wide + embedded)
  }
  const { base, queries } = holdOut(normalize(rows, wide), wide, { rowsMax, queriesMax })
  return {
    name: `wide text ${base.length / wide} × ${wide}`,
    origin:
      'documentation passages: MiniLM embedding and random projection of tf-idf words side by side, each half of the score; queries held out',
    dimensions: wide,
    base,
    queries,
  }
}

/** Of a NumPy file of version 1 of C-ordered float16. */
function readEmbeddings(file: string): Float32Array {
  const bytes = readFileSync(file)
  const start = 10 + bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, start)
  if (!header.includes("'<f2'") || !header.includes(`, ${embedded})`)) throw new Error(`${file}: not rows of ${embedded} float16`)
  const halves = new Float16Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.byteLength))
  return normalize(Float32Array.from(halves), embedded)
}

function projectWords(texts: string[]): Float32Array {
  const width = wide - embedded
  const bags = texts.map((text) => {
    const bag = new Map<string, number>()
    for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) bag.set(word, (bag.get(word) ?? 0) + 1)
    return bag
  })
  const occurs = new Map<string, number>()
  for (const bag of bags) for (const word of bag.keys()) occurs.set(word, (occurs.get(word) ?? 0) + 1)
  const places = new Map([...occurs.keys()].map((word) => [word, placesOf(word, width)]))
  const rows = new Float32Array(texts.length * width)
  for (const [row, bag] of bags.entries()) {
    for (const [word, times] of bag) {
      const weight = (1 + Math.log(times)) * Math.log(texts.length / (occurs.get(word) as number))
      for (const place of places.get(word) as Int32Array) rows[row * width + Math.abs(place) - 1] += Math.sign(place) * weight
    }
  }
  return normalize(rows, width)
}

/** Signed places from 1. */
function placesOf(word: string, width: number): Int32Array {
  const places = new Int32Array(placesPerWord)
  for (let i = 0; i < placesPerWord; i++) {
    const hash = Bun.hash.xxHash64(word, BigInt(i))
    const place = Number((hash >> 1n) % BigInt(width)) + 1
    places[i] = hash & 1n ? place : -place
  }
  return places
}
