/** Real trainings: a plant as it is, and one whose routings were dealt to other items, which cannot be learned. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { QualityReport } from '../../server/contract/quality'
import { sampleRows, seededRandom } from '../../server/domain/random'
import { loadMapping } from '../../server/pipeline/mapping-file'
import { openModel, retireModel } from '../../server/pipeline/model'
import { activate, register, rollback } from '../../server/pipeline/registry'
import { writeSample } from '../../server/pipeline/sample'
import { type TrainReport, train } from '../../server/pipeline/train/train'
import { readTrainerConfig } from '../../server/pipeline/trainer-config'
import { compareVersions, getQuality, readQuality } from '../../server/pipeline/version-quality'
import { listActivations } from '../../server/store/activation'
import { verifyAuditChain } from '../../server/store/audit'
import { getVersion, readState } from '../../server/store/model-version'
import { closeStore, type Db, openStore } from '../../server/store/open'
import { publishSample } from '../artifacts/sample-version'

const folder = mkdtempSync(join(tmpdir(), 'routewright-quality-'))
const models = join(folder, 'models')
const prepare: typeof openModel = async (...input) => {
  const model = await openModel(...input)
  retireModel(model)
  return model
}
const how = { who: 'eva', prepare }
let db: Db
let good: TrainReport
let bad: TrainReport

/** Every line of the routing table keeps its steps; the items are dealt anew among the routings. */
function dealAnew(from: string, to: string): void {
  mkdirSync(to)
  for (const name of ['BI_ITEM_INFO_VIEW.csv', 'mapping.json']) copyFileSync(join(from, name), join(to, name))
  for (const name of ['BI_ROUTING_VIEW.csv', 'BI_WORK_ORDER_RESULTS.csv']) {
    const [head, ...lines] = readFileSync(join(from, name), 'utf8').trim().split('\n')
    const at = head.split(',').indexOf('ITEM_CD')
    const itemOf = (line: string) => line.split(',')[at]
    const items = [...new Set(lines.map(itemOf))]
    const order = sampleRows(items.length, items.length, seededRandom(9))
    const other = new Map(items.map((item, index) => [item, items[order[index]]]))
    const dealt = lines.map((line) =>
      line
        .split(',')
        .map((cell, index) => (index === at ? (other.get(cell) ?? cell) : cell))
        .join(','),
    )
    // results name items and steps that would not fit any more: the dealt plant has none
    writeFileSync(join(to, name), `${[head, ...(name === 'BI_ROUTING_VIEW.csv' ? dealt : [])].join('\n')}\n`)
  }
}

beforeAll(async () => {
  await writeSample({ out: join(folder, 'sample'), items: 400, seed: 3 })
  dealAnew(join(folder, 'sample'), join(folder, 'dealt'))
  db = openStore(join(folder, 'registry.sqlite'))
  const run = async (name: string) =>
    train({
      db,
      modelsDirectory: models,
      sourcePath: join(folder, name),
      mapping: await loadMapping(join(folder, name, 'mapping.json')),
      config: { ...readTrainerConfig(), heldOut: { itemsMax: 150, foldsBelow: 0 } },
      who: 'trainer',
      now: () => new Date(),
    })
  good = await run('sample')
  bad = await run('dealt')
}, 120_000)
afterAll(() => {
  closeStore(db)
  rmSync(folder, { recursive: true, force: true })
})

describe('quality.json of a trained version', () => {
  test('is as its schema says, and says how it was measured', async () => {
    const raw = JSON.parse(readFileSync(join(good.directory, 'quality.json'), 'utf8'))
    expect([...Value.Errors(QualityReport, raw)]).toEqual([])
    const report = await getQuality(db, models, good.version)
    expect(report.measured).toMatchObject({ by: 'rehearsal', seed: 1, plantItems: 400, folds: 1 })
    expect(report.measured.calibration).toContain('cross-fitted')
    const [plain] = report.protocols
    expect(plain.name).toBe('item')
    expect(plain.cases).toBeGreaterThan(50)
    expect(plain.items).toBe(plain.cases)
    expect(report.protocols.map(({ name }) => name)).toEqual(expect.arrayContaining(['item', 'family', 'blanked']))
  })

  test('stands above the baselines on the same items, and confidence falls with what is known', () => {
    const { protocols, times, retrieval, chosen } = readQuality(good.directory)!
    const [plain] = protocols
    const blanked = protocols.find(({ name }) => name === 'blanked')!
    for (const baseline of plain.baselines) expect(plain.em1 + 0.02).toBeGreaterThan(baseline.em1)
    expect(plain.baselines).toHaveLength(3)
    expect(blanked.confidence).toBeLessThan(plain.confidence)
    expect(blanked.blanked).toBeGreaterThan(0.1)
    expect(times.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['setup', 'run']))
    expect(retrieval?.curve.map(({ ef }) => ef)).toEqual(expect.arrayContaining([16, 24, 32, 48, 64, 96, 128, 192, 256]))
    for (const { recall10 } of retrieval!.curve) expect(recall10).toBeGreaterThan(0.9)
    expect(chosen?.weights.length).toBeGreaterThan(10)
  })

  test('gives the registry its flat numbers', () => {
    const { quality } = getVersion(db, good.version)
    const [plain] = readQuality(good.directory)!.protocols
    expect(quality).toMatchObject({ em1: plain.em1, em5: plain.em5, levenshtein: plain.levenshtein, ece: plain.calibration.ece })
    for (const name of ['runMdape', 'runCoverage', 'recall10', 'heldOutItems']) expect(quality?.[name]).toBeNumber()
  })
})

describe('before a version becomes active', () => {
  test('the first has nothing to be held against', async () => {
    expect(await activate(db, models, { ...how, version: good.version, why: 'first' })).toMatchObject({ warning: null })
  })

  test('one that is clearly worse is refused with the figures, and stays unmarked', async () => {
    const refusal = expect(activate(db, models, { ...how, version: bad.version, why: 'newer' })).rejects
    await refusal.toMatchObject({
      code: 'quality_worse',
      details: [{ message: expect.stringContaining('EM@1') }, expect.anything(), expect.anything()],
    })
    expect(readState(db)).toMatchObject({ active: good.version, epoch: 1 })
    expect(getVersion(db, bad.version)).toMatchObject({ status: 'registered', failure: null })
  })

  test('it is forced only with a reason, which the ledger keeps with the figures', async () => {
    const forced = { ...how, version: bad.version, force: true }
    await expect(activate(db, models, { ...forced, why: ' ' })).rejects.toMatchObject({ code: 'bad_request' })
    const { warning } = await activate(db, models, { ...forced, why: 'the old plant is gone' })
    expect(warning).toContain('forced although clearly worse')
    expect(listActivations(db)[0].why).toMatch(/^the old plant is gone \(forced: EM@1 is .* against /)
    expect(verifyAuditChain(db)).toBeNull()
  })

  test('a better one passes, and going back is not a matter of figures', async () => {
    expect(await activate(db, models, { ...how, version: good.version, why: '' })).toMatchObject({ warning: null })
    expect((await rollback(db, models, { ...how, why: 'trouble' })).state.active).toBe(bad.version)
  })

  test('one without a report passes with a warning', async () => {
    const { version } = await publishSample(models, { build: 'hand' })
    await register(db, models, { version, who: 'eva' })
    const switched = await activate(db, models, { who: 'eva', why: 'by hand', version, prepare: async () => null })
    expect(switched.warning).toContain('has no quality report')
    expect(await compareVersions(db, models, version, good.version)).toMatchObject({ verdict: 'unknown' })
    await expect(getQuality(db, models, version)).rejects.toMatchObject({ code: 'not_found' })
    await expect(getQuality(db, models, '2020.01.01_1')).rejects.toMatchObject({ code: 'version_unknown' })
    // and the next, held against it, is told so
    expect((await activate(db, models, { ...how, version: good.version, why: '' })).warning).toContain('no held-out figures to compare')
  })

  test('two are set side by side', async () => {
    const comparison = await compareVersions(db, models, bad.version, good.version)
    expect(comparison).toMatchObject({ a: bad.version, b: good.version, verdict: 'worse' })
    expect(comparison.figures.find(({ name }) => name === 'item: EM@1')?.better).toBe('b')
    expect((await compareVersions(db, models, good.version, bad.version)).verdict).toBe('not worse')
  })
})
