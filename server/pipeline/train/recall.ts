/** Recall of the graph search against exact search, on queries that are not stored: items with two attributes blanked. */
import { efSearchPresets } from '../../contract/limits'
import type { RetrievalQuality } from '../../contract/quality'
import { type Random, sampleRows } from '../../domain/random'
import type { AnnIndex } from '../../engine/ann-index'

const QUERIES = 400
const SCORE_TOLERANCE = 1e-6

/** Breadths of the curve; the presets are among them. */
const breadths = [16, 32, 64, 96, 128, 192, 256, 384, 512]
const [NEAR, WIDE] = [10, 50]

/**
 * recall@k = share of the k found that are at least as near as the k-th nearest of exact search (ties count as right). A search
 * for 50 is at least 50 wide.
 * @returns the curve, and `conservative@10`, `standard@50`, … → recall
 */
export async function measureRecall(
  index: AnnIndex,
  blockOffsets: Uint32Array,
  random: Random,
  threads: number,
): Promise<RetrievalQuality> {
  const rows = sampleRows(index.count, QUERIES, random)
  const { dimensions } = index
  const queries = new Float32Array(rows.length * dimensions)
  rows.forEach((row, at) => {
    queries.set(blanked(index.vector(row), blockOffsets, random), at * dimensions)
  })
  if (rows.length === 0) return { queries: 0, curve: [], presets: {} }
  const widest = Math.min(WIDE, index.count)
  const exact = await index.exactBatch(queries, { k: widest, threads })
  const recallAt = async (k: number, ef: number): Promise<number> => {
    const wanted = Math.min(k, index.count)
    const found = await index.searchBatch(queries, { k: wanted, ef: Math.max(ef, wanted), threads })
    let right = 0
    for (let query = 0; query < rows.length; query++) {
      const last = exact.scores[query * widest + wanted - 1]
      for (let at = query * wanted; at < (query + 1) * wanted; at++)
        if (found.keys[at] !== 0xffffffff && found.scores[at] >= last - SCORE_TOLERANCE) right++
    }
    return right / (rows.length * wanted)
  }
  const curve: RetrievalQuality['curve'] = []
  for (const ef of breadths) curve.push({ ef, recall10: await recallAt(NEAR, ef), recall50: await recallAt(WIDE, ef) })
  const presets: Record<string, number> = {}
  for (const [preset, ef] of Object.entries(efSearchPresets)) {
    const point = curve.find((entry) => entry.ef === ef)
    presets[`${preset}@${NEAR}`] = point?.recall10 ?? (await recallAt(NEAR, ef))
    presets[`${preset}@${WIDE}`] = point?.recall50 ?? (await recallAt(WIDE, ef))
  }
  return { queries: rows.length, curve, presets }
}

function blanked(vector: Float32Array, blockOffsets: Uint32Array, random: Random): Float32Array {
  const blocks = blockOffsets.length - 1
  const query = vector.slice()
  if (blocks > 3) {
    for (let round = 0; round < 2; round++) {
      const block = Math.floor(random() * blocks)
      query.fill(0, blockOffsets[block], blockOffsets[block + 1])
    }
  }
  let norm = 0
  for (const value of query) norm += value * value
  if (norm === 0) return vector
  const scale = 1 / Math.sqrt(norm)
  for (let at = 0; at < query.length; at++) query[at] *= scale
  return query
}
