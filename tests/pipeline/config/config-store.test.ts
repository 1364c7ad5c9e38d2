import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultRuntimeConfig } from '../../../server/domain/runtime-config'
import { checkConfig } from '../../../server/pipeline/config/config-health'
import {
  type ConfigEvent,
  type ConfigStore,
  type ConfigStoreOptions,
  createConfigStore,
} from '../../../server/pipeline/config/config-store'
import { appendRevision } from '../../../server/store/document'
import { closeStore, type Db, openStore } from '../../../server/store/open'

const folder = mkdtempSync(join(tmpdir(), 'routewright-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const kim = { id: 1, name: 'kim', requestId: null }
const open: { store: ConfigStore; db: Db }[] = []
afterEach(async () => {
  for (const { store, db } of open.splice(0)) {
    await store.close()
    closeStore(db)
  }
})

/** A worker of its own: its own connection to the same file. */
function worker(directory: string, options: Partial<ConfigStoreOptions> = {}) {
  mkdirSync(directory, { recursive: true })
  const db = openStore(join(directory, 'routewright.sqlite'))
  const events: ConfigEvent[] = []
  const mirrorPath = join(directory, 'runtime_config.json')
  const store = createConfigStore({ db, mirrorPath, report: (event) => events.push(event), pollMs: 5, mirrorCheckMs: 10, ...options })
  open.push({ store, db })
  return { db, store, events, mirrorPath, mirror: () => JSON.parse(readFileSync(mirrorPath, 'utf8')) }
}
const until = async (holds: () => boolean, ms = 5_000) => {
  for (const end = performance.now() + ms; !holds() && performance.now() < end; ) await Bun.sleep(2)
  expect(holds()).toBe(true)
}
const fresh = () => mkdtempSync(join(folder, 'w-'))
/** What nobody can write by patching: as by a newer release, or by hand. */
const writeRaw = (db: Db, content: string) =>
  appendRevision(db, {
    kind: 'runtime_config',
    name: 'default',
    ifRevision: null,
    make: () => ({ content, changes: [] }),
    action: 'config.patch',
    author: 'newer',
    note: '',
    now: new Date(),
  })

describe('what is valid', () => {
  test('is the defaults at first, and frozen', () => {
    const { store } = worker(fresh())
    const { revision, config, settings } = store.current()
    expect([revision, config, settings.configRev]).toEqual([0, defaultRuntimeConfig, 0])
    expect(() => Object.assign(config.search.weights, { a: 1 })).toThrow()
    expect(() => Object.assign(settings, { efSearch: 1 })).toThrow()
  })

  test('reaches every worker, by one new object', async () => {
    const directory = fresh()
    const [one, two] = [worker(directory), worker(directory)]
    one.store.start()
    two.store.start()
    const before = two.store.current()
    const changed = await one.store.patch(kim, { ifMatch: 0, patch: { search: { efSearch: 256, weights: { A: 2 } } } })
    // who changed it sees it at once
    expect(one.store.current().revision).toBe(1)
    await until(() => two.store.current().revision === 1)
    expect(two.store.current().settings).toMatchObject({ configRev: 1, efSearch: 256, weights: { A: 2 } })
    expect(before.settings.efSearch).toBe(96)
    expect(two.store.status().sha256).toBe(changed.sha256)
    expect(two.events).toContainEqual({ event: 'config.changed', revision: 1, from: 0, sha256: changed.sha256 })
  })

  test('is asked for again before it serves after a sleep', async () => {
    const directory = fresh()
    let clock = 0
    const sleeper = worker(directory, { now: () => clock, pollMs: 1e6 })
    await worker(directory).store.patch(kim, { ifMatch: 0, patch: { search: { topK: 20 } } })
    clock = 99
    expect(sleeper.store.current().revision).toBe(0)
    clock = 101
    expect(sleeper.store.current().revision).toBe(1)
  })

  test('stays the last good one while the database cannot be read, and follows again afterwards', async () => {
    const { db, store, events } = worker(fresh(), { mirrorPath: null })
    await store.patch(kim, { ifMatch: 0, patch: { search: { topK: 20 } } })
    store.start()
    db.$client.run('ALTER TABLE documents RENAME TO documents_away')
    await until(() => store.status().problem !== null)
    expect(store.current().revision).toBe(1)
    expect(events.filter(({ event }) => event === 'config.unreadable')).toHaveLength(1)
    db.$client.run('ALTER TABLE documents_away RENAME TO documents')
    await until(() => store.status().problem === null)
    await store.patch(kim, { ifMatch: 1, patch: { search: { topK: 21 } } })
    expect(store.current().config.search.topK).toBe(21)
  })

  test('stays the last good one when the database holds something else, until another is brought back', async () => {
    for (const content of ['{"search":{"efSearch":9999}}', '{"knob":1}', 'no JSON', '[]']) {
      const directory = fresh()
      const { db, store, events } = worker(directory)
      await store.patch(kim, { ifMatch: 0, patch: { search: { topK: 20 } } })
      store.start()
      await writeRaw(db, content)
      await until(() => store.status().problem !== null)
      expect([store.current().revision, store.status().problem?.includes('revision 2')]).toEqual([1, true])
      expect(events.filter(({ event }) => event === 'config.refused')).toHaveLength(1)
      // a process that starts now finds the newest good one
      const late = worker(directory)
      expect([late.store.current().revision, late.store.status().problem !== null]).toEqual([1, true])
      const { revision, config } = await store.revert(kim, { revision: 1 })
      expect([revision, config.search.topK, store.current().revision, store.status().problem]).toEqual([3, 20, 3, null])
    }
  })

  test('has the default of a knob that an older revision does not know', async () => {
    const { db, store } = worker(fresh())
    await writeRaw(db, '{"search":{"topK":20}}')
    await until(() => store.current().revision === 1)
    expect(store.current().config).toEqual({ ...defaultRuntimeConfig, search: { ...defaultRuntimeConfig.search, topK: 20 } })
  })
})

test('health names revision and hash, and warns of what is not as it should be', () => {
  const status = { revision: 3, sha256: 'ab'.repeat(32), ageMs: 5, problem: null, mirrorProblem: null }
  const of = (change: Partial<typeof status> | object) => checkConfig({ ...status, ...change }).map(([name, { status }]) => [name, status])
  expect(of({})).toEqual([
    ['config:revision', 'pass'],
    ['config:age', 'pass'],
    ['config:mirror', 'pass'],
  ])
  expect(of({ problem: 'not valid', mirrorProblem: 'edited', ageMs: 1_001 }).map(([, status]) => status)).toEqual(['warn', 'warn', 'warn'])
  expect(checkConfig(status)[0][1]).toMatchObject({ observedValue: 3, componentId: 'abababababababab' })
})

describe('the file', () => {
  test('is written at the start and with every change, for people', async () => {
    const { store, mirror } = worker(fresh())
    store.start()
    await store.patch(kim, { ifMatch: 0, patch: { log: { slowMs: 50 } }, note: 'look closer' })
    await store.close()
    expect(mirror()).toMatchObject({ revision: 1, author: 'kim', config: { log: { slowMs: 50 } } })
    expect(mirror().comment).toMatch(/revision 1 by kim, .*: look closer.*not read/)
  })

  test('is not read: whoever edits it is told so, and the database counts', async () => {
    const { store, events, mirrorPath, mirror } = worker(fresh())
    store.start()
    await until(() => existsSync(mirrorPath))
    writeFileSync(mirrorPath, JSON.stringify({ ...mirror(), config: { search: { efSearch: 16 } } }))
    await until(() => store.status().mirrorProblem !== null)
    expect(store.status().mirrorProblem).toContain('by hand')
    expect(store.current().config.search.efSearch).toBe(96)
    expect(events).toContainEqual({ event: 'config.edited_by_hand', revision: 0 })
    await store.patch(kim, { ifMatch: 0, patch: { search: { topK: 11 } } })
    await until(() => store.status().mirrorProblem === null)
    expect(mirror().config).toEqual(store.current().config)
  })

  test('edited while nobody served is found at the start; one that was taken away comes again', async () => {
    const directory = fresh()
    const first = worker(directory)
    first.store.start()
    await first.store.close()
    writeFileSync(first.mirrorPath, 'no JSON at all')
    const second = worker(directory)
    second.store.start()
    await until(() => second.events.some(({ event }) => event === 'config.edited_by_hand'))
    await until(() => readFileSync(second.mirrorPath, 'utf8').includes('"revision": 0'))
    rmSync(second.mirrorPath)
    await until(() => existsSync(second.mirrorPath))
  })

  test('that cannot be written is said, stops nobody, and is written when it can be', async () => {
    const directory = fresh()
    const mirrorPath = join(directory, 'away', 'runtime_config.json')
    const { store, events } = worker(directory, { mirrorPath })
    store.start()
    await until(() => store.status().mirrorProblem !== null)
    expect(await store.patch(kim, { ifMatch: 0, patch: { search: { topK: 11 } } })).toMatchObject({ revision: 1 })
    expect(events.filter(({ event }) => event === 'config.mirror_failed')).toHaveLength(1)
    mkdirSync(join(directory, 'away'))
    await until(() => existsSync(mirrorPath) && JSON.parse(readFileSync(mirrorPath, 'utf8')).revision === 1)
    await until(() => store.status().mirrorProblem === null)
  })
})
