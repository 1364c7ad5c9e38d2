import { describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readManifest, verifyFiles } from '../../server/artifacts/file-check'
import { sha256Text } from '../../server/artifacts/manifest-text'
import { publishVersion, sweepStaging } from '../../server/artifacts/version-directory'
import { isVersionName, nextBuild, versionDirectory } from '../../server/artifacts/version-name'
import { publishSample, sampleBody, sampleFiles, temporaryDirectory } from './sample-version'

const now = new Date(2026, 10, 21, 8)

describe('publishing a version', () => {
  test('leaves a read-only folder with the files, their hashes and the manifest', async () => {
    const models = temporaryDirectory()
    const published = await publishSample(models)
    expect(published.version).toBe('2026.11.21_1')
    expect(readdirSync(published.directory).sort()).toEqual([...Object.keys(sampleFiles), 'manifest.json'].sort())
    for (const [name, bytes] of Object.entries(sampleFiles)) {
      expect(published.manifest.files[name]).toEqual({
        sha256: new Bun.CryptoHasher('sha256').update(bytes).digest('hex'),
        bytes: bytes.length,
      })
      expect(statSync(join(published.directory, name)).mode & 0o777).toBe(0o444)
    }
    expect(statSync(join(published.directory, 'manifest.json')).mode & 0o777).toBe(0o444)
    expect(statSync(published.directory).mode & 0o777).toBe(0o555)
    expect(published.manifestSha256).toBe(sha256Text(readFileSync(join(published.directory, 'manifest.json'), 'utf8')))
    expect(readdirSync(join(models, '.staging'))).toEqual([])
    const { manifest } = await readManifest(published.directory, { version: published.version, sha256: published.manifestSha256 })
    expect(manifest).toEqual(published.manifest)
    expect(await verifyFiles(published.directory, manifest)).toEqual({ files: 5, bytes: 7_132, hashedBytes: 7_132 })
  })

  test('counts builds of a day on, over folders and names already given', async () => {
    const models = temporaryDirectory()
    expect((await publishSample(models)).version).toBe('2026.11.21_1')
    expect((await publishSample(models)).version).toBe('2026.11.21_2')
    expect((await publishSample(models, { build: 'trial-a' })).version).toBe('2026.11.21_trial-a')
    expect((await publishSample(models, { now: new Date(2026, 10, 22) })).version).toBe('2026.11.22_1')
    expect(nextBuild('2026.11.21', ['2026.11.21_9', '2026.11.21_10', '2026.11.20_99', '2026.11.21_x'])).toBe('11')
  })

  test('refuses a build that exists and leaves the first one whole', async () => {
    const models = temporaryDirectory()
    const first = await publishSample(models, { build: '7' })
    await expect(publishSample(models, { build: '7' })).rejects.toMatchObject({ code: 'version_conflict' })
    await expect(publishSample(models, { build: '../x' })).rejects.toMatchObject({ code: 'invalid_value' })
    mkdirSync(join(models, '2026.11.21_empty'))
    await expect(publishSample(models, { build: 'empty' })).rejects.toMatchObject({ code: 'version_conflict' })
    expect(await verifyFiles(first.directory, first.manifest)).toMatchObject({ files: 5 })
    expect(readdirSync(join(models, '.staging'))).toEqual([])
  })

  test('leaves nothing when writing fails', async () => {
    const models = temporaryDirectory()
    const failing = (error: Error) =>
      publishVersion({
        modelsDirectory: models,
        now,
        write: async (staging) => {
          writeFileSync(join(staging, 'half.bin'), 'x')
          throw error
        },
      })
    await expect(failing(new Error('broken'))).rejects.toThrow('broken')
    await expect(failing(Object.assign(new Error('no space'), { code: 'ENOSPC' }))).rejects.toMatchObject({ code: 'storage_full' })
    expect(readdirSync(models)).toEqual(['.staging'])
    expect(readdirSync(join(models, '.staging'))).toEqual([])
  })

  test('refuses folders, links and an empty version', async () => {
    const models = temporaryDirectory()
    const publish = (write: (staging: string) => void) =>
      publishVersion({
        modelsDirectory: models,
        now,
        write: async (staging) => {
          write(staging)
          return sampleBody
        },
      })
    const refused = { code: 'manifest_invalid' }
    await expect(publish((staging) => mkdirSync(join(staging, 'sub')))).rejects.toMatchObject(refused)
    await expect(publish((staging) => symlinkSync('/etc/hostname', join(staging, 'link')))).rejects.toMatchObject(refused)
    await expect(publish(() => {})).rejects.toMatchObject(refused)
    await expect(publish((staging) => writeFileSync(join(staging, 'odd name'), ''))).rejects.toMatchObject(refused)
    expect(readdirSync(models)).toEqual(['.staging'])
  })

  test('a sweep removes what dead trainers left, read-only files included', async () => {
    const models = temporaryDirectory()
    const left = join(models, '.staging', 'dead')
    mkdirSync(left, { recursive: true })
    writeFileSync(join(left, 'a'), '', { mode: 0o444 })
    expect(await sweepStaging(models)).toBe(1)
    expect(existsSync(left)).toBe(false)
    expect(await sweepStaging(temporaryDirectory())).toBe(0)
  })
})

describe('a version name from outside', () => {
  const hostile = [
    '',
    '.',
    '..',
    '/',
    '../2026.11.21_1',
    '..%2f2026.11.21_1',
    '%2e%2e/2026.11.21_1',
    '2026.11.21_1/..',
    '2026.11.21_1/../secret',
    '2026.11.21_1\0',
    '2026.11.21_1\n',
    '\n2026.11.21_1',
    '2026.11.21_',
    '2026.11.21_a/b',
    '2026.11.21_a\\b',
    '2026.11.21_..',
    '2026.11.21_é',
    '2026．11．21_1',
    '２０２６.11.21_1',
    '2026.11.21_1 ',
    ' 2026.11.21_1',
    '2026-11-21_1',
    `2026.11.21_${'a'.repeat(33)}`,
    '.staging',
    '.lock.sqlite',
    'manifest.json',
    'C:\\2026.11.21_1',
    '\\\\host\\2026.11.21_1',
    'file:///2026.11.21_1',
    '~/2026.11.21_1',
    '2026.11.21_1\u0000.json',
    '2026.11.21_1\u2028',
    '__proto__',
    'constructor',
  ]
  test.each(hostile)('%j reaches no folder', async (name) => {
    expect(isVersionName(name)).toBe(false)
    await expect(versionDirectory(temporaryDirectory(), name)).rejects.toMatchObject({ code: 'version_unknown' })
  })

  test('that is a link out of the models folder is refused', async () => {
    const models = temporaryDirectory()
    symlinkSync(temporaryDirectory(), join(models, '2026.11.21_1'))
    await expect(versionDirectory(models, '2026.11.21_1')).rejects.toMatchObject({ code: 'artifact_corrupt' })
    await expect(versionDirectory(models, '2026.11.21_2')).rejects.toMatchObject({ code: 'artifact_missing' })
  })
})
