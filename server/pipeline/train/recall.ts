/** Recall of the opened index, as it will serve, against exact search: by breadth, on questions that are not stored. */
import { efSearchPresets } from '../../contract/limits'
import type { ManifestBody } from '../../contract/manifest'
import type { RetrievalQuality } from '../../contract/quality'
import { type RecallCurve, recallBreadths } from '../../contract/recall'
import { fitCurve, type MeasuredBreadth, recallNear, recallWide } from '../../domain/recall-curve'
import type { AnnIndex } from '../../engine/ann-index'

/** With what is missed clustered as on the sample plant, .99 is known to ± .002 by so many. */
export const RECALL_QUESTIONS = 1_000
const SCORE_TOLERANCE = 1e-6
const NO_KEY = 0xffffffff
/** Once nothing is missed at a breadth, wider ones tell nothing more; the presets are always tried. */
const ALWAYS_TRIED = Math.max(...Object.values(efSearchPresets))

export interface MeasuredRecall {
  /** For the manifest. */
  body: Pick<ManifestBody, 'recall' | 'recallCurve'>
  /** For `quality.json`. */
  retrieval: RetrievalQuality
}

/**
 * recall@k = share of the k found that are at least as near as the k-th nearest of exact search (ties count as right). A search
 * for 50 is at least 50 wide.
 * @param questions row-major, of the index's dimensions
 */
export async function measureRecall(index: AnnIndex, questions: Float32Array, { threads }: { threads: number }): Promise<MeasuredRecall> {
  const queries = index.count === 0 ? 0 : questions.length / index.dimensions
  if (queries === 0) return { body: { recall: {} }, retrieval: { queries, curve: [], presets: {} } }
  const k = { near: Math.min(recallNear, index.count), wide: Math.min(recallWide, index.count) }
  const exact = await index.exactBatch(questions, { k: k.wide, threads })
  const sharesAt = async (wanted: number, ef: number): Promise<Float64Array> => {
    const found = await index.searchBatch(questions, { k: wanted, ef: Math.max(ef, wanted), threads })
    return Float64Array.from({ length: queries }, (_, query) => {
      const last = exact.scores[query * k.wide + wanted - 1] - SCORE_TOLERANCE
      let right = 0
      for (let at = query * wanted; at < (query + 1) * wanted; at++) if (found.keys[at] !== NO_KEY && found.scores[at] >= last) right++
      return right / wanted
    })
  }
  const measured: MeasuredBreadth[] = []
  for (const ef of recallBreadths) {
    const before = measured.at(-1)
    // up to k all breadths are the same search
    const wide = before !== undefined && ef <= k.wide ? before.wide : await sharesAt(k.wide, ef)
    const breadth = { ef, near: await sharesAt(k.near, ef), wide }
    measured.push(breadth)
    if (ef >= ALWAYS_TRIED && [...breadth.near, ...breadth.wide].every((share) => share === 1)) break
  }
  const points = fitCurve(measured, k)
  const presets: Record<string, number> = {}
  for (const [preset, ef] of Object.entries(efSearchPresets)) {
    const point = points.find((one) => one.ef === ef)!
    presets[`${preset}@${recallNear}`] = point.recall10
    presets[`${preset}@${recallWide}`] = point.recall50
  }
  const recallCurve: RecallCurve = { queries, points }
  return { body: { recall: presets, recallCurve }, retrieval: { queries, curve: points, presets } }
}
