/** The deadline of a request over HTTP: a real engine behind a real socket, once without any time and once with all of it. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { Problem } from '../../server/contract/problem'
import { Admission } from '../../server/http/admission'
import type { Model } from '../../server/pipeline/model'
import { realAnswers } from '../pipeline/real-answers'
import { openTrainedSample, routedItems } from '../pipeline/trained-sample'
import { startApp } from './sample-app'

let sample: Awaited<ReturnType<typeof openTrainedSample>>
let model: Model
let item: string
let made: ReturnType<typeof realAnswers>
/** Requests have no time at all there, and the usual here. */
let hurried: ReturnType<typeof startApp>
let patient: ReturnType<typeof startApp>
const admission = new Admission({ deadlineMs: 0 })
beforeAll(async () => {
  sample = await openTrainedSample({ items: 400 })
  model = sample.model
  ;[item] = routedItems(model, 1)
  made = realAnswers(model)
  hurried = startApp(made.answers, { admission })
  patient = startApp(made.answers)
}, 120_000)
afterAll(() => {
  hurried.stop()
  patient.stop()
  sample.close()
})

const vector = () => Buffer.from(model.index.vector(0).buffer).toString('base64')
const questions = (): [string, object][] => [
  ['predict', { item }],
  ['predict', { item, recall: 1 }],
  ['similar', { item }],
  ['groups/recommendations', { item }],
  ['predict/counterfactual', { item }],
  ['search', { vector: vector(), k: 10 }],
  ['search', { vector: vector(), k: 10, recall: 1 }],
]

test('a request whose time is over is answered with the one problem, whole, and the next one is fine', async () => {
  for (const [path, body] of questions()) {
    const refused = await hurried.post(`/api/v1/${path}`, body)
    const text = await refused.text()
    const problem = JSON.parse(text)
    expect([path, refused.status, problem.code]).toEqual([path, 504, 'deadline_exceeded'])
    expect([path, Value.Check(Problem, problem)]).toEqual([path, true])
    expect(refused.headers.get('content-type')).toStartWith('application/json')
    expect(refused.headers.get('content-length')).toBe(String(Buffer.byteLength(text)))
    expect((await hurried.call('/api/v1/models/active')).status).toBe(200)
  }
  // nothing was answered, so nothing is kept
  expect([made.recorder.status().buffered, made.cache.status().entries]).toEqual([0, 0])
  // it was the search that ended, not the wait for a turn; no place is left taken
  expect(admission.status()).toMatchObject({ expired: 0, waiting: 0, long: 0, askers: 0 })
  for (const [path, body] of questions()) {
    const answered = await patient.post(`/api/v1/${path}`, body)
    expect([path, answered.status]).toEqual([path, 200])
    expect(((await answered.json()) as { version: string }).version).toBe(model.version)
  }
  expect(made.recorder.status().buffered).toBe(2)
})

test('a batch says it line by line, and ends as it should', async () => {
  const ask = async (app: typeof hurried) => {
    const answer = await app.post('/api/v1/predict/batch', { items: [{ item }, { item: 'unheard of' }, { item }] })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8'])
    const lines = (await answer.text()).trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line))
  }
  const codes = (lines: { problem?: { code: string } }[]) => lines.map(({ problem }) => problem?.code ?? null)
  expect(codes(await ask(hurried))).toEqual(['deadline_exceeded', 'unknown_item', 'deadline_exceeded'])
  expect(codes(await ask(patient))).toEqual([null, 'unknown_item', null])
  expect(made.leases.taken).toBe(made.leases.released)
})
