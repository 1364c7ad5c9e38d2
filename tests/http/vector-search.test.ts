/** Search by a vector over HTTP: the real route over a small trained version; every form of a vector is the same question. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { VectorSearchResult } from '../../server/contract/vector-search'
import { JsonBytes } from '../../server/domain/json-bytes'
import { defaultSettings } from '../../server/domain/settings'
import type { Model } from '../../server/pipeline/model'
import { searchByVector } from '../../server/pipeline/vector-search'
import { openTrainedSample } from '../pipeline/trained-sample'
import { startApp } from './sample-app'

const json = new JsonBytes()
let model: Model
let close: () => void
let app: ReturnType<typeof startApp>
beforeAll(async () => {
  ;({ model, close } = await openTrainedSample({ items: 300 }))
  app = startApp({ searchVector: (vector, options) => searchByVector(model, vector, options, { settings: defaultSettings, json }) })
}, 120_000)
afterAll(() => {
  app.stop()
  close()
})

const bytesOf = (vector: Float32Array) => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
const sendBytes = (bytes: Uint8Array, address = '', headers: Record<string, string> = {}) =>
  app.call(`/api/v1/search${address}`, {
    method: 'POST',
    body: bytes as Uint8Array<ArrayBuffer>,
    headers: { 'content-type': 'application/octet-stream', ...headers },
  })
async function refusal(answer: Response | Promise<Response>) {
  const { status, ...rest } = await answer
  void rest
  const { code, details } = await (await answer).json()
  return { status, code, path: details?.[0]?.path }
}

describe('the nearest of a vector', () => {
  test('are the same for a list, base64 and bytes, with what is asked in the body or in the address', async () => {
    for (const key of [0, 7, 42]) {
      const vector = model.index.vector(key)
      const options = { k: 5, efSearch: 64 }
      const answers = [
        await app.post('/api/v1/search', { vector: [...vector], ...options }),
        await app.post('/api/v1/search', { vector: bytesOf(vector).toBase64(), ...options }),
        await app.post('/api/v1/search?k=5&efSearch=64', { vector: [...vector] }),
        await sendBytes(bytesOf(vector), '?k=5&efSearch=64'),
      ]
      const said = await Promise.all(answers.map((answer) => answer.json() as Promise<VectorSearchResult>))
      for (const [at, answer] of said.entries()) {
        expect([at, answers[at].status, answer]).toEqual([at, 200, answer])
        expect(Value.Check(VectorSearchResult, answer)).toBe(true)
        expect({ ...answer, timingsMs: null }).toEqual({ ...said[0], timingsMs: null })
      }
      expect(said[0].keys[0]).toBe(key)
      expect(said[0].scores[0]).toBeCloseTo(1, 5)
      expect(said[0].keys.length).toBe(5)
      expect(model.knowledge.items.find(said[0].items[0])).toBeGreaterThanOrEqual(0)
      expect(answers[0].headers.get('x-model-version')).toBe(model.version)
    }
  })

  test('with a recall of 1 are those of exact search, whatever the length of the vector', async () => {
    const vector = model.index.vector(11).map((value) => value * 37)
    const { keys, recall, efSearch } = await (await app.post('/api/v1/search', { vector: [...vector], k: 20, recall: 1 })).json()
    expect(keys).toEqual([...model.index.exact(vector, { k: 20 }).keys])
    expect(recall).toMatchObject({ exact: true, expected: 1, asked: 1 })
    expect(efSearch).toBe(model.index.count)
  })

  test('are at most all', async () => {
    const { keys } = await (await app.post('/api/v1/search', { vector: [...model.index.vector(0)], k: 1_000, recall: 1 })).json()
    expect(new Set(keys).size).toBe(model.index.count)
  })
})

describe('is refused with its code and its place', () => {
  const good = () => [...model.index.vector(0)]
  test('a vector that does not fit the version', async () => {
    const json = (vector: unknown) => refusal(app.post('/api/v1/search', { vector }))
    expect(await json(good().slice(1))).toEqual({ status: 422, code: 'vector_wrong_length', path: '/vector' })
    expect(await json([])).toMatchObject({ status: 422, code: 'vector_wrong_length' })
    expect(await json(good().map(() => 0))).toEqual({ status: 422, code: 'vector_zero', path: '/vector' })
    expect(await json(good().map((value, at) => (at === 3 ? 1e39 : value)))).toEqual({
      status: 422,
      code: 'vector_not_finite',
      path: '/vector',
    })
    expect(await json('not:base64')).toEqual({ status: 422, code: 'invalid_value', path: '/vector' })
    expect(await json('AAA=')).toMatchObject({ status: 422, code: 'vector_wrong_length' })
    expect(await json(['1'])).toMatchObject({ status: 422, code: 'invalid_value' })
  })

  test('bytes that are no such vector', async () => {
    const vector = model.index.vector(0)
    expect(await refusal(sendBytes(bytesOf(vector).subarray(1)))).toEqual({ status: 422, code: 'vector_wrong_length', path: '/vector' })
    expect(await refusal(sendBytes(bytesOf(vector).subarray(4)))).toEqual({ status: 422, code: 'vector_wrong_length', path: '/vector' })
    expect(await refusal(sendBytes(new Uint8Array(0)))).toMatchObject({ status: 422 })
    expect(await refusal(sendBytes(bytesOf(vector.map(() => Number.NaN))))).toEqual({
      status: 422,
      code: 'vector_not_finite',
      path: '/vector',
    })
    expect(await refusal(sendBytes(new Uint8Array(1_100_000)))).toMatchObject({ status: 413, code: 'body_too_large' })
    expect(await refusal(sendBytes(bytesOf(vector), '', { 'content-encoding': 'gzip' }))).toMatchObject({ status: 415 })
  })

  test('options that are none, and no vector at all', async () => {
    const ask = (body: object, address = '') => refusal(app.post(`/api/v1/search${address}`, body))
    expect(await ask({})).toEqual({ status: 422, code: 'invalid_value', path: '/vector' })
    expect(await ask({ vector: good(), k: 0 })).toMatchObject({ status: 422, code: 'invalid_value', path: '/k' })
    expect(await ask({ vector: good(), other: 1 })).toMatchObject({ status: 422, code: 'invalid_value' })
    expect(await ask({ vector: good(), efSearch: 64, recall: 0.9 })).toMatchObject({ status: 400, code: 'bad_request' })
    expect(await ask({ vector: good() }, '?k=1001')).toMatchObject({ status: 422, code: 'invalid_value' })
    expect(await ask({ vector: good() }, '?depth=1')).toMatchObject({ status: 422, code: 'invalid_value' })
  })
})
