/** Kept answers of a small trained version: equal to what would be calculated, and only ever of the same question. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import { Prediction, type PredictRequest } from '../../server/contract/predict'
import { canonicalKey } from '../../server/domain/canonical-key'
import { DomainError } from '../../server/domain/error'
import { answerDocument, type JsonAnswer } from '../../server/domain/json-answer'
import { AnswerCache, type AnswerCacheOptions, type Calculate, type Question } from '../../server/pipeline/answer-cache'
import type { Model } from '../../server/pipeline/model'
import { predict } from '../../server/pipeline/predict'
import { Recorder } from '../../server/pipeline/recorder'
import { closeStore, type Db, openStore } from '../../server/store/open'
import { findProposal } from '../../server/store/proposal'
import { openTrainedSample, routedItems } from './trained-sample'

let model: Model
let close: () => void
let items: string[]
let db: Db
beforeAll(async () => {
  ;({ model, close } = await openTrainedSample({ items: 300 }))
  items = routedItems(model, 40)
  db = openStore(':memory:')
}, 120_000)
afterAll(() => {
  closeStore(db)
  close()
})

const document = (answer: JsonAnswer): Promise<Prediction> => new Response(answerDocument(answer)).json()
const comparable = ({ id: _id, timingsMs: _timings, ...rest }: Prediction) => rest

function start(options: Partial<AnswerCacheOptions> = {}) {
  const failures: unknown[] = []
  const recorder = new Recorder({ db, reportFailure: (error) => failures.push(error) })
  const cache = new AnswerCache({
    recordAgain: (recordable, id) => recorder.recordAgain(recordable, id),
    reportFailure: (error) => failures.push(error),
    ...options,
  })
  const calculations = { count: 0 }
  const calculate =
    (request: PredictRequest, of: Model = model): Calculate =>
    ({ record }) => {
      calculations.count++
      let recordable: ReturnType<Recorder['record']> | null = null
      const prediction = predict(of, request, {
        observe: (query, made) => {
          if (record) recordable = recorder.record(of, query, made)
        },
      })
      return { prediction, recordable }
    }
  const bounds = { answersMax: 100, answerBytesMax: 50_000_000 }
  const ask = (request: PredictRequest, question: Partial<Question> = {}) =>
    cache.answer({ model, configRev: 0, request, bounds, ...question }, calculate(request, (question.model as Model) ?? model))
  return { cache, recorder, calculations, failures, ask, bounds }
}

describe('the same question again', () => {
  test('is answered with what would be calculated, and a number and times of its own', async () => {
    const { ask, calculations, cache } = start()
    for (const item of items) {
      const [first, second] = [ask({ item, ignoreOwnHistory: true }), ask({ ignoreOwnHistory: true, item })]
      expect([first.cache, second.cache]).toEqual(['miss', 'hit'])
      const [made, kept] = [await document(first), await document(second)]
      expect(Value.Check(Prediction, kept)).toBe(true)
      expect(comparable(kept)).toEqual(comparable(made))
      expect(comparable(kept)).toEqual(JSON.parse(JSON.stringify(comparable(predict(model, { item, ignoreOwnHistory: true })))))
      expect(kept.id).not.toBe(made.id)
      expect(kept.timingsMs.search).toBe(0)
    }
    expect(calculations.count).toBe(items.length)
    expect(cache.status()).toMatchObject({ hits: items.length, misses: items.length, entries: items.length })
  })

  test('does not change what is on its way', async () => {
    const { ask } = start()
    const answers = [ask({ item: items[0] }), ask({ item: items[0] }), ask({ item: items[0] })]
    const sent = answers.map((answer) => new Response(answerDocument(answer)))
    const received = await Promise.all(sent.map((response) => response.json()))
    expect(received.map(({ id, timingsMs }) => ({ id, timingsMs }))).toEqual(answers.map(({ id, timingsMs }) => ({ id, timingsMs })))
    expect(new Set(received.map(({ id }) => id)).size).toBe(3)
  })

  test('is recorded like any other', async () => {
    const { ask, recorder } = start()
    const answers = [ask({ item: items[0] }), ask({ item: items[0] }), ask({ item: items[0] })]
    await recorder.flush()
    const rows = answers.map(({ id }) => findProposal(db, id))
    expect(rows.map((row) => row?.item)).toEqual([items[0], items[0], items[0]])
    expect(new Set(rows.map((row) => row?.candidates)).size).toBe(1)
  })

  test('that is refused is refused each time, and nothing is kept', () => {
    const { ask, cache, calculations } = start()
    for (let times = 0; times < 3; times++) expect(() => ask({ item: 'unheard of' })).toThrow(DomainError)
    expect(calculations.count).toBe(3)
    expect(cache.status().entries).toBe(0)
  })
})

describe('is another question', () => {
  test('with other values, types or options', () => {
    const { ask } = start()
    const feature = model.knowledge.items.features.find(({ feature: { kind } }) => kind === 'number')!.name
    const other: PredictRequest[] = [
      { item: items[0] },
      { item: items[0], topK: 5 },
      { item: items[0], attributes: {} },
      { item: items[0], attributes: { [feature]: 0 } },
      { item: items[0], attributes: { [feature]: 1 } },
      { item: items[0], attributes: { [feature]: null } },
      { item: items[0], weights: { [feature]: 1 } },
      { item: items[0], without: [items[1], items[2]] },
      { item: items[0], without: [items[1]] },
    ]
    for (const request of other) expect(ask(request).cache).toBe('miss')
    for (const request of other) expect(ask(request).cache).toBe('hit')
  })

  test('of another epoch, version or configuration; what was kept of the one before is gone', async () => {
    const { ask, cache } = start()
    const asked = { item: items[0] }
    const later: Model = { ...model, epoch: model.epoch + 1 }
    const renamed: Model = { ...later, version: '2030.01.01_1' }
    const rebuilt: Model = { ...model, manifest: { ...model.manifest, files: {} } }
    const steps: [Partial<Question>, string][] = [
      [{}, 'miss'],
      [{}, 'hit'],
      [{ model: later }, 'miss'],
      [{ model: later }, 'hit'],
      [{ model: renamed }, 'miss'],
      [{ model: rebuilt }, 'miss'],
      [{ model: rebuilt, configRev: 1 }, 'miss'],
      [{ model: rebuilt, configRev: 1 }, 'hit'],
      [{}, 'miss'],
    ]
    for (const [question, use] of steps) {
      const answer = ask(asked, question)
      expect(answer.cache).toBe(use as JsonAnswer['cache'])
      const { version, epoch } = (question.model as Model) ?? model
      expect(await document(answer)).toMatchObject({ version, epoch })
      expect(cache.status().entries).toBe(1)
    }
  })

  test('of any two values that differ; the order of keys does not count', () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom<unknown>('1', 1, '', 0, -0, 'null', 'true', 's1:a', 'n1;', '1:a'),
    )
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
      ),
    })).value
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(canonicalKey(a) === canonicalKey(b)).toBe(Bun.deepEquals(a, b, true))
      }),
      { numRuns: 3_000 },
    )
    const fields = fc.uniqueArray(fc.tuple(fc.string(), leaf), { selector: ([key]) => key, maxLength: 6 })
    fc.assert(
      fc.property(fields, (entries) => {
        const make = (list: typeof entries) => Object.fromEntries(list.filter(([key]) => key !== '__proto__'))
        expect(canonicalKey(make(entries))).toBe(canonicalKey(make(entries.toReversed())))
      }),
    )
  })
})

describe('what is kept', () => {
  test('is bounded by number and by bytes; what was asked longest ago goes first', () => {
    const { ask, cache } = start()
    for (const item of items) ask({ item }, { bounds: { answersMax: 10, answerBytesMax: 50_000_000 } })
    expect(cache.status()).toMatchObject({ entries: 10, evictions: items.length - 10 })
    expect(ask({ item: items.at(-1)! }, { bounds: { answersMax: 10, answerBytesMax: 50_000_000 } }).cache).toBe('hit')
    expect(ask({ item: items[0] }, { bounds: { answersMax: 10, answerBytesMax: 50_000_000 } }).cache).toBe('miss')
    const answerBytesMax = 5_000_000
    for (const item of items) ask({ item, topK: 50 }, { bounds: { answersMax: 1_000, answerBytesMax } })
    const { bytes, entries } = cache.status()
    expect(bytes).toBeLessThanOrEqual(answerBytesMax)
    expect(bytes).toBeGreaterThan(0)
    expect(entries).toBeGreaterThan(0)
    // one answer may not take the place of all others
    ask({ item: items[0], topK: 49 }, { bounds: { answersMax: 1_000, answerBytesMax: 10_000 } })
    expect(ask({ item: items[0], topK: 49 }, { bounds: { answersMax: 1_000, answerBytesMax: 10_000 } }).cache).toBe('miss')
  })

  test('is nothing when it is switched off', () => {
    const { ask, cache } = start()
    ask({ item: items[0] })
    for (const bounds of [
      { answersMax: 0, answerBytesMax: 1_000_000 },
      { answersMax: 10, answerBytesMax: 0 },
    ]) {
      expect(ask({ item: items[0] }, { bounds }).cache).toBe('bypass')
      expect(cache.status()).toMatchObject({ entries: 0, bytes: 0 })
    }
  })
})

describe('looked after in the shadow', () => {
  test('kept answers are what would be calculated', () => {
    const { ask, cache, failures } = start({ shadowEvery: 2 })
    for (let times = 0; times < 3; times++) for (const item of items) ask({ item })
    expect(cache.status()).toMatchObject({ hits: 2 * items.length, shadowChecks: items.length, shadowMismatches: 0 })
    expect(failures).toEqual([])
  })

  test('one that is not is counted, told and replaced', async () => {
    const { cache, bounds, failures } = start({ shadowEvery: 1 })
    const request = { item: items[0] }
    const prediction = predict(model, request)
    const answer = (reason: string) =>
      cache.answer({ model, configRev: 0, request, bounds }, () => ({
        prediction: { ...prediction, reason },
        recordable: {
          proposal: { version: '', epoch: 0, item: null, confidence: 0, abstained: false, candidates: '' },
          version: '',
          counts: null,
        },
      }))
    answer('was')
    expect((await document(answer('is now'))).reason).toBe('is now')
    expect(cache.status()).toMatchObject({ shadowMismatches: 1, hits: 0, entries: 1 })
    expect(failures.length).toBe(1)
    expect(answer('is now').cache).toBe('hit')
  })
})
