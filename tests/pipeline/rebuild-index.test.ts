import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMapping } from '../../server/pipeline/mapping-file'
import { openModel, retireModel } from '../../server/pipeline/model'
import { similar } from '../../server/pipeline/predict'
import { activate, openVersion, rollback } from '../../server/pipeline/registry'
import { writeSample } from '../../server/pipeline/sample'
import { rebuildIndex } from '../../server/pipeline/train/rebuild-index'
import { train } from '../../server/pipeline/train/train'
import { readTrainerConfig } from '../../server/pipeline/trainer-config'
import { getVersion, listVersions } from '../../server/store/model-version'
import { closeStore, type Db, openStore } from '../../server/store/open'

let folder: string
let models: string
let db: Db
let poor: string
const now = () => new Date()

/** A plant whose graph was built with few links; refined, so few items are found as well as with many. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'routewright-rebuild-'))
  models = join(folder, 'models')
  await writeSample({ out: join(folder, 'plant'), items: 3_000, seed: 5 })
  db = openStore(join(folder, 'registry.sqlite'))
  const config = readTrainerConfig()
  const report = await train({
    db,
    modelsDirectory: models,
    sourcePath: join(folder, 'plant'),
    mapping: await loadMapping(join(folder, 'plant', 'mapping.json')),
    config: { ...config, index: { connectivity: 4, expansionAdd: 96 }, heldOut: { itemsMax: 80, foldsBelow: 0 } },
    who: 'test',
    now,
  })
  poor = report.version
  const { model } = await activate(db, models, { version: poor, who: 'test', why: '', prepare: openModel })
  retireModel(model)
}, 240_000)
afterAll(() => {
  closeStore(db)
  rmSync(folder, { recursive: true, force: true })
})

test('another graph over the same vectors is a version of its own with a curve of its own, and can be taken back', async () => {
  const report = await rebuildIndex({ db, modelsDirectory: models, version: poor, m: 24, efConstruction: 200, who: 'eva', now })
  expect(report).toMatchObject({ from: poor, before: { m: 4, efConstruction: 96 }, after: { m: 24, efConstruction: 200 } })
  for (const { recall } of [report.before, report.after]) expect(recall['aggressive@10']).toBeGreaterThan(0.98)
  expect(report.after.recall['standard@50']).toBeGreaterThan(0.95)
  for (const { latency } of [report.before, report.after])
    for (const { p50Us, p95Us } of Object.values(latency)) {
      expect(p50Us).toBeGreaterThan(0)
      expect(p95Us).toBeGreaterThanOrEqual(p50Us)
    }
  expect(getVersion(db, report.version)).toMatchObject({ status: 'registered', recall: report.after.recall })

  const old = await openVersion(db, models, { version: poor, epoch: 1, prepare: openModel })
  const switched = await activate(db, models, { version: report.version, who: 'eva', why: 'more links', prepare: openModel })
  // the vectors are the same, byte by byte, and so is everything but the graph and what tells of it
  const changed = Object.keys(old.manifest.files).filter(
    (name) => old.manifest.files[name].sha256 !== switched.manifest.files[name]?.sha256,
  )
  expect(changed.sort()).toEqual(['index.usearch', 'quality.json', 'serving.image', 'training_metadata.json'])
  const metadata = JSON.parse(readFileSync(join(switched.directory, 'training_metadata.json'), 'utf8'))
  expect(metadata.rebuiltFrom).toMatchObject({ version: poor, before: { m: 4 }, after: { m: 24 } })
  // the curve is measured anew, on the same questions
  const [before, after] = [old.manifest.recallCurve!, switched.manifest.recallCurve!]
  expect([before.queries, after.queries]).toEqual([1_000, 1_000])
  expect(after.points).not.toEqual(before.points)
  for (const { recall10 } of [before.points[0], after.points[0]]) expect(recall10).toBeGreaterThan(0.95)
  // and where the old graph is walked widely, both give the same answer
  const item = old.model.knowledge.items.key(0)
  const keysOf = (model: typeof old.model) => similar(model, { item, efSearch: 1024 }).neighbours.map((one) => one.item)
  expect(keysOf(switched.model)).toEqual(keysOf(old.model))
  retireModel(switched.model)
  retireModel(old.model)
  const back = await rollback(db, models, { who: 'eva', why: 'only to see', prepare: openModel })
  expect(back.version).toBe(poor)
  retireModel(back.model)
}, 120_000)

test('a cancelled one leaves nothing, and the next is not kept out', async () => {
  const before = listVersions(db).length
  const cancel = new AbortController()
  cancel.abort()
  const cancelled = rebuildIndex({
    db,
    modelsDirectory: models,
    version: poor,
    m: 8,
    efConstruction: 32,
    who: 'eva',
    now,
    signal: cancel.signal,
  })
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
  expect(listVersions(db)).toHaveLength(before)
  const unknown = rebuildIndex({ db, modelsDirectory: models, version: '2020.01.01_1', m: 8, efConstruction: 32, who: 'eva', now })
  await expect(unknown).rejects.toMatchObject({ code: 'version_unknown' })
})
