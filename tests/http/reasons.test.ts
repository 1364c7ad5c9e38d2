/** Counterfactuals, groups and group expansion over HTTP, answered by a small trained version. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { Counterfactuals } from '../../server/contract/counterfactual'
import { Groups } from '../../server/contract/group'
import { limits } from '../../server/contract/limits'
import { Prediction } from '../../server/contract/predict'
import { jsonAnswer } from '../../server/domain/json-answer'
import { counterfactual } from '../../server/pipeline/counterfactual'
import { recommendGroups } from '../../server/pipeline/groups'
import { predict } from '../../server/pipeline/predict'
import { openTrainedSample, routedItems } from '../pipeline/trained-sample'
import { startApp } from './sample-app'

let running: ReturnType<typeof startApp>
let close: () => void
let item: string
beforeAll(async () => {
  const sample = await openTrainedSample({ items: 400 })
  close = sample.close
  ;[item] = routedItems(sample.model, 1)
  running = startApp({
    predict: (request) => jsonAnswer(predict(sample.model, request)),
    counterfactual: (request) => counterfactual(sample.model, request),
    recommendGroups: (request) => recommendGroups(sample.model, request),
  })
}, 120_000)
afterAll(() => {
  running.stop()
  close()
})

test('what changes the answer, and what one change does', async () => {
  const answer = await running.post('/api/v1/predict/counterfactual', { item, topK: 10, limit: 5 })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('x-model-version')).not.toBeNull()
  const found = await answer.json()
  expect(Value.Check(Counterfactuals, found)).toBe(true)
  expect(found.predictions).toBeGreaterThan(20)
  expect(found.counterfactuals.length).toBeLessThanOrEqual(5)
  const one = await running.post('/api/v1/predict/counterfactual', { item, change: { OUTDIAMETER: 12, ITEM_MATERIAL: null } })
  const told = await one.json()
  expect([one.status, told.counterfactuals.length, told.predictions]).toEqual([200, 1, 2])
  expect(told.attributes).toEqual([])
})

test('the groups of an item, and candidates from them', async () => {
  const answer = await running.post('/api/v1/groups/recommendations', { item, limit: 3 })
  expect(answer.status).toBe(200)
  const { groups, ...rest } = await answer.json()
  expect(Value.Check(Groups, { groups, ...rest })).toBe(true)
  expect(groups).toHaveLength(3)
  const wide = await running.post('/api/v1/predict', { item, candidates: limits.candidatesMax, groupExpansion: limits.groupExpansionMax })
  const prediction = await wide.json()
  expect([wide.status, Value.Check(Prediction, prediction)]).toEqual([200, true])
  expect(prediction.candidates.length).toBeGreaterThan(limits.candidatesMax)
})

test('an error of the asynchronous answer keeps its envelope', async () => {
  const answer = await running.post('/api/v1/predict/counterfactual', { attributes: { 'no such attribute': 1 } })
  expect([answer.status, (await answer.json()).code]).toEqual([422, 'unknown_attribute'])
})
