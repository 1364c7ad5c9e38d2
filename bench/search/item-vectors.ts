/** Encoded items of the sample plant, as training left them: the product's own load. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inWorkspace, trainOn, writeSamplePlant } from '../measure/sample-plant'
import type { DataSource } from './data'
import { holdOut } from './unit-rows'
import { readF32 } from './vector-files'

/** @param directory a published version's folder */
export const itemVectors =
  (directory: string | undefined): DataSource =>
  ({ rowsMax, queriesMax }) => {
    if (directory === undefined) return { missing: 'encoded items: --version FOLDER of a trained version, or --items N to train one' }
    const manifest = join(directory, 'manifest.json')
    if (!existsSync(manifest)) return { missing: 'encoded items: the folder holds no version' }
    const { dimensions, counts } = JSON.parse(readFileSync(manifest, 'utf8')) as { dimensions: number; counts: Record<string, number> }
    const { base, queries } = holdOut(readF32(join(directory, 'vectors.f32')), dimensions, { rowsMax, queriesMax })
    return {
      name: `encoded items ${base.length / dimensions} × ${dimensions}`,
      origin: `${counts.items} items of the sample plant encode to ${counts.vectors} distinct vectors; queries are vectors taken out`,
      dimensions,
      base,
      queries,
    }
  }

/** Trains on the sample plant of a size, for as long as `work` takes. */
export const withTrainedItems = <T>(items: number, { smoke }: { smoke: boolean }, work: (directory: string) => Promise<T>): Promise<T> =>
  inWorkspace('search', async (workspace) => {
    const { path } = await writeSamplePlant(workspace.folder, items)
    const { answer } = await trainOn(path, workspace, { smoke })
    return work(answer.directory)
  })
