import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import type { Problem } from '../../server/contract/problem'
import { type ConfigDiff, type ConfigHistory, type ConfigRevision, CurrentConfig } from '../../server/contract/runtime-config'
import type { Principal } from '../../server/http/access'
import { createConfigStore } from '../../server/pipeline/config/config-store'
import { showPresets } from '../../server/pipeline/config/presets'
import { listAudit } from '../../server/store/audit'
import { closeStore, openStore } from '../../server/store/open'
import { startApp } from './sample-app'
import { knownItem, sampleServices } from './sample-services'

const folder = mkdtempSync(join(tmpdir(), 'routewright-config-http-'))
const db = openStore(join(folder, 'routewright.sqlite'))
const store = createConfigStore({ db, mirrorPath: null })
const recall = { 'standard@10': 0.99, 'standard@50': 0.98, 'aggressive@10': 0.9 }
const person = (name: string, role: 'user' | 'admin'): Principal => ({
  kind: 'person',
  id: 1,
  name,
  role,
  scopes: [],
  session: 'x',
  mustChangePassword: false,
})
const people: Record<string, Principal> = {
  kim: person('kim', 'admin'),
  lee: person('lee', 'user'),
  'key:erp': { ...person('key:erp', 'user'), kind: 'key', id: 0, scopes: ['read'] },
  'key:line': { ...person('key:line', 'user'), kind: 'key', id: 0, scopes: ['predict'] },
}
let app: ReturnType<typeof startApp>

beforeAll(() => {
  const config = { ...store, presets: () => showPresets({ version: '2026.01.31_1', recall }, 10) }
  app = startApp({ config }, { authenticate: (request) => people[request.headers.get('x-test-user') ?? ''] ?? null })
})
afterAll(async () => {
  await app.stop()
  await store.close()
  closeStore(db)
  rmSync(folder, { recursive: true, force: true })
})

const at = '/api/v1/config'
const read = async <T>(path: string, user = 'lee'): Promise<T> => {
  const response = await app.call(path, { headers: { 'x-test-user': user } })
  expect(response.status).toBe(200)
  return (await response.json()) as T
}
interface Asked {
  user?: string
  type?: string
  ifMatch?: string | null
  query?: string
  headers?: Record<string, string>
}
const send = (method: string, path: string, body: unknown, { user = 'kim', type = 'application/json', ifMatch, headers }: Asked) =>
  app.call(path, {
    method,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'x-test-user': user, 'content-type': type, ...(ifMatch == null ? {} : { 'if-match': ifMatch }), ...headers },
  })
const patch = (body: unknown, asked: Asked) => send('PATCH', `${at}${asked.query ?? ''}`, body, asked)
const problem = async (response: Response) => {
  const { code, details } = (await response.json()) as Problem
  return [response.status, code, details?.[0]?.path]
}
const newest = () => store.show().revision

describe('reading', () => {
  test('says what is valid beside the defaults, with the revision as its tag', async () => {
    const response = await app.call(at, { headers: { 'x-test-user': 'lee' } })
    const current = (await response.json()) as CurrentConfig
    expect(Value.Check(CurrentConfig, current)).toBe(true)
    expect([response.headers.get('etag'), current.changed]).toEqual([`"${current.revision}"`, []])
    expect(current.config).toEqual(current.defaults)
  })

  test('names the recall that was measured, and null where none was', async () => {
    expect(await read<object>(`${at}/presets`)).toEqual({
      version: '2026.01.31_1',
      presets: [
        { name: 'conservative', efSearch: 256, recallAt10: null, recallAt50: null },
        { name: 'standard', efSearch: 96, recallAt10: 0.99, recallAt50: 0.98 },
        { name: 'aggressive', efSearch: 32, recallAt10: 0.9, recallAt50: null },
      ],
      // without a curve nothing is promised but by reading every vector
      targets: [0.9, 0.95, 0.99, 0.999, 1].map((target) => ({ recall: target, efSearch: null })),
      measured: false,
    })
    expect(showPresets(null, 10)).toMatchObject({ version: null, measured: false })
    const point = { ef: 96, recall10: 0.99, recall50: 0.98, measured10: 0.99, measured50: 0.98, low10: 0.985, low50: 0.94 }
    const targets = (topK: number) =>
      showPresets({ version: '2026.01.31_1', recall, curve: [point] }, topK).targets.map((one) => one.efSearch)
    expect([targets(10), targets(50)]).toEqual([
      [96, 96, null, null, null],
      [96, null, null, null, null],
    ])
  })

  test('is for those who may read; changing is for admins', async () => {
    const status = async (user: string, method = 'GET', path = at) =>
      (await send(method, path, method === 'GET' ? undefined : { revision: 0 }, { user, ifMatch: '0' })).status
    expect(await Promise.all(['', 'lee', 'kim', 'key:erp', 'key:line'].map((user) => status(user)))).toEqual([401, 200, 200, 200, 403])
    for (const [method, path] of [
      ['PATCH', at],
      ['POST', `${at}/revert`],
    ]) {
      expect(await Promise.all(['', 'lee', 'key:erp', 'key:line'].map((user) => status(user, method, path)))).toEqual([401, 403, 403, 403])
    }
    expect(newest()).toBe(0)
  })
})

describe('a patch', () => {
  test('is a new revision with its author, note, changes and the request', async () => {
    const response = await patch(
      { search: { efSearch: 256, weights: { OD: 2 } } },
      {
        ifMatch: '"0"',
        type: 'application/merge-patch+json',
        query: `?note=${encodeURIComponent('더 넓게')}`,
        headers: { 'x-request-id': 'request-1' },
      },
    )
    const changed = (await response.json()) as CurrentConfig
    expect([response.status, response.headers.get('etag'), changed.revision]).toEqual([200, '"1"', 1])
    expect(changed.changed).toEqual([
      { path: '/search/efSearch', before: 96, after: 256 },
      { path: '/search/weights/OD', before: null, after: 2 },
    ])
    expect(await read<CurrentConfig>(at)).toEqual(changed)
    const { revisions } = await read<ConfigHistory>(`${at}/history`)
    expect(revisions).toMatchObject([{ revision: 1, author: 'kim', note: '더 넓게', revertOf: null, sha256: changed.sha256 }])
    const [row] = listAudit(db, { limit: 1 })
    expect([row.actor, row.action, row.subject]).toEqual(['kim', 'config.patch', 'runtime_config/default'])
    expect(JSON.parse(row.details)).toEqual({ revision: 1, changes: changed.changed, note: '더 넓게', requestId: 'request-1' })
  })

  test('with null brings a default back, of one knob or of all below', async () => {
    const response = await patch({ search: { efSearch: null, weights: null } }, { ifMatch: String(newest()) })
    expect(((await response.json()) as CurrentConfig).changed).toEqual([])
  })

  test('that changes nothing is no revision', async () => {
    const before = newest()
    expect((await patch({ search: { efSearch: 96 } }, { ifMatch: `"${before}"` })).status).toBe(200)
    expect(newest()).toBe(before)
  })

  test('must name the revision that was seen', async () => {
    const before = newest()
    const stale = await patch({ search: { efSearch: 33 } }, { ifMatch: '"0"' })
    expect(await problem(stale)).toEqual([412, 'stale_revision', '/headers/if-match'])
    for (const ifMatch of [null, '*', 'W/"1"', '"1", "2"', '-1', '1.5', '""', '99999999999']) {
      const response = await patch({ search: { efSearch: 33 } }, { ifMatch })
      const { code, message } = (await response.json()) as Problem
      expect([ifMatch, response.status, code]).toEqual([ifMatch, 400, 'bad_request'])
      expect(message).toContain('If-Match')
    }
    expect(newest()).toBe(before)
  })

  test('is refused as a whole, with the place of what is wrong, and nothing is changed', async () => {
    const before = store.show()
    const rows = listAudit(db).length
    const wrong: [patch: unknown, path: string][] = [
      [{ search: { efSearch: 15, topK: 20 } }, '/search/efSearch'],
      [{ search: { efSearch: '96' } }, '/search/efSearch'],
      [{ search: { recall: 1.5 } }, '/search/recall'],
      [{ search: { topK: 2.5 } }, '/search/topK'],
      [{ search: { weights: { 'a/b': 9 } } }, '/search/weights/a~1b'],
      [{ search: [] }, '/search'],
      [{ times: { strategy: { trimLow: 0.7 } } }, '/times/strategy/trimLow'],
      [{ candidates: { count: 11 } }, '/candidates/count'],
      [{ search: { efSearch: 97 }, nonsense: 1 }, '/nonsense'],
      [{ constructor: { prototype: { polluted: 1 } } }, '/constructor'],
      [{ search: { weights: { prototype: 1 } } }, '/search/weights/prototype'],
    ]
    for (const [body, path] of wrong) {
      expect(await problem(await patch(body, { ifMatch: String(before.revision) }))).toEqual([422, 'invalid_value', path])
    }
    expect((await patch('{"__proto__":{"polluted":1}}', { ifMatch: String(before.revision) })).status).toBe(400)
    expect((await patch([], { ifMatch: String(before.revision) })).status).toBe(422)
    expect((await patch({}, { ifMatch: String(before.revision), type: 'text/plain' })).status).toBe(415)
    expect((await patch({}, { ifMatch: String(before.revision), query: `?note=${'x'.repeat(501)}` })).status).toBe(422)
    expect(store.show()).toEqual(before)
    expect(listAudit(db)).toHaveLength(rows)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('going back', () => {
  const revert = (body: unknown, asked: Asked = {}) => send('POST', `${at}/revert`, body, asked)
  test('appends the older content again', async () => {
    const from = newest()
    const response = await revert({ revision: 1, note: 'it was better' })
    expect([response.status, response.headers.get('etag')]).toEqual([200, `"${from + 1}"`])
    expect(((await response.json()) as CurrentConfig).config.search.efSearch).toBe(256)
    const { head, config } = await read<ConfigRevision>(`${at}/revisions/${from + 1}`)
    expect(head).toMatchObject({ revertOf: 1, note: 'it was better', author: 'kim' })
    expect(config).toEqual((await read<ConfigRevision>(`${at}/revisions/1`)).config)
    expect(listAudit(db, { limit: 1 })[0].action).toBe('config.revert')
  })
  test('to the defaults works, and If-Match counts where it is given', async () => {
    expect(await problem(await revert({ revision: 0 }, { ifMatch: '0' }))).toEqual([412, 'stale_revision', '/headers/if-match'])
    const response = await revert({ revision: 0 }, { ifMatch: String(newest()) })
    expect(((await response.json()) as CurrentConfig).changed).toEqual([])
    expect((await read<ConfigRevision>(`${at}/revisions/0`)).head).toBeNull()
  })
  test('to what never was is refused', async () => {
    expect((await problem(await revert({ revision: 999 }))).slice(0, 2)).toEqual([404, 'revision_unknown'])
    expect((await revert({ revision: -1 })).status).toBe(422)
  })
})

test('revisions are compared value by value', async () => {
  const { changes } = await read<ConfigDiff>(`${at}/diff?from=1&to=0`)
  expect(changes).toEqual([
    { path: '/search/efSearch', before: 256, after: 96 },
    { path: '/search/weights/OD', before: 2, after: null },
  ])
  const unknown = await app.call(`${at}/diff?from=0&to=999`, { headers: { 'x-test-user': 'lee' } })
  expect(unknown.status).toBe(404)
})

test('the history is read page by page', async () => {
  const all = (await read<ConfigHistory>(`${at}/history?limit=200`)).revisions.map(({ revision }) => revision)
  expect(all).toEqual(Array.from({ length: newest() }, (_, index) => newest() - index))
  const page = await read<ConfigHistory>(`${at}/history?limit=2&before=${newest()}`)
  expect(page.revisions.map(({ revision }) => revision)).toEqual(all.slice(1, 3))
})

test('answers say which configuration they were made with', async () => {
  const ask = (path: string, body: object) => app.post(`/api/v1/${path}`, body, { 'x-test-user': 'lee' })
  const question = { attributes: { OUTDIAMETER: 1 } }
  for (const path of ['predict', 'similar', 'predict/counterfactual', 'groups/recommendations']) {
    const response = await ask(path, question)
    expect([path, response.headers.get('x-config-rev'), ((await response.json()) as { configRev: number }).configRev]).toEqual([
      path,
      '4',
      4,
    ])
  }
  expect((await ask('predict/batch', { items: [question] })).headers.get('x-config-rev')).toBe('4')
})

test('what a request leaves open reaches the line open: the contract fills in nothing that the configuration decides', async () => {
  const received: object[] = []
  const keep = <T>(answer: (request: never) => T) =>
    ((request: object) => {
      received.push(request)
      return answer(request as never)
    }) as never
  const { predict, similar, counterfactual, recommendGroups, timeSummary, openBatch } = sampleServices()
  const plain = startApp({
    predict: keep(predict),
    similar: keep(similar),
    counterfactual: keep((request) => counterfactual(request, async () => {})),
    recommendGroups: keep(recommendGroups),
    timeSummary: keep(timeSummary),
    openBatch: () => ({ ...openBatch(), predict: keep(openBatch().predict as never) }),
  })
  const question = { item: knownItem }
  const timeStrategy = { zCut: 3 }
  await plain.post('/api/v1/predict', { ...question, timeStrategy })
  await plain.post('/api/v1/similar', question)
  await plain.post('/api/v1/predict/counterfactual', question)
  await plain.post('/api/v1/groups/recommendations', question)
  await plain.post('/api/v1/time/summary', { operation: 'X', timeStrategy })
  await (await plain.post('/api/v1/predict/batch', { items: [question], timeStrategy })).text()
  await plain.stop()
  expect(received).toHaveLength(6)
  for (const request of received) {
    for (const name of ['topK', 'efSearch', 'recall', 'candidates', 'groupExpansion', 'weights'])
      expect([name, name in request]).toEqual([name, false])
    if ('timeStrategy' in request) expect(request.timeStrategy).toEqual(timeStrategy)
  }
})
