/** What a serving process sees of its own recall, on a real index with too few links, and what health says of it. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { seededRandom } from '../../server/domain/random'
import { recallAt } from '../../server/domain/recall-curve'
import { defaultSettings, type Settings } from '../../server/domain/settings'
import { checkRecall, type RecallState } from '../../server/pipeline/health/recall'
import { watchRecall } from '../../server/pipeline/health/recall-watch'
import type { Model } from '../../server/pipeline/model'
import { createRecallProbe } from '../../server/pipeline/recall-probe'
import { recallQuestions } from '../../server/pipeline/train/recall-questions'
import { openTrainedSample, poorGraph } from './trained-sample'

let sample: Awaited<ReturnType<typeof openTrainedSample>>
let model: Model
let questions: Float32Array[]
beforeAll(async () => {
  sample = await openTrainedSample({ items: 3_000, seed: 5, changes: poorGraph })
  model = sample.model
  const all = recallQuestions(model, { count: 60, random: seededRandom(8) })
  questions = Array.from({ length: 60 }, (_, at) => all.slice(at * model.index.dimensions, (at + 1) * model.index.dimensions))
}, 120_000)
afterAll(() => sample.close())

function setUp(keptMax?: number) {
  const failures: unknown[] = []
  let settings: Settings = defaultSettings
  let leased = 0
  const lease = () => {
    leased++
    return { model, release: () => leased-- }
  }
  const probe = createRecallProbe({ lease, settings: () => settings, reportFailure: (error) => failures.push(error), keptMax })
  const ask = async (vector: Float32Array | null, version = model.version) => {
    probe.offer(version, vector)
    await probe.probe()
  }
  const configure = (changes: Partial<Settings>) => {
    settings = { ...defaultSettings, ...changes }
  }
  return { probe, ask, configure, failures, leased: () => leased }
}
/** Share of the ten nearest that a walk of this breadth finds. */
function found(question: Float32Array, ef: number): number {
  const exact = model.index.exact(question, { k: 10 }).scores
  return model.index.search(question, { k: 10, ef }).scores.filter((score) => score >= exact[9] - 1e-6).length / 10
}

test('the newest questions are asked by the walk and exactly, once each', async () => {
  const { probe, ask, configure, failures, leased } = setUp()
  configure({ efSearch: 16 })
  expect(probe.status()).toBeNull()
  for (const question of questions) await ask(question)
  await probe.probe()
  const measured = questions.reduce((sum, question) => sum + found(question, 16), 0) / 60
  expect(probe.status()).toMatchObject({ version: model.version, ef: 16, k: 10, questions: 60 })
  expect(probe.status()!.measured).toBeCloseTo(measured, 9)
  expect(measured).toBeLessThan(1)
  expect([failures, leased()]).toEqual([[], 0])
})

test('only so many are kept, and none beyond a change of what is served or configured', async () => {
  const { probe, ask, configure } = setUp(5)
  for (const question of questions.slice(0, 8)) await ask(question)
  expect(probe.status()).toMatchObject({ ef: 96, questions: 5 })
  await ask(null)
  await ask(questions[8], '2020.01.01_1')
  expect(probe.status()!.questions).toBe(5)
  configure({ efSearch: 16 })
  await ask(questions[9])
  expect(probe.status()).toMatchObject({ ef: 16, questions: 1, measured: found(questions[9], 16) })
  configure({ topK: 50 })
  await ask(questions[9])
  expect(probe.status()).toMatchObject({ k: 50, questions: 1 })
})

test('nothing is asked where every vector is read or the weights are moved', async () => {
  const { probe, ask, configure } = setUp()
  configure({ recall: 1 })
  await ask(questions[0])
  configure({ weights: { [model.encoder.model.blocks[0].name]: 2 } })
  await ask(questions[1])
  expect(probe.status()).toBeNull()
  configure({ recall: 0.8 })
  await ask(questions[2])
  expect(probe.status()).toMatchObject({ ef: model.recall.find(({ low10 }) => low10 >= 0.8)!.ef, questions: 1 })
})

test('what fails is reported, and the next question is asked again', async () => {
  const { probe, ask, failures, leased } = setUp()
  await ask(new Float32Array(3))
  expect([failures.length, leased(), probe.status()]).toEqual([1, 0, null])
  await ask(questions[0])
  expect(probe.status()!.questions).toBe(1)
})

test('the watch says what is promised and what was seen, and nothing while no version serves', async () => {
  const holder = {
    current: () => model,
    lease: () => ({ model, release: () => {} }),
    status: () => ({ serving: { version: model.version, epoch: 1 } }) as never,
  }
  const watch = watchRecall({ holder, settings: () => defaultSettings, reportFailure: () => {} })
  const checks = Object.fromEntries(watch.checks())
  expect(checks['search:recall']).toEqual({
    status: 'pass',
    componentId: 'recall@10, ef 96',
    observedValue: recallAt(model.recall, 96, 10)!.expected,
    observedUnit: 'share',
  })
  expect(checks['search:measuredRecall']).toEqual({ status: 'pass', observedValue: 'no questions yet' })
  const idle = watchRecall({
    ...{ settings: () => defaultSettings, reportFailure: () => {} },
    holder: { ...holder, status: () => ({ serving: null }) as never },
  })
  expect(idle.checks()).toEqual([])
})

test('a recall far below the promise warns, once enough was asked; so does one that was configured and never measured', () => {
  const state: RecallState = { points: model.recall, isPromised: true, settings: defaultSettings, moved: false, probe: null }
  const { low } = recallAt(model.recall, 96, 10)!
  const seen = (measured: number, count: number) =>
    checkRecall({ ...state, probe: { version: model.version, ef: 96, k: 10, questions: count, measured } })[1][1]
  expect(seen(low, 100).status).toBe('pass')
  expect(seen(low - 0.3, 29).status).toBe('pass')
  expect(seen(low - 0.3, 100)).toMatchObject({ status: 'warn', output: expect.stringContaining('promised') })
  const [[name, check]] = checkRecall({ ...state, points: [], isPromised: false, settings: { ...defaultSettings, recall: 0.9 } })
  expect([name, check.status]).toEqual(['search:recall', 'warn'])
  // without a target an older version is as good as it ever was
  expect(checkRecall({ ...state, points: [], isPromised: false })[0][1]).toMatchObject({ status: 'pass', observedValue: 'not measured' })
  expect(checkRecall({ ...state, moved: true })[0][1]).toMatchObject({ status: 'pass', observedValue: 'not measured' })
  expect(checkRecall({ ...state, settings: { ...defaultSettings, recall: 1 } })[0][1]).toMatchObject({
    componentId: 'recall@10, exact',
    observedValue: 1,
  })
})
