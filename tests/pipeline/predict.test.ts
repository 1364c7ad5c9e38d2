import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Prediction } from '../../server/contract/predict'
import { DomainError } from '../../server/domain/error'
import { getItem, itemForm, listItems } from '../../server/pipeline/items'
import { loadMapping } from '../../server/pipeline/mapping-file'
import { type Model, openModel, retireModel } from '../../server/pipeline/model'
import { predict, similar } from '../../server/pipeline/predict'
import { predictFile } from '../../server/pipeline/predict-file'
import { openVersion } from '../../server/pipeline/registry'
import { writeSample } from '../../server/pipeline/sample'
import { timeSummary } from '../../server/pipeline/time-summary'
import { type TrainReport, train } from '../../server/pipeline/train/train'
import { readTrainerConfig } from '../../server/pipeline/trainer-config'
import { closeStore, openStore } from '../../server/store/open'

const folder = mkdtempSync(join(tmpdir(), 'routewright-predict-'))
const models = join(folder, 'models')
let model: Model
let report: TrainReport

beforeAll(async () => {
  await writeSample({ out: join(folder, 'sample'), items: 1_200, seed: 3 })
  const db = openStore(join(folder, 'registry.sqlite'))
  report = await train({
    db,
    modelsDirectory: models,
    sourcePath: join(folder, 'sample'),
    mapping: await loadMapping(join(folder, 'sample', 'mapping.json')),
    config: { ...readTrainerConfig(), heldOut: { itemsMax: 120, foldsBelow: 0 } },
    who: 'test',
    now: () => new Date(),
  })
  model = (await openVersion(db, models, { version: report.version, epoch: 1, prepare: openModel })).model
  closeStore(db)
}, 120_000)
afterAll(() => {
  retireModel(model)
  rmSync(folder, { recursive: true, force: true })
})

const routedItem = () => listItems(model, { search: '', limit: 100, offset: 0 }).items.find(({ routings }) => routings > 0)!.item
const newItem = () => itemForm(model).example!
function problemOf(call: () => unknown): DomainError {
  try {
    call()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('training', () => {
  test('accounts for every row and leaves one version and no staging folder', () => {
    for (const { read, used, filtered, bad } of report.accounts) expect(used + filtered + bad).toBe(read)
    expect(readdirSync(models).filter((name) => !name.startsWith('.'))).toEqual([report.version])
    expect(readdirSync(join(models, '.staging'))).toEqual([])
    expect(report.recall['standard@10']).toBeGreaterThan(0.95)
  })

  test('is deterministic: the same plant gives the same encoder, vectors and model', async () => {
    const db = openStore(join(folder, 'again.sqlite'))
    const mapping = await loadMapping(join(folder, 'sample', 'mapping.json'))
    const config = { ...readTrainerConfig(), heldOut: { itemsMax: 120, foldsBelow: 0 } }
    const again = await train({
      db,
      modelsDirectory: join(folder, 'again'),
      sourcePath: join(folder, 'sample'),
      mapping,
      config,
      who: 'test',
      now: () => new Date(),
    })
    closeStore(db)
    for (const name of ['encoder.json', 'vectors.f32', 'sequence.model', 'items.arrow', 'steps.arrow', 'time_profiles.arrow']) {
      expect(Bun.hash(readFileSync(join(again.directory, name)))).toBe(Bun.hash(readFileSync(join(report.directory, name))))
    }
  }, 120_000)
})

describe('predicting', () => {
  test('an item that was made before gets its own routing first, and can be asked without its history', () => {
    const item = routedItem()
    const own = predict(model, { item })
    expect(own.candidates[0].kind).toBe('own')
    expect(own.candidates[0].source!.item).toBe(item)
    expect(own.candidates[0].signature).toBe(getItem(model, item).routings[0].signature)
    const without = predict(model, { item, ignoreOwnHistory: true })
    expect(without.candidates.every(({ kind, source }) => kind !== 'own' && source?.item !== item)).toBe(true)
    expect(without.neighbours.some((neighbour) => neighbour.item === item)).toBe(false)
    expect(without.candidates.flatMap(({ steps }) => steps).every(({ sources }) => !sources.includes(item))).toBe(true)
  })

  test('a new item gets candidates with steps by tens, times in order and sources that are neighbours', () => {
    const answer = predict(model, { item: newItem(), topK: 10, candidates: 5 })
    expect(answer.version).toBe(report.version)
    expect(answer.candidates.length).toBeGreaterThan(0)
    expect(answer.candidates.map(({ probability }) => probability)).toEqual(
      answer.candidates.map(({ probability }) => probability).sort((a, b) => b - a),
    )
    expect(new Set(answer.candidates.map(({ signature }) => signature)).size).toBe(answer.candidates.length)
    for (const candidate of answer.candidates) {
      expect(candidate.steps.map(({ sequence }) => sequence)).toEqual(candidate.steps.map((_, index) => 10 * (index + 1)))
      expect(candidate.steps.map(({ operation }) => operation).join('+')).toBe(candidate.signature)
      for (const step of candidate.steps) {
        for (const time of [step.setupMinutes, step.runMinutes, step.queueMinutes, step.actualRunMinutes]) {
          if (time === null) continue
          expect(time.p10).toBeLessThanOrEqual(time.p50)
          expect(time.p50).toBeLessThanOrEqual(time.p90)
          expect(time.optimal).toBeLessThanOrEqual(time.standard)
          expect(time.standard).toBeLessThanOrEqual(time.safe)
        }
        if (step.inside === false && step.partner !== null) expect(step.leadTimeDays).toBeGreaterThan(0)
      }
    }
  })

  test('reasons sum to no more than the similarity, and name both values', () => {
    const { neighbours } = predict(model, { item: newItem() })
    for (const { similarity, reasons } of neighbours) {
      expect(reasons.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(similarity + 1e-3)
      expect(reasons.every(({ query }) => query !== null)).toBe(true)
    }
    expect(neighbours.map(({ similarity }) => similarity)).toEqual(neighbours.map(({ similarity }) => similarity).sort((a, b) => b - a))
  })

  test('a weight that is moved changes the ranking at once', () => {
    const item = newItem()
    const plain = similar(model, { item, topK: 20 })
    const names = plain.neighbours[0].reasons.map(({ attribute }) => attribute)
    const moved = similar(model, { item, topK: 20, weights: { [names[0]]: 0, [names[1]]: 0 } })
    expect(moved.neighbours.map((neighbour) => neighbour.item)).not.toEqual(plain.neighbours.map((neighbour) => neighbour.item))
    expect(moved.neighbours[0].reasons.find(({ attribute }) => attribute === names[0])?.share ?? 0).toBe(0)
  })

  test('the same question gets the same answer', () => {
    const strip = ({ id: _id, timingsMs: _timings, ...rest }: Prediction) => rest
    expect(strip(predict(model, { item: newItem() }))).toEqual(strip(predict(model, { item: newItem() })))
  })

  test('no attribute at all is answered with what the plant makes most often, and abstains', () => {
    const answer = predict(model, { attributes: {} })
    expect(answer.abstained).toBe(true)
    expect(answer.grounds.code).toBe('no_attributes')
    expect(answer.neighbours).toEqual([])
    expect(answer.candidates.length).toBeGreaterThan(0)
  })

  test('values that were never seen are warned about by name', () => {
    const { warnings } = predict(model, { attributes: { ITEM_MATERIAL: 'UNOBTAINIUM', OUTDIAMETER: 1e9 } })
    expect(warnings.map(({ code, attribute }) => `${code} ${attribute}`).sort()).toEqual([
      'out_of_range OUTDIAMETER',
      'unseen_value ITEM_MATERIAL',
    ])
  })

  test('bad questions get their code and place and never the value', () => {
    expect(problemOf(() => predict(model, { item: 'no such item' })).code).toBe('unknown_item')
    expect(problemOf(() => predict(model, {})).code).toBe('bad_request')
    const unknown = problemOf(() => predict(model, { attributes: { COLOUR: 'canary-7' } }))
    expect([unknown.code, unknown.details![0].path]).toEqual(['unknown_attribute', '/attributes/COLOUR'])
    const wrong = problemOf(() => predict(model, { attributes: { OUTDIAMETER: 'canary-7' } }))
    expect(wrong.code).toBe('invalid_value')
    expect(JSON.stringify([wrong.message, wrong.details])).not.toContain('canary')
  })
})

test('a file of items is answered row by row in its order, problems included', async () => {
  const path = join(folder, 'items.csv')
  writeFileSync(
    path,
    `ITEM_CD,PART_TYPE,OUTDIAMETER,OUTDIAMETER_UNIT,SOMETHING_ELSE\nNEW-1,15,92.9,MM,x\nNEW-2,14,not a number,MM,y\n,KBM,,,\n`,
  )
  const lines = []
  for await (const line of predictFile(model, path, { candidates: 3 })) lines.push(line)
  expect(lines.map(({ item }) => item)).toEqual(['NEW-1', 'NEW-2', '3'])
  const answers = lines.map((line) => {
    if ('problem' in line) throw new Error(line.problem.message)
    return line
  })
  expect(answers.every(({ candidates }) => candidates.length > 0)).toBe(true)
  expect(answers[1].warnings.some(({ code, attribute }) => code === 'attribute_ignored' && attribute === 'OUTDIAMETER')).toBe(true)
})

test('items are found by key and by the start of it', () => {
  const { items } = listItems(model, { search: '', limit: 5, offset: 0 })
  expect(items).toHaveLength(5)
  const prefix = items[0].item.slice(0, 4)
  expect(listItems(model, { search: prefix, limit: 50, offset: 0 }).items.every(({ item }) => item.startsWith(prefix))).toBe(true)
  expect(listItems(model, { search: 'zzzz', limit: 5, offset: 0 }).items).toEqual([])
  expect(problemOf(() => getItem(model, 'zzzz')).code).toBe('unknown_item')
})

test('time summaries answer for known operations only', () => {
  const operation = predict(model, { item: newItem() }).candidates[0].steps[0].operation
  const summary = timeSummary(model, { operation })
  expect(summary.resources.length).toBeGreaterThan(0)
  expect(problemOf(() => timeSummary(model, { operation: 'no such job' })).code).toBe('not_found')
})

test('a category that was never seen is like no other, and a rare one like itself only', () => {
  const { neighbours } = similar(model, { attributes: { PART_TYPE: '11#1', ITEM_MATERIAL: 'UNOBTAINIUM' }, topK: 50 })
  expect(neighbours.length).toBeGreaterThan(10)
  for (const { reasons } of neighbours) {
    for (const { share, query, neighbour } of reasons) if (query !== neighbour) expect(share).toBe(0)
  }
})

test("an item's attributes, sent back as they were given, are the item again", () => {
  const inches = listItems(model, { search: '', limit: 1_200, offset: 0 })
    .items.map(({ item }) => getItem(model, item))
    .filter(
      ({ attributes, routings }) =>
        routings.length > 0 && /inch/i.test(String(attributes.OUTDIAMETER_UNIT)) && attributes.OUTDIAMETER !== null,
    )
  expect(inches.length).toBeGreaterThan(0)
  for (const { attributes } of inches.slice(0, 20)) {
    const { neighbours, warnings } = similar(model, { attributes })
    expect(neighbours[0].similarity).toBeCloseTo(1, 3)
    expect(warnings.filter(({ code }) => code === 'out_of_range')).toEqual([])
  }
})
