/** The exact nearest vectors of every query, and how many of them an answer holds. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnnIndex } from '../../server/engine/ann-index'
import { filterTruth, randomRows } from './allowed-rows'
import { mapF32, readF32, type VectorFiles } from './vector-files'

/** Scores this close to the last right one are as good: equal vectors have other keys, and f32 sums other orders. */
const scoreSlack = 1e-6
const depth = 100
/** Queries whose answers are computed here too: the truth must not rest on the engine that is judged by it. */
const checked = 10

export interface Truth {
  /** Share of the k nearest that was found, mean over queries. @param keys queries × k */
  recall(keys: Uint32Array, k: number): number
}

/** @param index where the exact search is asked when no former run left the answers */
export async function exactTruth(files: VectorFiles, folder: string, set: string, index: () => AnnIndex): Promise<Truth> {
  const { dimensions, queryCount, count } = files
  const base = mapF32(files.basePath)
  const queries = readF32(files.queriesPath)
  const path = join(folder, `${set}.${count}.${queryCount}.truth.u32`)
  if (!existsSync(path)) {
    const { keys } = await index().exactBatch(queries, { k: Math.min(depth, count), threads: 2 })
    check(keys, { base, queries: queries.subarray(0, checked * dimensions), dimensions })
    writeFileSync(`${path}.tmp`, keys)
    renameSync(`${path}.tmp`, path)
  }
  const bytes = readFileSync(path)
  const nearest = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  const width = nearest.length / queryCount
  const score = (query: number, key: number): number => {
    let sum = 0
    const [q, b] = [query * dimensions, key * dimensions]
    for (let i = 0; i < dimensions; i++) sum += queries[q + i] * base[b + i]
    return sum
  }
  const recall = (keys: Uint32Array, k: number): number => {
    let found = 0
    for (let query = 0; query < queryCount; query++) {
      const right = new Set(nearest.subarray(query * width, query * width + k))
      const least = score(query, nearest[query * width + k - 1]) - scoreSlack
      const answered = new Set(keys.subarray(query * k, query * k + k))
      for (const key of answered) if (right.has(key) || (key < count && score(query, key) >= least)) found++
    }
    return found / (queryCount * k)
  }
  return { recall }
}

function check(keys: Uint32Array, { base, queries, dimensions }: { base: Float32Array; queries: Float32Array; dimensions: number }): void {
  const count = base.length / dimensions
  const k = Math.min(10, count)
  const width = Math.min(depth, count)
  const { least } = filterTruth({ base, queries, dimensions }, randomRows(count, 1), k)
  for (const [query, right] of least.entries()) {
    const key = keys[query * width + k - 1]
    let score = 0
    for (let i = 0; i < dimensions; i++) score += queries[query * dimensions + i] * base[key * dimensions + i]
    if (Math.abs(score - right) > scoreSlack) throw new Error('the exact search answers otherwise than every vector scored in f64')
  }
}
