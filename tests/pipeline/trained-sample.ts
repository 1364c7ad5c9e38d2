/** A small sample plant, trained and opened, for tests of what a version answers. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrainerConfig } from '../../server/contract/training'
import { loadMapping } from '../../server/pipeline/mapping-file'
import { type Model, openModel, retireModel } from '../../server/pipeline/model'
import { openVersion } from '../../server/pipeline/registry'
import { writeSample } from '../../server/pipeline/sample'
import { train } from '../../server/pipeline/train/train'
import { readTrainerConfig } from '../../server/pipeline/trainer-config'
import { closeStore, openStore } from '../../server/store/open'

export async function openTrainedSample({
  items = 800,
  seed = 3,
  changes = {} as Partial<TrainerConfig>,
} = {}): Promise<{ model: Model; close: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'routewright-trained-'))
  const models = join(folder, 'models')
  await writeSample({ out: join(folder, 'sample'), items, seed })
  const db = openStore(join(folder, 'registry.sqlite'))
  const { version } = await train({
    db,
    modelsDirectory: models,
    sourcePath: join(folder, 'sample'),
    mapping: await loadMapping(join(folder, 'sample', 'mapping.json')),
    config: { ...readTrainerConfig(), heldOut: { itemsMax: 80, foldsBelow: 0 }, ...changes },
    who: 'test',
    now: () => new Date(),
  })
  const { model } = await openVersion(db, models, { version, epoch: 1, prepare: openModel })
  closeStore(db)
  return {
    model,
    close: () => {
      retireModel(model)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Too few links to find everything, enough to serve; with one thread it is the same graph each time. */
export const poorGraph = { index: { connectivity: 6, expansionAdd: 48 }, threads: 1 }

/** Keys of items that have been routed, at even distances. */
export function routedItems({ knowledge }: Model, count: number): string[] {
  const { items } = knowledge
  const rows = Array.from({ length: items.count }, (_, row) => row).filter(
    (row) => items.routingOffsets[row + 1] > items.routingOffsets[row],
  )
  return Array.from({ length: count }, (_, at) => items.key(rows[Math.floor((at * rows.length) / count)]))
}
