/** Clustered unit vectors, the same on every machine, and a folder with an index over some. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildIndex, IMAGE_FILE, INDEX_FILE, type OpenOptions, VECTORS_FILE } from '../../server/engine/ann-index'

/** −0.5 … 0.5 */
export function numbers(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32 - 0.5
  }
}

export function clusteredVectors(seed: number, count: number, dimensions: number): Float32Array {
  const centre = numbers(1)
  const centres = Float32Array.from({ length: 40 * dimensions }, centre)
  const next = numbers(seed)
  const vectors = new Float32Array(count * dimensions)
  for (let row = 0; row < count; row++) {
    const vector = vectors.subarray(row * dimensions, (row + 1) * dimensions)
    for (let at = 0; at < dimensions; at++) vector[at] = centres[(row % 40) * dimensions + at] + next() * 0.6
    const norm = Math.hypot(...vector)
    for (let at = 0; at < dimensions; at++) vector[at] /= norm
  }
  return vectors
}

export interface Folder {
  path: string
  paths(count: number): OpenOptions
  remove(): void
}

export function emptyFolder(dimensions: number): Folder {
  const path = mkdtempSync(join(tmpdir(), 'routewright-engine-'))
  const files = { imagePath: join(path, IMAGE_FILE), indexPath: join(path, INDEX_FILE), vectorsPath: join(path, VECTORS_FILE) }
  return { path, paths: (count) => ({ ...files, dimensions, count }), remove: () => rmSync(path, { recursive: true, force: true }) }
}

export async function builtFolder(vectors: Float32Array, dimensions: number): Promise<Folder> {
  const folder = emptyFolder(dimensions)
  await buildIndex(vectors, { dimensions, directory: folder.path, connectivity: 8, threads: 1 })
  return folder
}
