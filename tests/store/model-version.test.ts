import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { listActivations } from '../../server/store/activation'
import { listAudit, verifyAuditChain } from '../../server/store/audit'
import {
  activateVersion,
  annotateVersion,
  failVersion,
  getVersion,
  listVersions,
  readState,
  registerVersion,
} from '../../server/store/model-version'
import { type Db, openStore } from '../../server/store/open'
import { failTrainingRun, listTrainingRuns, startTrainingRun } from '../../server/store/training-run'
import { temporaryDirectory } from '../artifacts/sample-version'
import { now, registration } from './sample-manifest'

const [one, two, three] = ['2026.11.21_1', '2026.11.21_2', '2026.11.21_3']
const act = { kind: 'activate', who: 'eva', why: 'better', now } as const

async function store(...versions: string[]): Promise<Db> {
  const db = openStore(':memory:')
  for (const version of versions) await registerVersion(db, registration(version))
  return db
}
const statuses = (db: Db) => Object.fromEntries(listVersions(db).map(({ version, status }) => [version, status]))

describe('the registry', () => {
  test('lists a registered version with what its manifest says, not active', async () => {
    const db = await store(one)
    expect(listVersions(db)).toEqual([
      {
        version: one,
        status: 'registered',
        notes: '',
        counts: registration(one).manifest.counts,
        recall: { standard: 0.99 },
        quality: null,
        bytes: 5_000,
        manifestSha256: registration(one).manifestSha256,
        createdAt: now.toISOString(),
        registeredAt: now.toISOString(),
        activatedAt: null,
        failure: null,
      },
    ])
    await expect(registerVersion(db, registration(one))).rejects.toMatchObject({ code: 'version_conflict' })
    expect(() => getVersion(db, two)).toThrow(expect.objectContaining({ code: 'version_unknown' }))
  })

  test('has one active version at a time and writes every change into the ledger', async () => {
    const db = await store(one, two, three)
    expect(await activateVersion(db, { ...act, version: one, ifEpoch: 0 })).toMatchObject({ active: one, previous: null, epoch: 1 })
    expect(await activateVersion(db, { ...act, version: two, ifEpoch: 1 })).toMatchObject({ active: two, previous: one, epoch: 2 })
    expect(statuses(db)).toEqual({ [one]: 'retired', [two]: 'active', [three]: 'registered' })
    await activateVersion(db, {
      ...act,
      kind: 'boot_fallback',
      version: one,
      ifEpoch: 2,
      failure: { code: 'artifact_corrupt', reason: 'r' },
    })
    expect(getVersion(db, two)).toMatchObject({ status: 'failed', failure: { code: 'artifact_corrupt', reason: 'r' } })
    expect(listActivations(db).map(({ epoch, kind, from, to }) => [epoch, kind, from, to])).toEqual([
      [3, 'boot_fallback', two, one],
      [2, 'activate', one, two],
      [1, 'activate', null, one],
    ])
    await activateVersion(db, { ...act, version: two, ifEpoch: 3 })
    expect(getVersion(db, two)).toMatchObject({ status: 'active', failure: null })
    expect(verifyAuditChain(db)).toBeNull()
  })

  test('refuses a change by someone who saw an older epoch', async () => {
    const db = await store(one, two)
    await activateVersion(db, { ...act, version: one, ifEpoch: 0 })
    await expect(activateVersion(db, { ...act, version: two, ifEpoch: 0 })).rejects.toMatchObject({ code: 'version_conflict' })
    await expect(activateVersion(db, { ...act, version: one, ifEpoch: 1 })).rejects.toMatchObject({ code: 'version_conflict' })
    await expect(activateVersion(db, { ...act, version: three, ifEpoch: 1 })).rejects.toMatchObject({ code: 'version_unknown' })
    expect(readState(db)).toMatchObject({ active: one, epoch: 1 })
    expect(listActivations(db)).toHaveLength(1)
  })

  test('does not let the version that serves be marked failed', async () => {
    const db = await store(one, two)
    await activateVersion(db, { ...act, version: one, ifEpoch: 0 })
    const failure = { code: 'golden_failed', reason: 'r', who: 'eva', now }
    expect(await failVersion(db, { version: one, ...failure })).toBe(false)
    expect(await failVersion(db, { version: two, ...failure })).toBe(true)
    expect(statuses(db)).toEqual({ [one]: 'active', [two]: 'failed' })
  })

  test('keeps notes', async () => {
    const db = await store(one)
    await annotateVersion(db, { version: one, notes: '시험 <b>', who: 'eva', now })
    expect(getVersion(db, one).notes).toBe('시험 <b>')
    await expect(annotateVersion(db, { version: two, notes: '', who: 'eva', now })).rejects.toMatchObject({ code: 'version_unknown' })
  })

  test('a row of another shape fails loudly', async () => {
    const db = await store(one)
    db.$client.run(`UPDATE model_versions SET counts = '{"items":"many"}'`)
    expect(() => listVersions(db)).toThrow(expect.objectContaining({ code: 'internal' }))
  })

  test.each([
    ['a second active version', "UPDATE model_versions SET status = 'active'"],
    ['an unknown status', "UPDATE model_versions SET status = 'great'"],
    ['a failure without a reason', "UPDATE model_versions SET status = 'failed'"],
    ['a second state', 'INSERT INTO model_state (id, epoch) VALUES (2, 0)'],
    ['an active version that does not exist', "UPDATE model_state SET active_version = 'none'"],
    ['a negative epoch', 'UPDATE model_state SET epoch = -1'],
    ['a changed ledger', "UPDATE activations SET why = 'other'"],
    ['a shortened ledger', 'DELETE FROM activations'],
    ['a changed audit', "UPDATE audit SET actor = 'other'"],
    ['a shortened audit', 'DELETE FROM audit WHERE id = 1'],
    [
      'a replaced audit row',
      "REPLACE INTO audit SELECT id, at, 'other', action, subject, details, prev_hash, hash FROM audit WHERE id = 1",
    ],
    [
      'an audit row that skips one',
      "INSERT INTO audit SELECT id + 99, at, actor, action, subject, details, prev_hash, 'x' FROM audit WHERE id = 1",
    ],
  ])('the database itself forbids %s', async (_, sql) => {
    const db = await store(one, two)
    await activateVersion(db, { ...act, version: one, ifEpoch: 0 })
    expect(() => db.$client.run(sql)).toThrow(/constraint|append-only/i)
  })
})

describe('the audit chain', () => {
  test.each([
    ['a changed row', "UPDATE audit SET subject = 'other' WHERE id = 2", 2],
    ['a changed time', 'UPDATE audit SET at = at + 1 WHERE id = 3', 3],
    ['a row gone from the middle', 'DELETE FROM audit WHERE id = 2', 2],
    ['rows gone from the end', 'DELETE FROM audit WHERE id >= 3', 3],
    ['all rows gone', 'DELETE FROM audit', 1],
  ])('shows %s by someone who removed the triggers', async (_, sql, at) => {
    const db = await store(one, two, three)
    expect(listAudit(db)).toHaveLength(3)
    expect(verifyAuditChain(db)).toBeNull()
    db.$client.run('DROP TRIGGER audit_no_update')
    db.$client.run('DROP TRIGGER audit_no_delete')
    db.$client.run(sql)
    expect(verifyAuditChain(db)).toBe(at)
  })

  test('is whole when nothing was ever written', () => {
    expect(verifyAuditChain(openStore(':memory:'))).toBeNull()
  })
})

describe('a training run', () => {
  const begin = (db: Db) => startTrainingRun(db, { pid: 1, host: 'h', command: 'train', now })

  test('that was overtaken may not register its version', async () => {
    const db = await store()
    const [frozen, next] = [await begin(db), await begin(db)]
    expect(next).toBeGreaterThan(frozen)
    await expect(registerVersion(db, { ...registration(one), run: frozen })).rejects.toMatchObject({ code: 'training_locked' })
    await registerVersion(db, { ...registration(two), run: next })
    expect(listVersions(db).map(({ version }) => version)).toEqual([two])
    expect(listTrainingRuns(db).map(({ id, status, version }) => [id, status, version])).toEqual([
      [next, 'done', two],
      [frozen, 'aborted', null],
    ])
  })

  test('registers once, and a failed one not at all', async () => {
    const db = await store()
    const run = await begin(db)
    await registerVersion(db, { ...registration(one), run })
    await expect(registerVersion(db, { ...registration(two), run })).rejects.toMatchObject({ code: 'training_locked' })
    const failed = await begin(db)
    await failTrainingRun(db, { run: failed, code: 'data_refused', reason: 'r', now })
    await failTrainingRun(db, { run, code: 'data_refused', reason: 'r', now })
    await expect(registerVersion(db, { ...registration(two), run: failed })).rejects.toMatchObject({ code: 'training_locked' })
    expect(listTrainingRuns(db).map(({ status }) => status)).toEqual(['failed', 'done'])
  })
})

test('two processes that activate at once: one wins, the other has a conflict', async () => {
  const path = join(temporaryDirectory(), 'rw.sqlite')
  const [first, second] = [openStore(path), openStore(path)]
  await registerVersion(first, registration(one))
  await registerVersion(first, registration(two))
  const outcomes = await Promise.allSettled([
    activateVersion(first, { ...act, version: one, ifEpoch: 0 }),
    activateVersion(second, { ...act, version: two, ifEpoch: 0 }),
  ])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'version_conflict' } })
  expect(readState(first).epoch).toBe(1)
})
