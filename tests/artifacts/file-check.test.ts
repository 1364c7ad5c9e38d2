import { describe, expect, test } from 'bun:test'
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type FileStamp, readManifest, verifyFiles } from '../../server/artifacts/file-check'
import type { PublishedVersion } from '../../server/artifacts/version-directory'
import { publishSample, sampleFiles, temporaryDirectory } from './sample-version'

/** A published version whose folder may be damaged. */
async function version(): Promise<PublishedVersion> {
  const published = await publishSample(temporaryDirectory())
  chmodSync(published.directory, 0o755)
  for (const name of Object.keys(sampleFiles)) chmodSync(join(published.directory, name), 0o644)
  return published
}
const verify = ({ directory, manifest }: PublishedVersion) => verifyFiles(directory, manifest)
const names = (name: string, code: string) => ({ code, details: [expect.objectContaining({ path: name })] })

describe('a file of a version', () => {
  test('cut at any of these lengths is refused by name', async () => {
    const published = await version()
    for (const [name, bytes] of Object.entries(sampleFiles)) {
      const path = join(published.directory, name)
      const lengths = [0, 1, 7, 8, 63, 64, 65, 2_048, bytes.length - 1].filter((length) => length >= 0 && length < bytes.length)
      for (const length of lengths) {
        writeFileSync(path, bytes.subarray(0, length))
        await expect(verify(published)).rejects.toMatchObject(names(name, 'artifact_corrupt'))
      }
      writeFileSync(path, Buffer.concat([bytes, new Uint8Array(1)]))
      await expect(verify(published)).rejects.toMatchObject(names(name, 'artifact_corrupt'))
      writeFileSync(path, bytes)
    }
    expect(await verify(published)).toMatchObject({ files: 5 })
  })

  test('with one flipped bit anywhere is refused by name', async () => {
    const published = await version()
    for (const [name, bytes] of Object.entries(sampleFiles)) {
      const path = join(published.directory, name)
      // About 150 flips a file, all bits and regions in turn.
      for (let bit = 0; bit < bytes.length * 8; bit += Math.max(1, Math.floor((bytes.length * 8) / 150)) | 1) {
        const flipped = bytes.slice()
        flipped[bit >> 3] ^= 1 << (bit & 7)
        writeFileSync(path, flipped)
        await expect(verify(published)).rejects.toMatchObject(names(name, 'artifact_corrupt'))
      }
      writeFileSync(path, bytes)
    }
  })

  test('that is missing, a folder or a link is refused by name', async () => {
    const published = await version()
    for (const name of Object.keys(sampleFiles)) {
      const path = join(published.directory, name)
      renameSync(path, `${path}.away`)
      await expect(verify(published)).rejects.toMatchObject(names(name, 'artifact_missing'))
      // The same bytes behind a link do not count: where it leads may change later.
      symlinkSync(`${path}.away`, path)
      await expect(verify(published)).rejects.toMatchObject(names(name, 'artifact_corrupt'))
      unlinkSync(path)
      mkdirSync(path)
      await expect(verify(published)).rejects.toMatchObject(names(name, 'artifact_corrupt'))
      rmSync(path, { recursive: true })
      renameSync(`${path}.away`, path)
    }
    expect(await verify(published)).toMatchObject({ files: 5 })
  })

  test('may be missing when the manifest calls it optional, and counts when it is there', async () => {
    const published = await version()
    published.manifest.files['golden.jsonl'].optional = true
    expect(await verify(published)).toMatchObject({ files: 5 })
    truncateSync(join(published.directory, 'golden.jsonl'), 3)
    await expect(verify(published)).rejects.toMatchObject(names('golden.jsonl', 'artifact_corrupt'))
    unlinkSync(join(published.directory, 'golden.jsonl'))
    expect(await verify(published)).toMatchObject({ files: 4 })
  })

  test('that is a pipe does not hang the check', async () => {
    const published = await version()
    const path = join(published.directory, 'golden.jsonl')
    unlinkSync(path)
    expect(Bun.spawnSync(['mkfifo', path]).exitCode).toBe(0)
    await expect(verify(published)).rejects.toMatchObject(names('golden.jsonl', 'artifact_corrupt'))
  })
})

describe('stamps of verified files', () => {
  const memory = () => {
    const kept = new Map<string, FileStamp>()
    const stamps = {
      find: (path: string) => kept.get(path),
      save: (fresh: FileStamp[]) => fresh.forEach((stamp) => void kept.set(stamp.path, stamp)),
    }
    return { kept, stamps }
  }
  const later = (seconds: number) => new Date(Date.now() + seconds * 1_000)

  test('save reading again; any touch of a file makes it read', async () => {
    const { directory, manifest } = await version()
    const { stamps } = memory()
    const check = async (now: Date) => (await verifyFiles(directory, manifest, { stamps, now })).hashedBytes
    expect(await check(later(10))).toBe(7_132)
    expect(await check(later(10))).toBe(0)
    const path = join(directory, 'golden.jsonl')
    utimesSync(path, 1, 1)
    expect(await check(later(10))).toBe(65)
    expect(await check(later(10))).toBe(0)
    const bytes = readFileSync(path)
    renameSync(path, `${path}.old`)
    writeFileSync(path, bytes)
    expect(await check(later(10))).toBe(65)
    expect((await verifyFiles(directory, manifest, { stamps, now: later(10), trust: false })).hashedBytes).toBe(7_132)
  })

  test('do not hide a change that keeps the size and the time of writing', async () => {
    const { directory, manifest } = await version()
    const { stamps } = memory()
    const path = join(directory, 'vectors.f32')
    utimesSync(path, 1_000, 1_000)
    await verifyFiles(directory, manifest, { stamps, now: later(10) })
    const bytes = readFileSync(path)
    bytes[100] ^= 1
    writeFileSync(path, bytes)
    utimesSync(path, 1_000, 1_000)
    await expect(verifyFiles(directory, manifest, { stamps, now: later(10) })).rejects.toMatchObject(
      names('vectors.f32', 'artifact_corrupt'),
    )
  })

  test('are not trusted for a file that was still fresh when it was hashed', async () => {
    const { directory, manifest } = await version()
    const { stamps, kept } = memory()
    await verifyFiles(directory, manifest, { stamps, now: new Date() })
    expect(kept.size).toBe(5)
    expect((await verifyFiles(directory, manifest, { stamps, now: new Date() })).hashedBytes).toBe(7_132)
  })

  test('of any altered field are not trusted', async () => {
    const { directory, manifest } = await version()
    const { stamps, kept } = memory()
    await verifyFiles(directory, manifest, { stamps, now: later(10) })
    const path = join(directory, 'vectors.f32')
    const good = kept.get(path)!
    for (const field of ['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs', 'sha256'] as const) {
      kept.set(path, { ...good, [field]: field === 'size' ? 1 : '1' })
      expect((await verifyFiles(directory, manifest, { stamps, now: later(10) })).hashedBytes).toBe(2_049)
    }
  })
})

describe('the manifest in the folder', () => {
  test('is refused when its text, its version or its hash is another', async () => {
    const published = await version()
    const { directory, manifestSha256 } = published
    const path = join(directory, 'manifest.json')
    const text = readFileSync(path, 'utf8')
    chmodSync(path, 0o644)
    const read = () => readManifest(directory, { version: published.version, sha256: manifestSha256 })
    expect((await read()).text).toBe(text)
    writeFileSync(path, `${text} `)
    await expect(read()).rejects.toMatchObject(names('manifest.json', 'manifest_invalid'))
    writeFileSync(path, text)
    await expect(readManifest(directory, { version: '2026.11.21_2' })).rejects.toMatchObject({ code: 'manifest_invalid' })
    writeFileSync(path, Buffer.from([0xff, 0xfe, 0x7b]))
    await expect(readManifest(directory, { version: published.version })).rejects.toMatchObject({ code: 'manifest_invalid' })
    unlinkSync(path)
    await expect(read()).rejects.toMatchObject(names('manifest.json', 'artifact_missing'))
  })
})
