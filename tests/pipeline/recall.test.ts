/** What a version promises of its search, against exact search, on a plant whose graph has too few links to be perfect. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseManifest } from '../../server/artifacts/manifest-text'
import type { Attributes } from '../../server/contract/predict'
import { recallBreadths } from '../../server/contract/recall'
import { seededRandom } from '../../server/domain/random'
import { curvePoints } from '../../server/domain/recall-curve'
import { parseRuntimeConfig } from '../../server/domain/runtime-config'
import { settingsOf } from '../../server/domain/settings'
import { asWritten } from '../../server/domain/written-units'
import { counterfactual } from '../../server/pipeline/counterfactual'
import { recommendGroups } from '../../server/pipeline/groups'
import type { Model } from '../../server/pipeline/model'
import { predict, similar } from '../../server/pipeline/predict'
import { measureRecall } from '../../server/pipeline/train/recall'
import { recallQuestions } from '../../server/pipeline/train/recall-questions'
import { openTrainedSample, poorGraph, routedItems } from './trained-sample'

let sample: Awaited<ReturnType<typeof openTrainedSample>>
let model: Model
let item: string
beforeAll(async () => {
  sample = await openTrainedSample({ items: 4_000, seed: 5, changes: poorGraph })
  model = sample.model
  item = routedItems(model, 5)[2]
}, 120_000)
afterAll(() => sample.close())

const configured = (search: object) => settingsOf(7, parseRuntimeConfig({ search }))
/** Attributes of parts like the plant's, every third unknown. */
const partsOf = (count: number): Attributes[] => {
  const { features } = model.knowledge.items
  return routedItems(model, count).map((key) => {
    const row = model.knowledge.items.find(key)
    return asWritten(
      features,
      Object.fromEntries(features.filter((_, at) => (at + row) % 3 > 0).map(({ name, value }) => [name, value(row)])),
    )
  })
}
/** As it was before curves were measured. */
const older = (recall: Record<string, number>): Model => ({ ...model, recall: curvePoints({ recall }) })

test('training measures the curve on a thousand questions and leaves it in the manifest, beside what the presets find', () => {
  const { recall, recallCurve } = model.manifest
  expect(recallCurve!.queries).toBe(1_000)
  const points = recallCurve!.points
  expect(points.map(({ ef }) => ef)).toEqual(recallBreadths.slice(0, points.length))
  expect(points.length).toBeGreaterThanOrEqual(9)
  points.forEach((point, at) => {
    for (const k of [10, 50] as const) {
      expect(point[`low${k}`]).toBeLessThan(point[`recall${k}`])
      expect(point[`recall${k}`]).toBeLessThanOrEqual(point[`measured${k}`])
      if (at > 0) expect(point[`recall${k}`]).toBeGreaterThanOrEqual(points[at - 1][`recall${k}`])
    }
  })
  // the graph is poor: there is something to promise
  expect(points[0].recall10).toBeLessThan(0.99)
  expect(points.at(-1)!.recall10).toBeGreaterThan(points[0].recall10)
  expect(recall['standard@10']).toBe(points.find(({ ef }) => ef === 96)!.recall10)
  expect(recall['conservative@50']).toBe(points.find(({ ef }) => ef === 256)!.recall50)
  const quality = JSON.parse(readFileSync(join(model.directory, 'quality.json'), 'utf8'))
  expect(quality.retrieval).toEqual({ queries: 1_000, curve: points, presets: recall })
})

test('the questions are parts that were never made: none is stored, and the same seed asks the same', () => {
  const ask = (seed: number) => recallQuestions(model, { count: 300, random: seededRandom(seed) })
  const questions = ask(9)
  expect(questions).toEqual(ask(9))
  expect(questions).not.toEqual(ask(10))
  const { dimensions } = model.index
  let nearest = 0
  for (let at = 0; at < questions.length; at += dimensions) {
    const question = questions.subarray(at, at + dimensions)
    expect(Math.hypot(...question)).toBeCloseTo(1, 4)
    const [score] = model.index.exact(question, { k: 1 }).scores
    expect(score).toBeLessThan(0.9999)
    nearest += score / 300
  }
  // and yet they are near to what the plant makes
  expect(nearest).toBeGreaterThan(0.7)
})

test('what is promised is reached, on a thousand questions that nobody measured with', async () => {
  const { dimensions } = model.index
  const questions = recallQuestions(model, { count: 1_000, random: seededRandom(77) })
  const exact = await model.index.exactBatch(questions, { k: 50, threads: 2 })
  let kept = 0
  for (const k of [10, 50])
    for (const asked of [0.8, 0.9, 0.95, 0.98, 0.99]) {
      const answers = similar(model, { item, topK: k, recall: asked })
      if (answers.recall.exact) continue
      const found = await model.index.searchBatch(questions, { k, ef: Math.max(k, answers.efSearch), threads: 2 })
      let right = 0
      for (let query = 0; query < questions.length / dimensions; query++) {
        const last = exact.scores[query * 50 + k - 1] - 1e-6
        for (let at = query * k; at < (query + 1) * k; at++) if (found.scores[at] >= last) right++
      }
      expect(right / (1_000 * k)).toBeGreaterThanOrEqual(asked)
      kept++
    }
  expect(kept).toBeGreaterThan(3)
})

describe('an answer', () => {
  test('says what is to be expected of its search, each kind of it', async () => {
    const expected = model.recall.find(({ ef }) => ef === 64)!.recall10
    const told = { efSearch: 80, recall: { expected, k: 10, asked: null, exact: false } }
    expect(predict(model, { item, efSearch: 80 })).toMatchObject(told)
    expect(similar(model, { item, efSearch: 80 })).toMatchObject(told)
    expect(recommendGroups(model, { item, efSearch: 80 })).toMatchObject(told)
    expect(await counterfactual(model, { item, efSearch: 80, change: {} })).toMatchObject(told)
  })

  test('to a recall is that of the breadth that promises it, and says so', async () => {
    const asked = 0.9
    const { ef, recall10: expected } = model.recall.find(({ low10 }) => low10 >= asked)!
    const told = { efSearch: ef, recall: { expected, k: 10, asked, exact: false } }
    const answer = similar(model, { item, recall: asked })
    expect(answer).toMatchObject(told)
    expect(answer.neighbours).toEqual(similar(model, { item, efSearch: ef }).neighbours)
    expect(predict(model, { item, recall: asked })).toMatchObject(told)
    expect(recommendGroups(model, { item, recall: asked })).toMatchObject(told)
    expect(await counterfactual(model, { item, recall: asked, change: {} })).toMatchObject(told)
  })

  test('to a recall that no breadth promises reads every vector', () => {
    const exact = { efSearch: model.index.count, recall: { expected: 1, k: 10, asked: 1, exact: true } }
    const sum = (answer: { neighbours: { similarity: number }[] }) =>
      answer.neighbours.reduce((total, { similarity }) => total + similarity, 0)
    let better = 0
    for (const attributes of partsOf(100)) {
      const answer = similar(model, { attributes, recall: 1 })
      expect(answer).toMatchObject(exact)
      const [narrow, wide] = [16, 1_024].map((efSearch) => sum(similar(model, { attributes, efSearch })))
      expect(sum(answer)).toBeGreaterThanOrEqual(Math.max(narrow, wide) - 1e-3)
      if (sum(answer) > narrow + 1e-3) better++
    }
    // the narrow walk misses what the exact search finds
    expect(better).toBeGreaterThan(0)
    expect(similar(model, { item, topK: 50, recall: 0.9999999 })).toMatchObject({ recall: { k: 50, exact: true } })
  })

  test('under moved weights expects nothing, and keeps an asked recall by reading every vector', () => {
    const weights = { [similar(model, { item }).neighbours[0].reasons[0].attribute]: 3 }
    expect(similar(model, { item, weights }).recall).toEqual({ expected: null, k: 10, asked: null, exact: false })
    const exact = similar(model, { item, weights, recall: 0.6 })
    expect(exact.recall).toEqual({ expected: 1, k: 10, asked: 0.6, exact: true })
    // a factor of one is none
    expect(similar(model, { item, weights: { ...weights, [Object.keys(weights)[0]]: 1 }, recall: 0.6 }).recall.exact).toBe(false)
  })

  test('to both, ef and recall, is refused with the place', async () => {
    const both = { item, efSearch: 96, recall: 0.9 }
    const refused = { code: 'bad_request', details: [{ path: '/recall' }] }
    for (const ask of [predict, similar, recommendGroups])
      expect(() => ask(model, both)).toThrow(expect.objectContaining({ code: 'bad_request' }))
    await expect(counterfactual(model, both)).rejects.toMatchObject(refused)
  })
})

test('the configuration may hold a recall; a request that names either wins over both', () => {
  const settings = configured({ efSearch: 300, recall: 0.9 })
  const ask = (request: object) => similar(model, { item, ...request }, { settings })
  const { ef } = model.recall.find(({ low10 }) => low10 >= 0.9)!
  expect(ask({})).toMatchObject({ configRev: 7, efSearch: ef, recall: { asked: 0.9 } })
  expect(ask({ efSearch: 48 })).toMatchObject({ efSearch: 48, recall: { asked: null, exact: false } })
  expect(ask({ recall: 1 })).toMatchObject({ recall: { asked: 1, exact: true } })
  expect(similar(model, { item }, { settings: configured({ efSearch: 300 }) })).toMatchObject({ efSearch: 300, recall: { asked: null } })
  for (const recall of [0.49, 1.01, '0.9']) expect(() => configured({ recall })).toThrow(expect.objectContaining({ code: 'invalid_value' }))
})

describe('a version from before curves were measured', () => {
  const presets = { 'standard@10': 0.97, 'standard@50': 0.96 }

  test('answers as ever, says what its presets found, and keeps a promise by reading every vector', () => {
    expect(similar(older(presets), { item })).toMatchObject({ efSearch: 96, recall: { expected: 0.97, asked: null, exact: false } })
    expect(similar(older({}), { item }).recall.expected).toBeNull()
    expect(similar(older(presets), { item, recall: 0.6 }).recall).toEqual({ expected: 1, k: 10, asked: 0.6, exact: true })
  })

  test('has a manifest that is read, and a curve out of order or beyond 1 is refused', () => {
    const { recallCurve, ...plain } = model.manifest
    const read = (recallCurve?: unknown) =>
      parseManifest(JSON.stringify({ ...plain, ...(recallCurve === undefined ? {} : { recallCurve }) }))
    expect(read().recallCurve).toBeUndefined()
    expect(read(recallCurve)).toEqual(model.manifest)
    const { queries, points } = recallCurve!
    for (const wrong of [
      { queries, points: [...points].reverse() },
      { queries, points: [{ ...points[0], low10: 1.5 }] },
      { queries, points: [] },
      { queries: 0, points },
      { queries, points, more: 1 },
    ])
      expect(() => read(wrong)).toThrow(expect.objectContaining({ code: 'manifest_invalid' }))
  })
})

test('an index without vectors, or of fewer than are asked for, is measured too', async () => {
  const tiny = await openTrainedSample({ items: 24, seed: 2 })
  try {
    const { count } = tiny.model.index
    expect(count).toBeLessThan(50)
    expect(tiny.model.recall.at(-1)).toMatchObject({ recall50: 1, recall10: 1 })
    expect(similar(tiny.model, { item: tiny.model.knowledge.items.key(0), recall: 0.9 }).recall).toMatchObject({ exact: false, asked: 0.9 })
  } finally {
    tiny.close()
  }
  const nothing = await measureRecall(model.index, new Float32Array(0), { threads: 1 })
  expect(nothing).toEqual({ body: { recall: {} }, retrieval: { queries: 0, curve: [], presets: {} } })
})
