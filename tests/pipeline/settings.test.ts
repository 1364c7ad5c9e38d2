import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { RuntimeConfig } from '../../server/contract/runtime-config'
import { mergePatch } from '../../server/domain/json-merge-patch'
import { defaultRuntimeConfig, parseRuntimeConfig } from '../../server/domain/runtime-config'
import { defaultSettings, type Settings, settingsOf } from '../../server/domain/settings'
import { AnswerCache } from '../../server/pipeline/answer-cache'
import { createAnswers } from '../../server/pipeline/answers'
import { counterfactual } from '../../server/pipeline/counterfactual'
import { recommendGroups } from '../../server/pipeline/groups'
import type { Model } from '../../server/pipeline/model'
import { predict, similar } from '../../server/pipeline/predict'
import { Recorder } from '../../server/pipeline/recorder'
import { timeSummary } from '../../server/pipeline/time-summary'
import { closeStore, openStore } from '../../server/store/open'
import { openTrainedSample, routedItems } from './trained-sample'

let sample: Awaited<ReturnType<typeof openTrainedSample>>
let model: Model
let item: string
beforeAll(async () => {
  sample = await openTrainedSample({ items: 600 })
  model = sample.model
  item = routedItems(model, 5)[2]
}, 120_000)
afterAll(() => sample.close())

type Patch = { [Group in keyof RuntimeConfig]?: Partial<RuntimeConfig[Group]> }
const configured = (patch: Patch, revision = 7): Settings =>
  settingsOf(revision, parseRuntimeConfig(mergePatch(defaultRuntimeConfig, patch)))
/** What an answer says, without what differs each time. */
const said = ({ id: _id, timingsMs: _timings, configRev: _rev, ...rest }: ReturnType<typeof predict>) => rest
const attributeOf = (place: number) => similar(model, { item }).neighbours[0].reasons[place].attribute

describe('the settings of an answer', () => {
  test('are the defaults where nothing is configured: the same answer, revision 0', () => {
    const plain = predict(model, { item, ignoreOwnHistory: true })
    expect(plain.configRev).toBe(0)
    expect(said(predict(model, { item, ignoreOwnHistory: true }, { settings: defaultSettings }))).toEqual(said(plain))
    const { efSearch, topK } = defaultRuntimeConfig.search
    const { count: candidates, groupExpansion } = defaultRuntimeConfig.candidates
    const spelled = { item, ignoreOwnHistory: true, efSearch, topK, candidates, groupExpansion, timeStrategy: {}, weights: {} }
    expect(said(predict(model, spelled))).toEqual(said(plain))
  })

  test('do what the same options of a request do, and a request wins', () => {
    const weights = { [attributeOf(0)]: 0, [attributeOf(1)]: 3 }
    const strategy = { ...defaultRuntimeConfig.times.strategy, outliers: 'none', safeSigma: 3 } as const
    const settings = configured({
      search: { efSearch: 256, topK: 20, weights },
      candidates: { count: 3, groupExpansion: 2, confidenceMin: 0 },
      times: { strategy },
    })
    const asked = { item, ignoreOwnHistory: true }
    const options = { efSearch: 256, topK: 20, weights, candidates: 3, groupExpansion: 2, timeStrategy: strategy }
    const answer = predict(model, asked, { settings })
    expect([answer.configRev, answer.efSearch, answer.neighbours.length]).toEqual([7, 256, 20])
    expect(said(answer)).toEqual(said(predict(model, { ...asked, ...options })))
    expect(said(answer)).not.toEqual(said(predict(model, asked)))
    // what is spelled out by the request wins over all of it
    const usual = {
      efSearch: 96,
      topK: 10,
      weights: { [attributeOf(0)]: 1, [attributeOf(1)]: 1 },
      candidates: 5,
      groupExpansion: 0,
      timeStrategy: defaultRuntimeConfig.times.strategy,
    }
    expect(said(predict(model, { ...asked, ...usual }, { settings }))).toEqual(said(predict(model, asked)))
  })

  test('a request moves one weight and leaves the configured others', () => {
    const [first, second] = [attributeOf(0), attributeOf(1)]
    const settings = configured({ search: { weights: { [first]: 0, [second]: 0 } } })
    const moved = similar(model, { item, weights: { [second]: 2 } }, { settings })
    expect(moved.neighbours).toEqual(similar(model, { item, weights: { [first]: 0, [second]: 2 } }).neighbours)
  })

  test('a part of the time strategy that a request names leaves the configured others', () => {
    const operation = predict(model, { item }).candidates[0].steps[0].operation
    const settings = configured({ times: { strategy: { ...defaultRuntimeConfig.times.strategy, safeSigma: 3 } } })
    const times = timeSummary(model, { operation, timeStrategy: { optimalSigma: 0 } }, { settings })
    expect([times.configRev, times.runMinutes]).toEqual([
      7,
      timeSummary(model, { operation, timeStrategy: { optimalSigma: 0, safeSigma: 3 } }).runMinutes,
    ])
  })

  test('weights of attributes that the version does not know say nothing', () => {
    const settings = configured({ search: { weights: { 'no such attribute': 0, toString: 4 } } })
    expect(said(predict(model, { item }, { settings }))).toEqual(said(predict(model, { item })))
  })

  test('reach what-if and groups, too', async () => {
    const settings = configured({ search: { topK: 20, efSearch: 200 } })
    const groups = recommendGroups(model, { item }, { settings })
    expect([groups.configRev, groups.efSearch, groups.groups]).toEqual([
      7,
      200,
      recommendGroups(model, { item, topK: 20, efSearch: 200 }).groups,
    ])
    const change = { PART_TYPE: '15' }
    const [what, same] = [
      await counterfactual(model, { item, change }, { settings }),
      await counterfactual(model, { item, change, topK: 20, efSearch: 200 }),
    ]
    expect([what.configRev, what.efSearch, what.counterfactuals]).toEqual([7, 200, same.counterfactuals])
  })
})

describe('a configured similarity', () => {
  test('leaves less similar items without a say', () => {
    const plain = similar(model, { item, topK: 20 })
    const similarityMin = plain.neighbours[10].similarity + 1e-4
    const { neighbours } = similar(model, { item, topK: 20 }, { settings: configured({ search: { similarityMin } }) })
    expect(neighbours.length).toBeGreaterThan(0)
    expect(neighbours).toEqual(plain.neighbours.filter(({ similarity }) => similarity >= similarityMin))
    const sources = predict(model, { item, ignoreOwnHistory: true, topK: 20 }, { settings: configured({ search: { similarityMin } }) })
    const named = new Set(sources.neighbours.map((neighbour) => neighbour.item))
    for (const source of sources.candidates.flatMap(({ steps }) => steps.flatMap((step) => step.sources)))
      expect(named.has(source)).toBe(true)
  })

  test('that nobody reaches is said; the learned model still drafts', () => {
    const attributes = { PART_TYPE: '11#1', OUTDIAMETER: 91.3 }
    expect(predict(model, { attributes }).neighbours.length).toBeGreaterThan(0)
    const answer = predict(model, { attributes }, { settings: configured({ search: { similarityMin: 1 } }) })
    expect([answer.neighbours, answer.abstained, answer.grounds.code, answer.grounds.similarityMin]).toEqual([[], true, 'nothing_near', 1])
    expect(answer.reason).toContain('100 %')
    expect(answer.candidates.length).toBeGreaterThan(0)
  })
})

describe('a configured confidence', () => {
  test('makes an answer abstain that stays below it, in words, with its candidates', () => {
    const plain = predict(model, { item, ignoreOwnHistory: true })
    expect(plain.abstained).toBe(false)
    const { confidence } = plain
    expect(
      said(predict(model, { item, ignoreOwnHistory: true }, { settings: configured({ candidates: { confidenceMin: confidence } }) })),
    ).toEqual(said(plain))
    const confidenceMin = confidence + 1e-4
    const held = predict(model, { item, ignoreOwnHistory: true }, { settings: configured({ candidates: { confidenceMin } }) })
    expect([held.abstained, held.confidence, held.grounds.confidenceMin]).toEqual([true, confidence, confidenceMin])
    expect(held.reason.startsWith(plain.reason)).toBe(true)
    expect(held.reason).toContain('that the configuration asks for')
    expect(held.candidates).toEqual(plain.candidates)
  })
})

test('the breadth belongs to the call: searches of different breadth at the same time find what each finds alone', async () => {
  const queries = Float32Array.from(Array.from({ length: 64 }, (_, row) => [...model.index.vector(row * 5)]).flat())
  const search = (ef: number) => model.index.searchBatch(queries, { k: 10, ef, threads: 2 })
  const breadths = [10, 16, 96, 1024]
  const alone: Uint32Array[] = []
  for (const ef of breadths) alone.push((await search(ef)).keys)
  const together = await Promise.all(
    Array.from({ length: 10 }, () => breadths)
      .flat()
      .map(search),
  )
  together.forEach(({ keys }, at) => {
    expect(keys).toEqual(alone[at % breadths.length])
  })
  const settings = [16, 1024].map((efSearch) => configured({ search: { efSearch } }))
  const expected = settings.map((each) => said(predict(model, { item }, { settings: each })))
  for (let round = 0; round < 20; round++) {
    expect(said(predict(model, { item }, { settings: settings[round % 2] }))).toEqual(expected[round % 2])
  }
})

test('a batch keeps the settings that it began with', async () => {
  let settings = configured({ search: { efSearch: 200 } }, 3)
  const db = openStore(':memory:')
  const fail = (error: unknown) => {
    throw error
  }
  const recorder = new Recorder({ db, reportFailure: fail })
  const answers = createAnswers({
    holder: { current: () => model, lease: () => ({ model, release: () => {} }) },
    settings: () => settings,
    recorder,
    cache: new AnswerCache({ recordAgain: (recordable, id) => recorder.recordAgain(recordable, id), reportFailure: fail }),
    cacheBounds: () => defaultRuntimeConfig.cache,
    watch: (_epoch, act) => act(),
    noteAnswer: () => {},
    reportFailure: fail,
  })
  const before = await answers.predict({ item })
  const batch = answers.openBatch()
  settings = configured({ search: { efSearch: 300 } }, 4)
  const line = await batch.predict({ item })
  expect([batch.configRev, line.configRev, line.efSearch]).toEqual([3, 3, 200])
  const { configRev, efSearch } = await answers.predict({ item })
  expect([before.configRev, before.efSearch]).toEqual([3, 200])
  // nor is an answer of the one given for the other
  expect([configRev, efSearch]).toEqual([4, 300])
  closeStore(db)
})
