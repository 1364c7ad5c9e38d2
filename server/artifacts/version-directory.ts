/**
 * Publishing a version: everything is written beside, made durable and read-only, and appears under its name by one rename.
 * A process that dies at any moment leaves at most a folder below `.staging`, which the next holder of the lock sweeps.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MANIFEST_SCHEMA, type Manifest, type ManifestBody } from '../contract/manifest'
import { DomainError } from '../domain/error'
import { hashOpenFile, withRegularFile } from './file-hash'
import { MANIFEST_NAME, manifestText, parseManifest, sha256Text } from './manifest-text'
import { isVersionName, nextBuild, versionDay } from './version-name'

export const STAGING_NAME = '.staging'

export interface PublishInput {
  modelsDirectory: string
  now: Date
  /** Text after the day's `_`; the next whole number of the day when absent. */
  build?: string
  /** Names that must not be given again although no folder bears them (registered ones). */
  taken?: readonly string[]
  /** Told the version's name just before the folder appears. */
  announce?: (version: string) => void | Promise<void>
  /** Writes the artifacts flat into the folder and says what they are. Whatever it throws ends the publication. */
  write: (stagingDirectory: string) => Promise<ManifestBody>
}
export interface PublishedVersion {
  version: string
  /** Absolute or relative as `modelsDirectory` was given. */
  directory: string
  manifest: Manifest
  manifestSha256: string
}

/**
 * Publishes one version and returns what lies there. Call it under the trainer's lock.
 * Throws `version_conflict` when the given build exists, `storage_full`, `manifest_invalid`, and whatever `write` throws; no
 * folder is left then.
 */
export async function publishVersion({
  modelsDirectory,
  now,
  build,
  taken = [],
  announce,
  write,
}: PublishInput): Promise<PublishedVersion> {
  const staging = join(modelsDirectory, STAGING_NAME, randomUUID())
  try {
    await mkdir(staging, { recursive: true })
    const body = await write(staging)
    const files = await sealFiles(staging)
    const version = await freeName({ modelsDirectory, now, build, taken })
    const manifest = parseManifest(manifestText({ schema: MANIFEST_SCHEMA, version, createdAt: now.toISOString(), files, ...body }))
    const text = manifestText(manifest)
    await writeDurably(join(staging, MANIFEST_NAME), text)
    await syncPath(staging)
    const directory = join(modelsDirectory, version)
    await announce?.(version)
    await rename(staging, directory)
    // Only now: moving a folder to another parent needs the right to write it.
    await chmod(directory, 0o555)
    await syncPath(directory)
    await syncPath(modelsDirectory)
    return { version, directory, manifest, manifestSha256: sha256Text(text) }
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw publishProblem(error)
  }
}

/** Takes a version's folder away, at once and whole: renamed into staging, then removed. Nothing happens when there is none. */
export async function withdrawVersion(modelsDirectory: string, version: string): Promise<void> {
  if (!isVersionName(version) || !existsSync(join(modelsDirectory, version))) return
  const staging = join(modelsDirectory, STAGING_NAME)
  const grave = join(staging, randomUUID())
  await mkdir(staging, { recursive: true })
  await chmod(join(modelsDirectory, version), 0o755)
  await rename(join(modelsDirectory, version), grave)
  await syncPath(modelsDirectory)
  await rm(grave, { recursive: true, force: true })
}

/** Removes what dead trainers left. Only the holder of the trainer's lock may call it. Returns how many folders went. */
export async function sweepStaging(modelsDirectory: string): Promise<number> {
  const root = join(modelsDirectory, STAGING_NAME)
  const left = existsSync(root) ? await readdir(root) : []
  for (const name of left) await rm(join(root, name), { recursive: true, force: true })
  return left.length
}

/** Writes a read-only file and its bytes through to the disk, under its name by a rename so that it is never half there. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(draft, text, { flag: 'wx', flush: true })
    await chmod(draft, 0o444)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Flushes a file or folder to the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes every file read-only and durable and returns its entry of the manifest. Throws `manifest_invalid` for anything but flat files. */
async function sealFiles(directory: string): Promise<Manifest['files']> {
  const files: Manifest['files'] = {}
  for (const name of (await readdir(directory)).sort()) {
    const path = join(directory, name)
    if (!(await lstat(path)).isFile()) {
      throw new DomainError('manifest_invalid', 'a version holds flat files only', { details: [{ path: name, message: 'not a file' }] })
    }
    await chmod(path, 0o444)
    await syncPath(path)
    const { sha256, identity } = await withRegularFile(path, name, (file, identity) => hashOpenFile(file, name, identity))
    files[name] = { sha256, bytes: identity.size }
  }
  return files
}

async function freeName({
  modelsDirectory,
  now,
  build,
  taken,
}: Required<Pick<PublishInput, 'modelsDirectory' | 'now' | 'taken'>> & { build?: string }) {
  const day = versionDay(now)
  const names = [...(await readdir(modelsDirectory)), ...taken]
  const version = `${day}_${build ?? nextBuild(day, names)}`
  if (!isVersionName(version)) {
    throw new DomainError('invalid_value', 'a build is 1 to 32 letters, digits or hyphens', {
      details: [{ path: 'build', message: 'not allowed' }],
    })
  }
  // A rename would silently replace an empty folder.
  if (names.includes(version)) throw new DomainError('version_conflict', `version ${version} exists already`)
  return version
}

function publishProblem(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DomainError('storage_full', 'no space left to write the version; free some and train again', { cause: error })
  }
  if (code === 'ENOTEMPTY' || code === 'EEXIST') return new DomainError('version_conflict', 'the version exists already', { cause: error })
  return error
}
