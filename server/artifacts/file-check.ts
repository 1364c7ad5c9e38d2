/**
 * Are the files of a version the ones its manifest speaks of? Asked before every first opening: the index library follows a
 * damaged file into the void, so the hash is what keeps the process alive.
 */
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../contract/manifest'
import { DomainError } from '../domain/error'
import { corrupt, type FileIdentity, hashOpenFile, identityOf, sameFile, withRegularFile } from './file-hash'
import { MANIFEST_BYTES_MAX, MANIFEST_NAME, parseManifest } from './manifest-text'

/** What was once verified about a file, so that a start need not read all of it again. */
export interface FileStamp extends FileIdentity {
  /** Absolute path. */
  path: string
  sha256: string
  verifiedAtMs: number
}
export interface Stamps {
  find(path: string): FileStamp | undefined
  save(stamps: FileStamp[]): void | Promise<void>
}
export interface CheckedFiles {
  /** Files that are there, and their bytes. */
  files: number
  bytes: number
  /** Bytes that had to be read; 0 when stamps vouched for every file. */
  hashedBytes: number
}

/**
 * A stamp is trusted only for a file that had been at rest this long when it was hashed: a change within one tick of the file
 * system's clock leaves the times as they were.
 */
const SETTLED_MS = 1_000

export interface CheckOptions {
  stamps?: Stamps
  /** Dates new stamps; without it none are saved. */
  now?: Date
  /** Whether stamps count; false reads every byte. */
  trust?: boolean
}

/**
 * Checks size and SHA-256 of every file. Optional files may be absent. With `stamps`, a file whose identity is unchanged since
 * it was verified is not read again.
 * Throws `artifact_missing` or `artifact_corrupt` naming the first bad file in the details.
 */
export async function verifyFiles(directory: string, manifest: Manifest, options: CheckOptions = {}): Promise<CheckedFiles> {
  const { checked, problems } = await checkFiles(directory, manifest, { ...options, stopAtFirst: true })
  if (problems.length > 0) throw problems[0]
  return checked
}

/** Like verifyFiles, but goes on and returns every problem. */
export async function checkFiles(
  directory: string,
  manifest: Manifest,
  { stamps, now, trust = true, stopAtFirst = false }: CheckOptions & { stopAtFirst?: boolean } = {},
): Promise<{ checked: CheckedFiles; problems: DomainError[] }> {
  const checked: CheckedFiles = { files: 0, bytes: 0, hashedBytes: 0 }
  const fresh: FileStamp[] = []
  const problems: DomainError[] = []
  for (const [name, expected] of Object.entries(manifest.files)) {
    const path = join(directory, name)
    if (trust && isVouchedFor(path, expected, stamps?.find(path))) {
      checked.files++
      checked.bytes += expected.bytes
      continue
    }
    try {
      await withRegularFile(path, name, async (file, identity) => {
        if (identity.size !== expected.bytes) throw corrupt(name, `${identity.size} bytes instead of ${expected.bytes}`)
        const hashed = await hashOpenFile(file, name, identity)
        checked.hashedBytes += identity.size
        if (hashed.sha256 !== expected.sha256) throw corrupt(name, 'SHA-256 differs from the manifest')
        if (now) fresh.push({ path, sha256: hashed.sha256, verifiedAtMs: now.getTime(), ...hashed.identity })
        checked.files++
        checked.bytes += identity.size
      })
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      if (expected.optional && error.code === 'artifact_missing') continue
      problems.push(error)
      if (stopAtFirst) break
    }
  }
  if (fresh.length > 0) await stamps?.save(fresh)
  return { checked, problems }
}

/** One look, no waiting: a serving process that goes back to a version does this under load. */
function isVouchedFor(path: string, expected: { bytes: number; sha256: string }, stamp: FileStamp | undefined): boolean {
  if (stamp === undefined || stamp.sha256 !== expected.sha256) return false
  try {
    const stat = lstatSync(path, { bigint: true })
    const identity = identityOf(stat)
    return stat.isFile() && identity.size === expected.bytes && vouches(stamp, identity)
  } catch {
    // opening it tells what is wrong
    return false
  }
}

function vouches(stamp: FileStamp, identity: FileIdentity): boolean {
  const touchedMs = Number(BigInt(identity.ctimeNs) / 1_000_000n)
  return sameFile(stamp, identity) && touchedMs + SETTLED_MS <= stamp.verifiedAtMs
}

/**
 * Reads a version's manifest. Throws `artifact_missing` without one, `manifest_invalid` when it is no manifest or speaks of
 * another version than `version`, or when its text is not the one registered (`sha256`).
 */
export async function readManifest(
  directory: string,
  { version, sha256 }: { version: string; sha256?: string },
): Promise<{ manifest: Manifest; text: string; sha256: string }> {
  const text = await withRegularFile(join(directory, MANIFEST_NAME), MANIFEST_NAME, async (file, { size }) => {
    if (size > MANIFEST_BYTES_MAX) throw new DomainError('manifest_invalid', `the manifest is longer than ${MANIFEST_BYTES_MAX} bytes`)
    return file.readFile()
  })
  const found = new Bun.CryptoHasher('sha256').update(text).digest('hex')
  if (sha256 !== undefined && found !== sha256) {
    throw new DomainError('manifest_invalid', 'the manifest is not the one that was registered', {
      details: [{ path: MANIFEST_NAME, message: 'SHA-256 differs from the registry' }],
    })
  }
  const manifest = parseManifest(decode(text))
  if (manifest.version !== version) {
    throw new DomainError('manifest_invalid', 'the manifest speaks of another version', {
      details: [{ path: '/version', message: 'differs from the folder' }],
    })
  }
  return { manifest, text: decode(text), sha256: found }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new DomainError('manifest_invalid', 'the manifest is not UTF-8', { cause })
  }
}
