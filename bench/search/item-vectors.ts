/** Encoded items of the sample plant, as training left them: the product's own load. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DataSource } from './data'
import { holdOut } from './unit-rows'
import { readF32 } from './vector-files'

/** @param directory a published version's folder */
export const itemVectors =
  (directory: string | undefined): DataSource =>
  ({ rowsMax, queriesMax }) => {
    if (directory === undefined) return { missing: 'encoded items: --version FOLDER of a trained version' }
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
