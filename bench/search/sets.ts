/** The sets of vectors that the search benches know. */
import { type DataSource, fashionMnist, wordVectors } from './data'
import { itemVectors, withTrainedItems } from './item-vectors'
import { textVectors, wideTextVectors } from './text-vectors'
import { readVectorFiles, type VectorFiles, writeVectors } from './vector-files'

export interface Wanted {
  folder: string
  rowsMax: number
  queriesMax: number
}

export type Sources = Record<string, DataSource>

/** Items that a smoke run trains on. */
const SMOKE_ITEMS = 1_500

/** @param version folder of a trained version, for encoded items */
export const dataSources = (version?: string): Sources => ({
  fashion: fashionMnist,
  words: wordVectors,
  text: textVectors,
  text1536: wideTextVectors,
  sample: itemVectors(version),
})

/** The sources for as long as `work` takes: trains on so many items where encoded ones are wanted and neither a version nor a former run has them. */
export async function withSources(
  { sets, version, items, folder, smoke }: { sets: string[]; version?: string; items?: string; folder: string; smoke: boolean },
  work: (sources: Sources) => Promise<void>,
): Promise<void> {
  const count = Number(items ?? (smoke ? SMOKE_ITEMS : 0))
  const mustTrain = sets.includes('sample') && version === undefined && count > 0 && readVectorFiles(folder, 'sample') === null
  if (mustTrain) await withTrainedItems(count, { smoke }, (directory) => work(dataSources(directory)))
  else await work(dataSources(version))
}

/**
 * From a former run, where it kept the same number of them, or more and `take` makes fewer of them. In words why they cannot be had.
 */
export function vectorsOf(
  set: string,
  sources: Sources,
  { folder, rowsMax, queriesMax }: Wanted,
  take?: (former: VectorFiles) => VectorFiles,
): VectorFiles | { missing: string } {
  const source = sources[set]
  if (source === undefined) return { missing: `${set}: no such data; there are ${Object.keys(sources).join(', ')}` }
  const former = readVectorFiles(folder, set)
  if (former !== null && former.count <= rowsMax) {
    if (former.queryCount === queriesMax) return former
    if (take !== undefined && former.queryCount > queriesMax) return take(former)
  }
  const data = source({ rowsMax, queriesMax })
  return 'missing' in data ? data : writeVectors(folder, set, data)
}
