import { describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Manifest } from '../../server/contract/manifest'
import { DomainError } from '../../server/domain/error'
import { buildIndex } from '../../server/engine/ann-index'
import { bootVersion, DEAD_STARTS_MAX } from '../../server/pipeline/boot-version'
import { checkModels } from '../../server/pipeline/model-check'
import { activate, openVersion, register, rollback, sweepAbandoned } from '../../server/pipeline/registry'
import { listActivations } from '../../server/store/activation'
import { verifyAuditChain } from '../../server/store/audit'
import { beginBoot } from '../../server/store/boot-attempt'
import { getVersion, listVersions, readState } from '../../server/store/model-version'
import { type Db, openStore } from '../../server/store/open'
import { announceVersion, startTrainingRun } from '../../server/store/training-run'
import { publishSample, sampleFiles, temporaryDirectory } from './sample-version'

const who = { who: 'eva', why: 'better figures' }
/** Stands for opening a model: reads every file that the manifest names and reports the epoch it was given. */
const prepare = async (directory: string, manifest: Manifest, { epoch }: { epoch: number }) => {
  const bytes = Object.keys(manifest.files).reduce((sum, name) => sum + readFileSync(join(directory, name)).length, 0)
  return { version: manifest.version, epoch, bytes }
}
const golden = async () => {
  throw new DomainError('golden_failed', '3 of 100 golden queries answer otherwise')
}

interface Plant {
  db: Db
  models: string
  versions: string[]
  /** Path of a file of the nth version, made writable. */
  file: (nth: number, name: string) => string
}
async function plant(count: number): Promise<Plant> {
  const [db, models, versions] = [openStore(':memory:'), temporaryDirectory(), [] as string[]]
  for (let nth = 0; nth < count; nth++) {
    const { version, directory } = await publishSample(models)
    await register(db, models, { version, who: 'trainer' })
    chmodSync(directory, 0o755)
    for (const name of [...Object.keys(sampleFiles), 'manifest.json']) chmodSync(join(directory, name), 0o644)
    versions.push(version)
  }
  return { db, models, versions, file: (nth, name) => join(models, versions[nth], name) }
}
const flip = (path: string) => {
  const bytes = readFileSync(path)
  if (bytes.length === 0) return writeFileSync(path, 'x')
  bytes[bytes.length >> 1] ^= 4
  writeFileSync(path, bytes)
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

describe('a start', () => {
  test('without an active version serves none, and does not choose by itself', async () => {
    const { db, models } = await plant(1)
    expect(await bootVersion(db, models, { prepare })).toEqual({ opened: null, fallbacks: [] })
  })

  test('serves the active version under its epoch', async () => {
    const { db, models, versions } = await plant(2)
    await activate(db, models, { version: versions[1], ...who, prepare })
    const { opened, fallbacks } = await bootVersion(db, models, { prepare })
    expect(opened).toMatchObject({ version: versions[1], epoch: 1, model: { epoch: 1 } })
    expect(fallbacks).toEqual([])
    expect(listActivations(db)).toHaveLength(1)
  })

  test.each(Object.keys(sampleFiles).concat('manifest.json'))(
    'without %s of the active version serves the one before and says why',
    async (name) => {
      const { db, models, versions, file } = await plant(2)
      for (const version of versions) await activate(db, models, { version, ...who, prepare })
      unlinkSync(file(1, name))
      const { opened, fallbacks } = await bootVersion(db, models, { prepare })
      expect(opened).toMatchObject({ version: versions[0], epoch: 3, model: { epoch: 3 } })
      expect(fallbacks).toMatchObject([{ version: versions[1], code: 'artifact_missing' }])
      expect(fallbacks[0].reason).toContain(name)
      expect(listActivations(db)[0]).toMatchObject({ kind: 'boot_fallback', from: versions[1], to: versions[0], who: 'boot' })
      expect(listActivations(db)[0].why).toContain(name)
      expect(getVersion(db, versions[1]).status).toBe('failed')
      // The next start finds a sound active version and changes nothing.
      expect(await bootVersion(db, models, { prepare })).toMatchObject({ opened: { version: versions[0], epoch: 3 }, fallbacks: [] })
    },
  )

  test('goes on to the newest that passes, versions that served first', async () => {
    const { db, models, versions, file } = await plant(5)
    for (const nth of [0, 1, 2]) await activate(db, models, { version: versions[nth], ...who, prepare })
    flip(file(2, 'index.usearch'))
    rmSync(join(models, versions[1]), { recursive: true })
    expect(await bootVersion(db, models, { prepare })).toMatchObject({ opened: { version: versions[0] } })
    expect(getVersion(db, versions[1])).toMatchObject({ status: 'failed', failure: { code: 'artifact_missing' } })
    flip(file(0, 'index.usearch'))
    expect(await bootVersion(db, models, { prepare })).toMatchObject({ opened: { version: versions[4], epoch: 5 } })
    expect(verifyAuditChain(db)).toBeNull()
  })

  test('with nothing sound serves none and changes nothing, so that a disk that comes back is enough', async () => {
    const { db, models, versions } = await plant(2)
    for (const version of versions) await activate(db, models, { version, ...who, prepare })
    renameSync(models, `${models}-away`)
    const { opened, fallbacks } = await bootVersion(db, models, { prepare })
    expect(opened).toBeNull()
    expect(fallbacks.map(({ version, code }) => [version, code])).toEqual([
      [versions[1], 'artifact_missing'],
      [versions[0], 'artifact_missing'],
    ])
    renameSync(`${models}-away`, models)
    expect(await bootVersion(db, models, { prepare })).toMatchObject({ opened: { version: versions[1], epoch: 2 }, fallbacks: [] })
  })

  test('of a command that only reads opens the same and changes nothing', async () => {
    const { db, models, versions, file } = await plant(2)
    for (const version of versions) await activate(db, models, { version, ...who, prepare })
    flip(file(1, 'index.usearch'))
    const { opened, fallbacks } = await bootVersion(db, models, { prepare, record: false })
    expect(opened).toMatchObject({ version: versions[0], epoch: 2 })
    expect(fallbacks).toMatchObject([{ version: versions[1], code: 'artifact_corrupt' }])
    expect(readState(db)).toMatchObject({ active: versions[1], epoch: 2 })
    expect(getVersion(db, versions[1]).status).toBe('active')
  })

  test('goes on while another process keeps the database locked', async () => {
    const path = join(temporaryDirectory(), 'rw.sqlite')
    const [db, models] = [openStore(path), temporaryDirectory()]
    const { version } = await publishSample(models)
    await register(db, models, { version, who: 'trainer' })
    await activate(db, models, { version, ...who, prepare })
    const other = Bun.spawn([process.execPath, join(import.meta.dir, '..', 'store', 'lock-holder.ts'), path, '30000'], { stdout: 'pipe' })
    await other.stdout.getReader().read()
    expect(await bootVersion(db, models, { prepare })).toMatchObject({ opened: { version }, fallbacks: [] })
    other.kill('SIGKILL')
  }, 20_000)

  test('passes over a version that ended several starts, but not one that several workers open together', async () => {
    const { db, models, versions } = await plant(2)
    for (const version of versions) await activate(db, models, { version, ...who, prepare })
    const gone = Bun.spawnSync(['true']).pid
    const version = versions[1]
    const minute = 60_000
    for (let start = 0; start < DEAD_STARTS_MAX - 1; start++) await beginBoot(db, { version, pid: gone, now: new Date(start * minute) })
    for (let worker = 0; worker < 8; worker++) await beginBoot(db, { version, pid: process.ppid, now: new Date() })
    expect(await bootVersion(db, models, { prepare })).toMatchObject({ opened: { version }, fallbacks: [] })
    for (let start = 0; start < DEAD_STARTS_MAX; start++) await beginBoot(db, { version, pid: gone, now: new Date(start * minute) })
    const { opened, fallbacks } = await bootVersion(db, models, { prepare })
    expect(opened).toMatchObject({ version: versions[0] })
    expect(fallbacks).toMatchObject([{ version, code: 'engine_failed' }])
  })

  test('of several processes at once with a damaged active version ends with one and the same', async () => {
    const { models, versions, db: first, file } = await plant(0)
    expect(versions).toEqual([])
    const path = join(temporaryDirectory(), 'rw.sqlite')
    const stores = [openStore(path), openStore(path), openStore(path)]
    for (let nth = 0; nth < 2; nth++) {
      const { version, directory } = await publishSample(models)
      versions.push(version)
      await register(stores[0], models, { version, who: 'trainer' })
      await activate(stores[0], models, { version, ...who, prepare })
      chmodSync(directory, 0o755)
      chmodSync(file(nth, 'index.usearch'), 0o644)
    }
    flip(file(1, 'index.usearch'))
    const boots = await Promise.all(stores.map((db) => bootVersion(db, models, { prepare })))
    for (const { opened } of boots) expect(opened).toMatchObject({ version: versions[0], epoch: 3 })
    expect(listActivations(stores[0])).toHaveLength(3)
    first.$client.close()
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

const table = async (models: string, db?: Db) => (await checkModels(models, { db })).map(({ version, status }) => [version, status])

describe('checking the models folder', () => {
  test('tells sound, damaged, missing, foreign and unregistered versions apart', async () => {
    const { db, models, versions, file } = await plant(4)
    const stray = await publishSample(models)
    mkdirSync(join(models, 'old-model'))
    writeFileSync(join(models, 'README.md'), '')
    mkdirSync(join(models, '2020.01.01_empty'))
    symlinkSync(temporaryDirectory(), join(models, '2020.01.01_link'))
    flip(file(1, 'vectors.f32'))
    unlinkSync(file(1, 'golden.jsonl'))
    rmSync(join(models, versions[2]), { recursive: true })
    writeFileSync(file(3, 'note.txt'), 'by hand')
    const rows = await checkModels(models, { db })
    expect(rows).toMatchObject([
      { version: '2020.01.01_empty', status: 'corrupt' },
      { version: '2020.01.01_link', status: 'corrupt' },
      { version: versions[0], status: 'ok', files: 5, bytes: 7_132, reason: null },
      { version: versions[1], status: 'corrupt', files: 3 },
      { version: versions[3], status: 'ok', files: 5 },
      { version: stray.version, status: 'unregistered', files: 5 },
      { version: 'old-model', status: 'skipped' },
      { version: versions[2], status: 'missing' },
    ])
    expect(rows[3].reason).toContain('vectors.f32')
    expect(rows[3].reason).toContain('golden.jsonl')
    expect(rows[4].reason).toContain('note.txt')
    expect(await table(join(models, 'nowhere'))).toEqual([])
  })

  test('writes a lost manifest of a registered version again, to the byte', async () => {
    const { db, models, versions, file } = await plant(1)
    const text = readFileSync(file(0, 'manifest.json'), 'utf8')
    unlinkSync(file(0, 'manifest.json'))
    chmodSync(join(models, versions[0]), 0o555)
    expect(await table(models, db)).toEqual([[versions[0], 'manifest written']])
    expect(readFileSync(file(0, 'manifest.json'), 'utf8')).toBe(text)
    expect(await table(models, db)).toEqual([[versions[0], 'ok']])
    await activate(db, models, { version: versions[0], ...who, prepare })
  })

  test('writes a manifest for a folder from elsewhere, names what it cannot know, and renames nothing', async () => {
    const models = temporaryDirectory()
    const directory = join(models, '2024.05.06_plant-b')
    mkdirSync(directory)
    for (const [name, bytes] of Object.entries(sampleFiles)) writeFileSync(join(directory, name), bytes)
    writeFileSync(join(directory, 'encoder.onnx'), 'x')
    expect(await table(models)).toEqual([['2024.05.06_plant-b', 'manifest written']])
    const manifest: Manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'))
    expect(Object.keys(manifest.files)).toEqual([...Object.keys(sampleFiles), 'encoder.onnx'].sort())
    expect(manifest.files['encoder.onnx'].optional).toBe(true)
    expect(manifest.parameters).toMatchObject({ recovered: true, unknown: expect.arrayContaining(['dimensions', 'counts.items']) })
    expect(await table(models)).toEqual([['2024.05.06_plant-b', 'ok']])
    flip(join(directory, 'index.usearch'))
    expect(await table(models)).toEqual([['2024.05.06_plant-b', 'corrupt']])
  })

  test('reads counts, dimensions and connectivity out of a real index', async () => {
    const models = temporaryDirectory()
    const directory = join(models, '2024.05.06_1')
    mkdirSync(directory)
    const [count, dimensions] = [50, 8]
    const vectors = Float32Array.from({ length: count * dimensions }, (_, at) =>
      at % dimensions === Math.floor(at / dimensions) % dimensions ? 1 : 0,
    )
    await buildIndex(vectors, { dimensions, directory, connectivity: 12, threads: 1 })
    expect(await table(models)).toEqual([['2024.05.06_1', 'manifest written']])
    const manifest: Manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({ counts: { vectors: count }, dimensions, scalar: 'int8', index: { connectivity: 12 } })
    expect(manifest.parameters.unknown).not.toContain('dimensions')
  })
})
