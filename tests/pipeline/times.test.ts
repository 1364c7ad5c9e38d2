import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readArrow, writeArrow } from '../../server/artifacts/arrow-file'
import { MANIFEST_SCHEMA, type Manifest } from '../../server/contract/manifest'
import type { PredictRequest } from '../../server/contract/predict'
import type { TimeStrategy } from '../../server/contract/time-strategy'
import { leadTimeOf } from '../../server/domain/lead-time'
import { extract } from '../../server/pipeline/extract'
import { getItem, itemForm, listItems } from '../../server/pipeline/items'
import { loadMapping } from '../../server/pipeline/mapping-file'
import { type Model, openModel, retireModel } from '../../server/pipeline/model'
import { predict } from '../../server/pipeline/predict'
import { writeSample } from '../../server/pipeline/sample'
import { TableCache } from '../../server/pipeline/table-cache'
import { timeSummary } from '../../server/pipeline/time-summary'
import { buildVersion } from '../../server/pipeline/train/build-version'
import { readTrainerConfig } from '../../server/pipeline/trainer-config'
import { openSource } from '../../server/source/open'
import { startApp } from '../http/sample-app'

const folder = mkdtempSync(join(tmpdir(), 'routewright-times-'))
const directory = join(folder, 'version')
let manifest: Manifest
let model: Model

beforeAll(async () => {
  const out = join(folder, 'sample')
  await writeSample({ out, items: 500, seed: 11 })
  const mapping = await loadMapping(join(out, 'mapping.json'))
  const source = await openSource(out)
  const { plant } = await extract(source, mapping)
  mkdirSync(directory)
  const config = { ...readTrainerConfig(), heldOut: { itemsMax: 60, foldsBelow: 0 } }
  const startedAt = new Date(0).toISOString()
  const { body } = await buildVersion({ plant, mapping, mappingSha256: '0'.repeat(64), config, directory, startedAt })
  manifest = { schema: MANIFEST_SCHEMA, version: '2026.01.01_times', createdAt: startedAt, files: {}, ...body }
  model = await openModel(directory, manifest, { epoch: 1 })
}, 120_000)
afterAll(() => {
  retireModel(model)
  rmSync(folder, { recursive: true, force: true })
})

const newItem = () => itemForm(model).example!
/** The operation that was timed most often. */
function busiest(): string {
  const counts = new Uint32Array(model.knowledge.operations.code.length)
  for (const code of model.knowledge.steps.operation) counts[code]++
  return model.knowledge.operations.code[counts.indexOf(Math.max(...counts))]
}

describe('the strategy of a request', () => {
  const run = (timeStrategy?: TimeStrategy) => timeSummary(model, { operation: busiest(), timeStrategy }).runMinutes!

  test('changes the summary of an operation, and the second answer comes from the cache', () => {
    const usual = run()
    const all = run({ outliers: 'none' })
    const trimmed = run({ outliers: 'trimmed', trimLow: 0.2, trimHigh: 0.8 })
    expect(run({})).toEqual(usual)
    expect(run({ outliers: 'both' })).toEqual(usual)
    expect(all.n).toBeGreaterThanOrEqual(usual.n)
    expect(all.sd).toBeGreaterThan(usual.sd)
    expect(trimmed.sd).toBeLessThan(usual.sd)
    expect(run({ safeSigma: 3 }).safe).toBeGreaterThan(usual.safe)
    expect(run({ profile: 'quantile' }).standard).toBe(usual.p50)
    const kept = model.strategyProfiles.size
    expect(kept).toBeGreaterThan(0)
    expect(run({ outliers: 'none' })).toEqual(all)
    expect(model.strategyProfiles.size).toBe(kept)
  })

  test('names the mean of the very samples that the plant has', () => {
    const { knowledge } = model
    const code = knowledge.operations.code.indexOf(busiest())
    const samples = Array.from(knowledge.steps.run).filter(
      (value, step) => knowledge.steps.operation[step] === code && !Number.isNaN(value),
    )
    const { n, mean } = run({ outliers: 'none' })
    expect(n).toBe(samples.length)
    expect(mean).toBeCloseTo(samples.reduce((sum, value) => sum + value, 0) / samples.length, 2)
  })

  test('reaches the steps of a prediction, whose profiles stay in order', () => {
    const steps = (timeStrategy?: TimeStrategy) =>
      predict(model, { item: newItem(), timeStrategy }).candidates.flatMap((candidate) => candidate.steps)
    const usual = steps()
    for (const strategy of [
      { outliers: 'none' },
      { outliers: 'z_score', zCut: 1 },
      { profile: 'quantile' },
      { optimalSigma: 4 },
    ] as TimeStrategy[]) {
      const other = steps(strategy)
      expect(JSON.stringify(other)).not.toBe(JSON.stringify(usual))
      expect(other.map(({ operation, resource }) => [operation, resource])).toEqual(
        usual.map(({ operation, resource }) => [operation, resource]),
      )
      for (const step of other) {
        for (const time of [step.setupMinutes, step.runMinutes, step.actualRunMinutes]) {
          if (time === null) continue
          expect(time.optimal).toBeGreaterThanOrEqual(0)
          expect(time.optimal).toBeLessThanOrEqual(time.standard)
          expect(time.standard).toBeLessThanOrEqual(time.safe)
        }
      }
    }
  })

  test('is taken over HTTP, and one out of range is refused', async () => {
    const tables = new TableCache()
    const app = startApp({
      timeSummary: (request) => tables.read({ model, key: request, tablesMax: 100 }, () => timeSummary(model, request)),
    })
    const post = (body: unknown) => app.post('/api/v1/time/summary', body)
    try {
      const plain = await (await post({ operation: busiest() })).json()
      const all = await (await post({ operation: busiest(), timeStrategy: { outliers: 'none' } })).json()
      expect(all.runMinutes).toEqual(run({ outliers: 'none' }))
      expect(all.runMinutes.sd).toBeGreaterThan(plain.runMinutes.sd)
      for (const timeStrategy of [{ outliers: 'some' }, { zCut: 0 }, { trimLow: 0.7 }, { optimalSigma: -1 }, { unknown: 1 }])
        expect((await post({ operation: busiest(), timeStrategy })).status).toBe(422)
    } finally {
      await app.stop()
    }
  })
})

describe('the lot', () => {
  const asked = (request: Partial<PredictRequest> = {}) => predict(model, { item: newItem(), ...request }).candidates[0]

  test('multiplies the run of all but the batch steps', () => {
    const [one, ten] = [asked(), asked({ lot: 10 })]
    const bypiece = one.steps.filter((step) => step.inside !== false && step.batch !== true && step.runMinutes !== null)
    expect(one.leadTime).toEqual(leadTimeOf(one.steps, 1))
    expect(one.leadTime!.lot).toBe(1)
    expect(ten.leadTime!.minutes - one.leadTime!.minutes).toBeCloseTo(9 * bypiece.reduce((sum, step) => sum + step.runMinutes!.p50, 0), 2)
    expect(ten.leadTime!.outsourcedDays).toBe(one.leadTime!.outsourcedDays)
  })

  test('knows batch steps from the plant', () => {
    const flags = new Set(
      listItems(model, { search: '', limit: 60, offset: 0 }).items.flatMap(({ item }) =>
        predict(model, { item, candidates: 1 }).candidates.flatMap(({ steps }) => steps.map(({ batch }) => batch)),
      ),
    )
    expect(flags).toEqual(new Set([true, false]))
  })
})

test("an item's own recorded times are its times", () => {
  const { item } = listItems(model, { search: '', limit: 100, offset: 0 }).items.find(({ routings }) => routings === 1)!
  const recorded = getItem(model, item).routings[0].steps
  const own = predict(model, { item }).candidates.find(({ kind }) => kind === 'own')!
  own.steps.forEach((step, at) => {
    expect(step.operation).toBe(recorded[at].operation)
    if (recorded[at].runMinutes !== null)
      expect(Math.abs(step.runMinutes!.p50 - recorded[at].runMinutes)).toBeLessThanOrEqual(0.1 * recorded[at].runMinutes)
    if (step.inside !== false) expect(step.runMinutes!.level).toBe('neighbours')
  })
})

test('a version from before the batch flag and the quartiles opens and answers', async () => {
  const old = join(folder, 'old')
  cpSync(directory, old, { recursive: true, filter: (path) => !/(steps|time_profiles)\.arrow$/.test(path) })
  const without = (name: string, dropped: string) => {
    const file = readArrow(join(directory, name))
    const columns = Object.fromEntries(
      file.names
        .filter((column) => column !== dropped)
        .map((column) => {
          if (column !== 'partner') return [column, file.numbers(column)]
          const text = file.text(column)
          return [column, { codes: text.codes, dictionary: Array.from({ length: text.size }, (_, code) => text.value(code)) }]
        }),
    )
    writeArrow(join(old, name), columns)
  }
  without('steps.arrow', 'batch')
  without('time_profiles.arrow', 'p25')
  const opened = await openModel(old, manifest, { epoch: 1 })
  const { candidates } = predict(opened, { item: newItem(), lot: 5 })
  expect(candidates[0].steps.every(({ batch }) => batch === null)).toBe(true)
  expect(candidates[0].leadTime!.lot).toBe(5)
  const quartiles = (of: Model) => timeSummary(of, { operation: busiest(), timeStrategy: { profile: 'quantile' } }).runMinutes!
  expect(quartiles(opened).optimal).toBeCloseTo(quartiles(model).optimal, 3)
  retireModel(opened)
})
