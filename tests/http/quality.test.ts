import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { createApp } from '../../server/app'
import { readManifest } from '../../server/artifacts/file-check'
import { Adoption, type AdoptionReport } from '../../server/contract/adoption'
import { DriftReport } from '../../server/contract/drift'
import type { Prediction } from '../../server/contract/predict'
import { serveApp } from '../../server/http/server'
import { createSite } from '../../server/http/site'
import { driftReport } from '../../server/pipeline/drift'
import { loadMapping } from '../../server/pipeline/mapping-file'
import { openModel, retireModel } from '../../server/pipeline/model'
import { activate } from '../../server/pipeline/registry'
import { writeSample } from '../../server/pipeline/sample'
import { train } from '../../server/pipeline/train/train'
import { readTrainerConfig } from '../../server/pipeline/trainer-config'
import { openServices } from '../../server/services'
import { listAudit, verifyAuditChain } from '../../server/store/audit'
import { closeStore, openStore } from '../../server/store/open'
import { temporaryDirectory } from '../artifacts/sample-version'

const folder = temporaryDirectory()
const places = { modelsDirectory: join(folder, 'models'), databasePath: join(folder, 'rw.sqlite') }
let version: string
let running: Awaited<ReturnType<typeof serve>>

/** A serving process without the process: the real services and the real HTTP face. */
async function serve() {
  const failures: unknown[] = []
  const report = (error: unknown) => void failures.push(error)
  const services = openServices({ ...places, isStopping: () => false, report: () => {}, reportFailure: report })
  const app = createApp({
    services: services.features,
    findUser: () => null,
    site: createSite('/nonexistent'),
    writeAccess: () => {},
    report,
  })
  const server = serveApp(app, { port: 0, host: '127.0.0.1' })
  await services.start()
  const get = (path: string) => fetch(new URL(path, server.url))
  const post = (path: string, body: unknown) =>
    fetch(new URL(path, server.url), { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  const stop = async () => {
    await server.stop(true)
    await services.close()
  }
  return { get, post, stop, failures }
}

beforeAll(async () => {
  await writeSample({ out: join(folder, 'sample'), items: 200, seed: 5 })
  const db = openStore(places.databasePath)
  const trained = await train({
    db,
    modelsDirectory: places.modelsDirectory,
    sourcePath: join(folder, 'sample'),
    mapping: await loadMapping(join(folder, 'sample', 'mapping.json')),
    config: { ...readTrainerConfig(), heldOut: { itemsMax: 40, foldsBelow: 0 } },
    who: 'test',
    now: () => new Date(),
  })
  version = trained.version
  await activate(db, places.modelsDirectory, { version, who: 'test', why: 'first', prepare: openModel })
  closeStore(db)
  running = await serve()
}, 120_000)
afterAll(() => running.stop())

async function json<T = { code?: string; details?: { path: string }[] }>(
  answer: Response | Promise<Response>,
): Promise<T & { status: number }> {
  const { status } = await answer
  return { ...((await (await answer).json()) as T), status }
}
const isAs = (schema: TSchema, { status: _, ...body }: { status?: number }) => Value.Check(schema, body)
const routedItems = async (limit: number): Promise<string[]> => {
  const { items } = await json<{ items: { item: string; routings: number }[] }>(running.get('/api/v1/items?limit=100'))
  return items
    .filter(({ routings }) => routings > 0)
    .map(({ item }) => item)
    .slice(0, limit)
}
async function predicted(): Promise<Prediction> {
  const [item] = await routedItems(1)
  return json<Prediction>(running.post('/api/v1/predict', { item, ignoreOwnHistory: true }))
}
const stepsOf = ({ candidates }: Prediction, at = 0) => candidates[at].steps.map(({ operation, resource }) => ({ operation, resource }))
const adopt = (body: unknown) => json<Adoption & { code?: string; details?: { path: string }[] }>(running.post('/api/v1/adoptions', body))

describe('before anything was asked', () => {
  test('drift and adoption have no data, never zero', async () => {
    const drift = await json<DriftReport>(running.get('/api/v1/quality/drift'))
    expect(drift).toMatchObject({ status: 200, version, requests: 0, verdict: 'no_data', reason: 'few_requests' })
    expect(drift.attributes.length).toBeGreaterThan(10)
    for (const { verdict, psi, ks, unseenShare } of drift.attributes) {
      expect({ verdict, psi, ks, unseenShare }).toEqual({ verdict: 'no_data', psi: null, ks: null, unseenShare: null })
    }
    const adoption = await json<AdoptionReport>(running.get('/api/v1/quality/adoption?days=3'))
    expect(adoption).toMatchObject({
      status: 200,
      version: null,
      total: { saved: 0, exactShare: null, adoptionShare: null },
      calibrationError: null,
    })
    expect(adoption.days).toHaveLength(3)
  })
})

describe('a routing that is saved from a proposal', () => {
  test('at once after the answer, as it was proposed: exact, with the audit row of the act', async () => {
    const prediction = await predicted()
    const answer = await adopt({
      proposal: prediction.id,
      candidate: prediction.candidates[0].id,
      routing: { steps: stepsOf(prediction) },
      by: 'eva',
    })
    expect(isAs(Adoption, answer)).toBe(true)
    expect(answer).toMatchObject({
      status: 200,
      revision: 1,
      version,
      rank: 1,
      exact: true,
      firstExact: true,
      editDistance: 0,
      keptShare: 1,
    })
    expect(answer.editDistanceWithResources).toBe(0)
    const db = openStore(places.databasePath)
    expect(listAudit(db, { limit: 1 })[0]).toMatchObject({ actor: 'eva', action: 'adoption.save', subject: prediction.id })
    expect(verifyAuditChain(db)).toBeNull()
    closeStore(db)
  })

  test('twice: both stay, the newest counts', async () => {
    const prediction = await predicted()
    const steps = stepsOf(prediction)
    const body = { proposal: prediction.id, candidate: prediction.candidates[0].id, routing: { steps } }
    const before = await json<AdoptionReport>(running.get('/api/v1/quality/adoption?days=1'))
    expect(await adopt({ ...body, routing: { steps: [...steps, { operation: 'EXTRA' }] } })).toMatchObject({
      revision: 1,
      added: 1,
      exact: false,
    })
    expect(await adopt({ ...body, routing: { steps: steps.slice(1) } })).toMatchObject({
      revision: 2,
      removed: 1,
      added: 0,
      editDistance: 1,
      keptShare: (steps.length - 1) / steps.length,
    })
    const after = await json<AdoptionReport>(running.get('/api/v1/quality/adoption?days=1'))
    expect(after.total.saved).toBe(before.total.saved + 1)
    const db = openStore(places.databasePath)
    const rows = db.$client.query('SELECT revision, removed, added FROM adoptions WHERE proposal = ? ORDER BY revision').all(prediction.id)
    expect(rows).toEqual([
      { revision: 1, removed: 0, added: 1 },
      { revision: 2, removed: 1, added: 0 },
    ])
    closeStore(db)
  })

  test('from another candidate, or from none', async () => {
    const prediction = await predicted()
    expect(prediction.candidates.length).toBeGreaterThan(1)
    const second = { proposal: prediction.id, candidate: prediction.candidates[1].id, routing: { steps: stepsOf(prediction, 1) } }
    expect(await adopt(second)).toMatchObject({ rank: 2, exact: true, firstExact: false })
    expect(await adopt({ ...second, candidate: null, routing: { steps: stepsOf(prediction) } })).toMatchObject({
      candidate: null,
      rank: null,
      exact: true,
      firstExact: true,
    })
  })

  test('from a proposal that is not known is 404, also of a young id, and nothing is written', async () => {
    const body = { candidate: null, routing: { steps: [{ operation: 'A' }] } }
    expect(await adopt({ ...body, proposal: 'nothing' })).toMatchObject({ status: 404, code: 'unknown_proposal' })
    const started = performance.now()
    expect(await adopt({ ...body, proposal: Bun.randomUUIDv7() })).toMatchObject({ status: 404, code: 'unknown_proposal' })
    // another process may have had it in its buffer
    expect(performance.now() - started).toBeGreaterThan(2_000)
    const db = openStore(places.databasePath)
    expect(db.$client.query('SELECT * FROM adoptions WHERE proposal = ?').all('nothing')).toEqual([])
    closeStore(db)
  }, 20_000)

  test('that another process served, and has not written yet, is waited for', async () => {
    const other = await serve()
    const [item] = await routedItems(1)
    const prediction = await json<Prediction>(other.post('/api/v1/predict', { item }))
    const body = { proposal: prediction.id, candidate: prediction.candidates[0].id, routing: { steps: stepsOf(prediction) } }
    expect(await adopt(body)).toMatchObject({ status: 200, exact: true })
    await other.stop()
    expect(other.failures).toEqual([])
  }, 20_000)

  const good = { proposal: 'p', candidate: null, routing: { steps: [{ operation: 'A' }] } }
  const bad: [name: string, body: unknown, path: string][] = [
    ['without steps', { ...good, routing: { steps: [] } }, '/routing/steps'],
    ['with too many steps', { ...good, routing: { steps: Array(2_001).fill({ operation: 'A' }) } }, '/routing/steps'],
    ['without a candidate', { proposal: 'p', routing: good.routing }, '/candidate'],
    ['with a step without operation', { ...good, routing: { steps: [{ resource: 'M' }] } }, '/routing/steps/0/operation'],
    ['with a negative time', { ...good, routing: { steps: [{ operation: 'A', runMinutes: -1 }] } }, '/routing/steps/0/runMinutes'],
    ['with a control character', { ...good, by: 'a\u0007b' }, '/by'],
    ['by a name that is too long', { ...good, by: 'x'.repeat(65) }, '/by'],
    ['with a field that is not there', { ...good, nonsense: 1 }, '/nonsense'],
  ]
  for (const [name, body, path] of bad) {
    test(`${name} is refused, and the answer says where`, async () => {
      const answer = await adopt(body)
      expect(answer).toMatchObject({ status: 422, code: 'invalid_value' })
      expect(answer.details?.map((detail) => detail.path)).toContain(path)
    })
  }

  test('from a candidate that is not in the proposal is refused', async () => {
    const { id } = await predicted()
    const answer = await adopt({ ...good, proposal: id, candidate: 'somebody/1' })
    expect(answer).toMatchObject({ status: 422, code: 'invalid_value', details: [{ path: '/candidate' }] })
  })
})

describe('drift', () => {
  test('counts single and batch predictions; requests like the items are stable', async () => {
    const before = await json<DriftReport>(running.get('/api/v1/quality/drift'))
    const { items } = await json<{ items: { item: string }[] }>(running.get('/api/v1/items?limit=100'))
    const more = await json<{ items: { item: string }[] }>(running.get('/api/v1/items?limit=100&offset=100'))
    const all = [...items, ...more.items].map(({ item }) => ({ item }))
    const lines = (await (await running.post('/api/v1/predict/batch', { items: [...all, { item: 'unknown' }] })).text())
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(201)
    const report = await settled(before.requests + 200)
    expect(isAs(DriftReport, report)).toBe(true)
    expect(report).toMatchObject({ verdict: 'stable', reason: null, requests: before.requests + 200 })
    expect(report.attributes.map(({ verdict }) => verdict)).not.toContain('no_data')
  }, 20_000)

  test('of requests unlike the items is shifted, and says what moved', async () => {
    const { requests } = await json<DriftReport>(running.get('/api/v1/quality/drift'))
    const far = { attributes: { OUTDIAMETER: 5_000, PART_TYPE: 'of another plant' } }
    await (await running.post('/api/v1/predict/batch', { items: Array(300).fill(far) })).text()
    const report = await settled(requests + 300)
    expect(report.verdict).toBe('shifted')
    const partType = report.attributes.find(({ attribute }) => attribute === 'PART_TYPE')!
    expect(partType).toMatchObject({ verdict: 'shifted', moves: [{ kind: 'other' }, {}, {}] })
    expect(partType.unseenShare!).toBeCloseTo(300 / (requests + 300), 1)
    const psis = report.attributes.map(({ psi, psiByChance }) => Math.max(0, psi! - psiByChance!))
    expect(psis).toEqual(psis.toSorted((a, b) => b - a))
  }, 20_000)

  test('of a version by name; of one that is not there 404; of odd hours 422', async () => {
    expect(await json(running.get(`/api/v1/quality/drift?version=${version}&hours=1`))).toMatchObject({ status: 200 })
    expect(await json(running.get('/api/v1/quality/drift?version=2020.01.01_1'))).toMatchObject({ status: 404, code: 'version_unknown' })
    for (const query of ['version=..%2f..', 'hours=0', 'hours=2161', 'hours=x', 'hours=1.5', 'nonsense=1']) {
      expect(await json(running.get(`/api/v1/quality/drift?${query}`))).toMatchObject({ status: 422, code: 'invalid_value' })
    }
    for (const query of ['days=0', 'days=367', 'version=x', 'nonsense=1']) {
      expect(await json(running.get(`/api/v1/quality/adoption?${query}`))).toMatchObject({ status: 422, code: 'invalid_value' })
    }
  })

  test('of a version that does not serve is read from its own files, which must be the registered ones', async () => {
    const db = openStore(places.databasePath)
    const [now, hours] = [new Date(), 1]
    const ask = (model: { version: string; marginals: null } | null) =>
      driftReport(db, places.modelsDirectory, { model, version, hours, now })
    const served = await json<DriftReport & { status?: number }>(running.get('/api/v1/quality/drift?hours=1'))
    const { status: _, ...expected } = served
    expect(await ask(null)).toEqual(expected)
    const directory = join(places.modelsDirectory, version)
    const path = join(directory, 'marginals.json')
    const text = readFileSync(path, 'utf8')
    chmodSync(path, 0o644)
    writeFileSync(path, text.replace('"items":200', '"items":201'))
    await expect(ask(null)).rejects.toMatchObject({ code: 'artifact_corrupt', details: [{ path: 'marginals.json' }] })
    writeFileSync(path, text)
    chmodSync(path, 0o444)
    // a version from before marginals were kept opens as before, and has no data
    const { manifest } = await readManifest(directory, { version })
    const { 'marginals.json': __, ...files } = manifest.files
    const old = await openModel(directory, { ...manifest, files }, { epoch: 1 })
    expect(old.marginals).toBeNull()
    retireModel(old)
    expect(await ask({ version, marginals: null })).toMatchObject({
      requests: 0,
      verdict: 'no_data',
      reason: 'no_marginals',
      attributes: [],
    })
    closeStore(db)
  })

  /** Waits for the second after which what was served is in the database. */
  async function settled(requests: number): Promise<DriftReport & { status: number }> {
    for (let tries = 0; ; tries++) {
      const report = await json<DriftReport>(running.get('/api/v1/quality/drift'))
      if (report.requests >= requests || tries > 100) return report
      await Bun.sleep(50)
    }
  }
})

test('a restart keeps all of it, and the health says how the records are', async () => {
  const last = await predicted()
  const adoption = await json<AdoptionReport>(running.get('/api/v1/quality/adoption?days=1'))
  const drift = await json<DriftReport>(running.get('/api/v1/quality/drift'))
  await running.stop()
  expect(running.failures).toEqual([])
  running = await serve()
  expect((await json<AdoptionReport>(running.get('/api/v1/quality/adoption?days=1'))).total).toEqual(adoption.total)
  const after = await json<DriftReport>(running.get('/api/v1/quality/drift'))
  expect(after.requests).toBeGreaterThan(drift.requests - 1)
  // of the process before: its last records were written at its end
  const saved = await adopt({ proposal: last.id, candidate: last.candidates[0].id, routing: { steps: stepsOf(last) } })
  expect(saved).toMatchObject({ status: 200, exact: true })
  const { checks } = await json<{ checks: Record<string, { status: string }[]> }>(running.get('/health'))
  expect(checks['records:buffered'][0]).toMatchObject({ status: 'pass', observedValue: 0 })
  expect(checks['records:dropped'][0]).toMatchObject({ status: 'pass', observedValue: 0 })
  expect(checks['records:lastFlush'][0].status).toBe('pass')
})
