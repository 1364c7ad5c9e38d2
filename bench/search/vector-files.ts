/** Vectors of a bench as raw files, so that engines in processes of their own and later runs use the very same ones. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VectorData } from './data'

export interface VectorFiles {
  name: string
  /** How the vectors came to be. */
  origin: string
  dimensions: number
  count: number
  queryCount: number
  /** Row-major little-endian f32. */
  basePath: string
  queriesPath: string
}

/** Writes the vectors as `<set>.base.f32`, `<set>.queries.f32` and `<set>.meta.json`; the last makes them complete. */
export function writeVectors(folder: string, set: string, data: VectorData): VectorFiles {
  mkdirSync(folder, { recursive: true })
  const { name, origin, dimensions } = data
  writeFileSync(join(folder, `${set}.base.f32`), data.base)
  writeFileSync(join(folder, `${set}.queries.f32`), data.queries)
  const meta = { name, origin, dimensions, count: data.base.length / dimensions, queries: data.queries.length / dimensions }
  const path = join(folder, `${set}.meta.json`)
  writeFileSync(`${path}.tmp`, `${JSON.stringify(meta)}\n`)
  renameSync(`${path}.tmp`, path)
  return readVectorFiles(folder, set) as VectorFiles
}

/** Null when a former run has not left them. */
export function readVectorFiles(folder: string, set: string): VectorFiles | null {
  const path = join(folder, `${set}.meta.json`)
  if (!existsSync(path)) return null
  const { name, origin, dimensions, count, queries } = JSON.parse(readFileSync(path, 'utf8'))
  const [basePath, queriesPath] = [join(folder, `${set}.base.f32`), join(folder, `${set}.queries.f32`)]
  return { name, origin, dimensions, count, queryCount: queries, basePath, queriesPath }
}

/** The whole file in memory. */
export function readF32(path: string): Float32Array {
  const bytes = readFileSync(path)
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
}

/** The file's values without reading it: pages come when they are touched. */
export function mapF32(path: string): Float32Array {
  const bytes = Bun.mmap(path)
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
}
