import { describe, expect, test } from 'bun:test'
import { chmodSync, renameSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { bootVersion, DEAD_STARTS_MAX } from '../../server/pipeline/boot-version'
import { activate, register } from '../../server/pipeline/registry'
import { listActivations } from '../../server/store/activation'
import { verifyAuditChain } from '../../server/store/audit'
import { beginBoot } from '../../server/store/boot-attempt'
import { getVersion, readState } from '../../server/store/model-version'
import { openStore } from '../../server/store/open'
import { flip, plant, prepare, who } from './sample-registry'
import { publishSample, sampleFiles, temporaryDirectory } from './sample-version'

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
