/** Tables of the plant over HTTP: kept, told by their ETag, and gone with the version or the configuration that they are of. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { Form, Item, ItemList } from '../../server/contract/item'
import { TimeSummary } from '../../server/contract/time'
import { defaultSettings } from '../../server/domain/settings'
import { getItem, listItems } from '../../server/pipeline/items'
import type { Model } from '../../server/pipeline/model'
import { TableCache } from '../../server/pipeline/table-cache'
import { createTables } from '../../server/pipeline/tables'
import { startApp } from '../http/sample-app'
import { openTrainedSample, routedItems } from './trained-sample'

let first: Model
let close: () => void
let item: string
let running: ReturnType<typeof startApp>
const serving = { model: null as unknown as Model, settings: defaultSettings, tablesMax: 100 }
let cache = new TableCache()
beforeAll(async () => {
  ;({ model: first, close } = await openTrainedSample({ items: 300 }))
  ;[item] = routedItems(first, 1)
}, 120_000)
beforeEach(async () => {
  await running?.stop()
  Object.assign(serving, { model: first, settings: defaultSettings, tablesMax: 100 })
  cache = new TableCache()
  const tables = createTables({
    current: () => serving.model,
    settings: () => serving.settings,
    tablesMax: () => serving.tablesMax,
    cache,
  })
  running = startApp(tables)
})
afterAll(async () => {
  await running.stop()
  close()
})

const tables = () => [
  { path: '/api/v1/items?limit=5', schema: ItemList },
  { path: `/api/v1/items/${encodeURIComponent(item)}`, schema: Item },
  { path: '/api/v1/form', schema: Form },
]

describe('a table', () => {
  test('is as the contract says, the second time too, and is made once', async () => {
    for (const { path, schema } of tables()) {
      const [made, kept] = [await running.call(path), await running.call(path)]
      expect([made.status, kept.status]).toEqual([200, 200])
      const [one, other] = [await made.json(), await kept.json()]
      expect(Value.Check(schema, one)).toBe(true)
      expect(other).toEqual(one)
      expect(kept.headers.get('x-model-version')).toBe(first.version)
    }
    expect(cache.status()).toMatchObject({ hits: 3, misses: 3, unchanged: 0, entries: 3 })
    expect(await (await running.call(tables()[1].path)).json()).toEqual(JSON.parse(JSON.stringify(getItem(first, item))))
  })

  test('is not sent again to who has it', async () => {
    for (const { path } of tables()) {
      const { headers } = await running.call(path)
      const again = await running.call(path, { headers: { 'if-none-match': `"other", ${headers.get('etag')}` } })
      expect({ status: again.status, text: await again.text() }).toEqual({ status: 304, text: '' })
      expect(again.headers.get('etag')).toBe(headers.get('etag'))
      expect((await running.call(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    }
  })

  test('has an ETag of its own for each question, the same in every process', async () => {
    const etags = new Set<string | null>()
    const paths = [
      '/api/v1/items?limit=5',
      '/api/v1/items?limit=6',
      '/api/v1/items?limit=5&offset=1',
      '/api/v1/items?limit=5&search=1',
      '/api/v1/form',
    ]
    for (const path of paths) etags.add((await running.call(path)).headers.get('etag'))
    expect(etags.size).toBe(paths.length)
    const query = { search: '', limit: 5, offset: 0 }
    const elsewhere = new TableCache().read({ model: first, key: ['items', query], tablesMax: 1 }, () => listItems(first, query))
    expect(etags.has(elsewhere.etag)).toBe(true)
  })

  test('of another version or epoch is another, and the ones before are gone', async () => {
    const { path } = tables()[0]
    const { headers } = await running.call(path)
    serving.model = { ...first, epoch: first.epoch + 1 }
    const next = await running.call(path, { headers: { 'if-none-match': headers.get('etag')! } })
    expect(next.status).toBe(200)
    expect(next.headers.get('x-model-epoch')).toBe(String(first.epoch + 1))
    expect(cache.status().entries).toBe(1)
  })

  test('that is not there is 404 each time and not kept', async () => {
    for (let times = 0; times < 2; times++) expect((await running.call('/api/v1/items/unheard-of')).status).toBe(404)
    expect(cache.status()).toMatchObject({ entries: 0, misses: 0 })
  })

  test('goes when there are too many; 0 keeps none', async () => {
    serving.tablesMax = 3
    for (let limit = 1; limit <= 10; limit++) await running.call(`/api/v1/items?limit=${limit}`)
    expect(cache.status()).toMatchObject({ entries: 3, misses: 10 })
    serving.tablesMax = 0
    await running.call('/api/v1/items?limit=50')
    expect(cache.status()).toMatchObject({ entries: 0, bytes: 0 })
  })
})

test('times follow the configuration', async () => {
  const operation = first.knowledge.operations.code.find((code) => code !== '')!
  const ask = async () => {
    const answer = await running.post('/api/v1/time/summary', { operation })
    return { revision: answer.headers.get('x-config-rev'), body: (await answer.json()) as TimeSummary }
  }
  const before = await ask()
  expect(Value.Check(TimeSummary, before.body)).toBe(true)
  expect((await ask()).body).toEqual(before.body)
  serving.settings = { ...defaultSettings, configRev: 3, timeStrategy: { ...defaultSettings.timeStrategy, outliers: 'none' } }
  const after = await ask()
  expect([before.revision, after.revision]).toEqual(['0', '3'])
  expect(after.body.configRev).toBe(3)
  expect(cache.status()).toMatchObject({ hits: 1, misses: 2 })
})
