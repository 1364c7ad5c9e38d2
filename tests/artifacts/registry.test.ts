import { describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { DomainError } from '../../server/domain/error'
import { activate, openVersion, register, rollback, sweepAbandoned } from '../../server/pipeline/registry'
import { listActivations } from '../../server/store/activation'
import { verifyAuditChain } from '../../server/store/audit'
import { getVersion, listVersions, readState } from '../../server/store/model-version'
import { type Db, openStore } from '../../server/store/open'
import { announceVersion, startTrainingRun } from '../../server/store/training-run'
import { flip, plant, prepare, table, who } from './sample-registry'
import { publishSample, sampleFiles, temporaryDirectory } from './sample-version'

const golden = async () => {
  throw new DomainError('golden_failed', '3 of 100 golden queries answer otherwise')
}

describe('activating a version', () => {
  test('opens it with the new epoch and makes it the one that serves', async () => {
    const { db, models, versions } = await plant(2)
    const first = await activate(db, models, { version: versions[0], ...who, prepare })
    expect(first.model).toEqual({ version: versions[0], epoch: 1, bytes: 7_132 })
    expect(first.state).toMatchObject({ active: versions[0], previous: null, epoch: 1 })
    const second = await activate(db, models, { version: versions[1], ...who, prepare, ifEpoch: 1 })
    expect(second.state).toMatchObject({ active: versions[1], previous: versions[0], epoch: 2 })
    expect(listActivations(db)[0]).toMatchObject({ kind: 'activate', from: versions[0], to: versions[1], ...who })
    expect(verifyAuditChain(db)).toBeNull()
  })

  test('refuses a flipped byte in each file in turn by name, marks the version and leaves the active one', async () => {
    const { db, models, versions, file } = await plant(2)
    await activate(db, models, { version: versions[0], ...who, prepare })
    for (const name of Object.keys(sampleFiles)) {
      const bytes = readFileSync(file(1, name))
      flip(file(1, name))
      const refusal = expect(activate(db, models, { version: versions[1], ...who, prepare })).rejects
      await refusal.toMatchObject({ code: 'artifact_corrupt', details: [expect.objectContaining({ path: name })] })
      const { status, failure } = getVersion(db, versions[1])
      expect({ status, code: failure?.code }).toEqual({ status: 'failed', code: 'artifact_corrupt' })
      expect(failure?.reason).toContain(name)
      expect(readState(db)).toMatchObject({ active: versions[0], epoch: 1 })
      writeFileSync(file(1, name), bytes)
    }
    // Repaired, it may serve: the checks decide, not the mark.
    await activate(db, models, { version: versions[1], ...who, prepare })
    expect(getVersion(db, versions[1])).toMatchObject({ status: 'active', failure: null })
  })

  test('refuses a manifest with any leaf altered', async () => {
    const { db, models, versions, file } = await plant(2)
    await activate(db, models, { version: versions[0], ...who, prepare })
    const path = file(1, 'manifest.json')
    const original = readFileSync(path, 'utf8')
    const leaves: (string | number)[][] = []
    const walk = (value: unknown, at: (string | number)[]) => {
      if (typeof value !== 'object' || value === null) leaves.push(at)
      else for (const [key, child] of Object.entries(value)) walk(child, [...at, key])
    }
    walk(JSON.parse(original), [])
    expect(leaves.length).toBeGreaterThan(20)
    const mutated = (leaf: (string | number)[], value: unknown) => {
      const manifest = JSON.parse(original)
      const parent = leaf.slice(0, -1).reduce((node, key) => node[key], manifest)
      const key = leaf.at(-1)!
      if (JSON.stringify(parent[key]) === JSON.stringify(value)) return null
      parent[key] = value
      return JSON.stringify(manifest, null, 2)
    }
    const attempt = async (text: string) => {
      writeFileSync(path, text)
      await expect(activate(db, models, { version: versions[1], ...who, prepare })).rejects.toMatchObject({ code: 'manifest_invalid' })
    }
    for (const leaf of leaves) await attempt(mutated(leaf, 'other')!)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...leaves), fc.jsonValue(), async (leaf, value) => {
        const text = mutated(leaf, value)
        if (text !== null) await attempt(text)
      }),
      { numRuns: 60 },
    )
    writeFileSync(path, original)
    await activate(db, models, { version: versions[1], ...who, prepare })
  }, 30_000)

  test('of a version that answers badly fails with the reason', async () => {
    const { db, models, versions } = await plant(2)
    await activate(db, models, { version: versions[0], ...who, prepare })
    await expect(activate(db, models, { version: versions[1], ...who, prepare: golden })).rejects.toMatchObject({ code: 'golden_failed' })
    expect(getVersion(db, versions[1]).failure).toEqual({ code: 'golden_failed', reason: '3 of 100 golden queries answer otherwise' })
    expect(readState(db)).toMatchObject({ active: versions[0], epoch: 1 })
  })

  test('that fails for a reason of the moment does not mark the version', async () => {
    const { db, models, versions } = await plant(1)
    const busy = async () => {
      throw new DomainError('busy', 'too many models open')
    }
    await expect(activate(db, models, { version: versions[0], ...who, prepare: busy })).rejects.toMatchObject({ code: 'busy' })
    expect(getVersion(db, versions[0]).status).toBe('registered')
  })

  test('two at once: one wins, the other lets go of its model and has a conflict', async () => {
    const { db, models, versions } = await plant(2)
    const dropped: string[] = []
    const discard = (model: { version: string }) => void dropped.push(model.version)
    const outcomes = await Promise.allSettled(versions.map((version) => activate(db, models, { version, ...who, prepare, discard })))
    const lost = outcomes.findIndex(({ status }) => status === 'rejected')
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(outcomes[lost]).toMatchObject({ reason: { code: 'version_conflict' } })
    expect(dropped).toEqual([versions[lost]])
    expect(getVersion(db, versions[lost]).status).toBe('registered')
    expect(readState(db).epoch).toBe(1)
  })

  test('is refused for an epoch seen earlier, the active version and an unknown or hostile name', async () => {
    const { db, models, versions } = await plant(2)
    await activate(db, models, { version: versions[0], ...who, prepare })
    const refused = (version: string, code: string, ifEpoch?: number) =>
      expect(activate(db, models, { version, ...who, prepare, ifEpoch })).rejects.toMatchObject({ code })
    await refused(versions[1], 'version_conflict', 0)
    await refused(versions[0], 'version_conflict')
    for (const name of ['2026.01.01_1', '../../etc/passwd', '', '2026.11.21_1/..', '2026.11.21_1\0']) await refused(name, 'version_unknown')
  })
})

describe('rolling back', () => {
  test('goes to the version before, and there and back again', async () => {
    const { db, models, versions } = await plant(2)
    await expect(rollback(db, models, { ...who, prepare })).rejects.toMatchObject({ code: 'not_found' })
    for (const version of versions) await activate(db, models, { version, ...who, prepare })
    expect((await rollback(db, models, { ...who, prepare })).state).toMatchObject({ active: versions[0], previous: versions[1], epoch: 3 })
    expect((await rollback(db, models, { ...who, prepare })).state).toMatchObject({ active: versions[1], epoch: 4 })
    expect(listActivations(db).map(({ kind }) => kind)).toEqual(['rollback', 'rollback', 'activate', 'activate'])
  })

  test('to a damaged version is refused and the active one stays', async () => {
    const { db, models, versions, file } = await plant(2)
    for (const version of versions) await activate(db, models, { version, ...who, prepare })
    flip(file(0, 'vectors.f32'))
    await expect(rollback(db, models, { ...who, prepare })).rejects.toMatchObject({ code: 'artifact_corrupt' })
    expect(readState(db)).toMatchObject({ active: versions[1], epoch: 2 })
  })
})

describe('registering', () => {
  const begin = (db: Db) => startTrainingRun(db, { pid: 1, host: 'h', command: 'train', now: new Date() })

  test('refuses a damaged folder and a second time', async () => {
    const [db, models] = [openStore(':memory:'), temporaryDirectory()]
    const { version, directory } = await publishSample(models)
    chmodSync(join(directory, 'golden.jsonl'), 0o644)
    const bytes = readFileSync(join(directory, 'golden.jsonl'))
    flip(join(directory, 'golden.jsonl'))
    await expect(register(db, models, { version, who: 'eva' })).rejects.toMatchObject({ code: 'artifact_corrupt' })
    writeFileSync(join(directory, 'golden.jsonl'), bytes)
    expect(await register(db, models, { version, who: 'eva', quality: { em1: 0.5 } })).toMatchObject({ quality: { em1: 0.5 } })
    const run = await begin(db)
    await expect(register(db, models, { version, run, who: 'trainer' })).rejects.toMatchObject({ code: 'version_conflict' })
    expect(await openVersion(db, models, { version, epoch: 0, prepare })).toMatchObject({ version })
  })

  test('a trainer that was overtaken takes its folder back', async () => {
    const [db, models] = [openStore(':memory:'), temporaryDirectory()]
    const [frozen] = [await begin(db), await begin(db)]
    const { version, directory } = await publishSample(models)
    await expect(register(db, models, { version, run: frozen, who: 'trainer' })).rejects.toMatchObject({ code: 'training_locked' })
    expect(existsSync(directory)).toBe(false)
    expect(listVersions(db)).toEqual([])
  })

  test('the next trainer removes what its predecessor published and did not live to register, and nothing else', async () => {
    const [db, models] = [openStore(':memory:'), temporaryDirectory()]
    const copied = await publishSample(models, { build: 'copied' })
    for (const registered of [true, false]) {
      const run = await begin(db)
      const { version } = await publishSample(models, { announce: (name) => announceVersion(db, { run, version: name }) })
      if (registered) await register(db, models, { version, run, who: 'trainer' })
    }
    await begin(db)
    expect(await sweepAbandoned(db, models)).toEqual(['2026.11.21_2'])
    expect(await sweepAbandoned(db, models)).toEqual([])
    expect(existsSync(join(models, '2026.11.21_2'))).toBe(false)
    expect(existsSync(copied.directory)).toBe(true)
    expect(await table(models, db)).toEqual([
      ['2026.11.21_1', 'ok'],
      ['2026.11.21_copied', 'unregistered'],
    ])
  })
})
