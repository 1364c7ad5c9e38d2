/** The sets of vectors that the search benches know. */
import { type DataSource, fashionMnist, wordVectors } from './data'
import { itemVectors } from './item-vectors'
import { textVectors, wideTextVectors } from './text-vectors'
import { readVectorFiles, type VectorFiles, writeVectors } from './vector-files'

export interface Wanted {
  folder: string
  rowsMax: number
  queriesMax: number
}

/** @param version folder of a trained version, for encoded items */
export const dataSources = (version?: string): Record<string, DataSource> => ({
  fashion: fashionMnist,
  words: wordVectors,
  text: textVectors,
  text1536: wideTextVectors,
  sample: itemVectors(version),
})

/** From a former run, where it kept the same number of them. In words why they cannot be had. */
export function vectorsOf(
  set: string,
  sources: Record<string, DataSource>,
  { folder, rowsMax, queriesMax }: Wanted,
): VectorFiles | { missing: string } {
  const source = sources[set]
  if (source === undefined) return { missing: `${set}: no such data; there are ${Object.keys(sources).join(', ')}` }
  const former = readVectorFiles(folder, set)
  if (former !== null && former.queryCount === queriesMax && former.count <= rowsMax) return former
  const data = source({ rowsMax, queriesMax })
  return 'missing' in data ? data : writeVectors(folder, set, data)
}
