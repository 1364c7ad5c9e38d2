/** Batch lines and what-ifs whose search is long: off the event loop, with the same answers, the model held, and a deadline. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { PredictRequest } from '../../server/contract/predict'
import { defaultSettings } from '../../server/domain/settings'
import { counterfactual } from '../../server/pipeline/counterfactual'
import type { Model } from '../../server/pipeline/model'
import { predict, similar } from '../../server/pipeline/predict'
import { resolveQuery } from '../../server/pipeline/query'
import { planSearch, weightFactors } from '../../server/pipeline/search'
import { realAnswers } from './real-answers'
import { openTrainedSample, routedItems } from './trained-sample'

let sample: Awaited<ReturnType<typeof openTrainedSample>>
let model: Model
let item: string
let weights: Record<string, number>
const searches = { now: 0, later: 0 }
beforeAll(async () => {
  sample = await openTrainedSample({ items: 600 })
  const { index } = sample.model
  // the real index, told to be of a plant that is too large to be read as a whole
  const large = {
    count: 1e9,
    dimensions: index.dimensions,
    searchNow: (search) => {
      searches.now++
      return index.searchNow(search)
    },
    searchLater: (search) => {
      searches.later++
      return index.searchLater(search)
    },
    blockDots: (...asked) => index.blockDots(...asked),
    vector: (key) => index.vector(key),
  } satisfies Partial<Model['index']> as unknown as Model['index']
  model = { ...sample.model, index: large }
  item = routedItems(model, 5)[2]
  weights = { [similar(model, { item }).neighbours[0].reasons[0].attribute]: 3 }
}, 120_000)
afterAll(() => sample.close())

const long = (): PredictRequest => ({ item, weights, efSearch: 1_000, ignoreOwnHistory: true })
const short = (): PredictRequest => ({ item, ignoreOwnHistory: true })
const said = ({ id: _id, timingsMs: _timings, ...rest }: ReturnType<typeof predict>) => rest
const counted = async <T>(act: () => T | Promise<T>): Promise<{ answer: T; now: number; later: number }> => {
  const before = { ...searches }
  const answer = await act()
  return { answer, now: searches.now - before.now, later: searches.later - before.later }
}

test('a walk under moved weights is long at a breadth that is short without', () => {
  const query = resolveQuery(model, { item })
  const plan = (moved: boolean, ef: number) => planSearch(model, query, { k: 10, ef, factors: weightFactors(model, moved ? weights : {}) })
  expect([plan(false, 400).isLong, plan(true, 400).isLong, plan(true, 96).isLong]).toEqual([false, true, false])
})

describe('a line of a batch', () => {
  test('is searched off the thread where that is long, and at once where it is not, with the same answers', async () => {
    const { answers } = realAnswers(model)
    const batch = answers.openBatch(60_000)
    const [slow, quick] = [await counted(() => batch.predict(long())), await counted(() => batch.predict(short()))]
    expect([slow.now, slow.later > 0, quick.now, quick.later]).toEqual([0, true, 1, 0])
    expect(batch.predict(short())).not.toBeInstanceOf(Promise)
    expect(said(slow.answer)).toEqual(said(predict(model, long())))
    expect(said(quick.answer)).toEqual(said(predict(model, short())))
    batch.close()
  })

  test('ends when its time is over, of either kind, and the next line is answered', async () => {
    const { answers, recorder } = realAnswers(model)
    const hurried = answers.openBatch(0)
    await expect(hurried.predict(long())).rejects.toMatchObject({ code: 'deadline_exceeded' })
    expect(() => hurried.predict(short())).toThrow(expect.objectContaining({ code: 'deadline_exceeded' }))
    expect(recorder.status().buffered).toBe(0)
    const patient = answers.openBatch(60_000)
    expect((await patient.predict(long())).candidates.length).toBeGreaterThan(0)
    expect(recorder.status().buffered).toBe(1)
    for (const batch of [hurried, patient]) batch.close()
  })

  test('holds the model until its search is over, also when the batch was closed meanwhile', async () => {
    const { answers, leases } = realAnswers(model)
    const batch = answers.openBatch(60_000)
    const line = batch.predict(long())
    batch.close()
    expect(leases.released).toBe(0)
    expect((await line).item).toBe(item)
    expect(leases.released).toBe(1)
  })
})

describe('a what-if', () => {
  test('is searched off the thread where that is long, with the answer of the quick way', async () => {
    const field = model.form.fields.find(({ kind, values }) => kind === 'category' && values.length > 3)!
    const change = { [field.name]: field.values[2].value }
    const { answer, now, later } = await counted(() => counterfactual(model, { item, weights, efSearch: 1_000, change }))
    expect([now, later >= 2]).toEqual([0, true])
    const expected = predict(model, { ...long(), candidates: 1, groupExpansion: 0 })
    expect(answer.base.signature).toBe(expected.candidates[0].signature)
    expect(answer.counterfactuals).toHaveLength(1)
  })

  test('without any time left is refused, and told as far as it came when time runs out between', async () => {
    for (const asked of [{ item }, { item, weights, efSearch: 1_000 }])
      await expect(counterfactual(model, asked, { deadlineMs: 0 })).rejects.toMatchObject({ code: 'deadline_exceeded' })
    // the clock stands still for the first three searches, and has run out in the fourth
    let asked = 0
    const found = await counterfactual(
      {
        ...model,
        index: {
          ...model.index,
          searchNow: (search) => model.index.searchNow({ ...search, timeoutMs: ++asked > 3 ? 0 : null }),
        } as Model['index'],
      },
      { item },
      { settings: defaultSettings },
    )
    expect([found.complete, found.predictions]).toEqual([false, 3])
  })
})
