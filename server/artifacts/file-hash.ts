/**
 * The SHA-256 of a file, read through the one descriptor whose identity was checked: symbolic links are not followed, only
 * regular files count, and a file that changes while it is read is refused.
 */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { DomainError } from '../domain/error'

/** Who a file is and when it was last touched; every field equal means the same bytes (see `sameFile`). Times in ns. */
export interface FileIdentity {
  dev: string
  ino: string
  size: number
  mtimeNs: string
  ctimeNs: string
}
export interface HashedFile {
  sha256: string
  identity: FileIdentity
}

/** Small enough that a serving process hashes without being felt (about 1 ms of processor time each). */
const CHUNK_BYTES = 1 << 20

/**
 * Opens a regular file without following a link and hands it to `use`.
 * Throws `artifact_missing` when it is not there, `artifact_corrupt` when it is no regular file; `name` stands in the details.
 */
export async function withRegularFile<T>(
  path: string,
  name: string,
  use: (file: FileHandle, identity: FileIdentity) => Promise<T>,
): Promise<T> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    throw openProblem(cause, name)
  }
  try {
    const stat = await file.stat({ bigint: true })
    if (!stat.isFile()) throw corrupt(name, 'not a regular file')
    return await use(file, identityOf(stat))
  } finally {
    await file.close()
  }
}

/** Streams an open file through SHA-256. Throws `artifact_corrupt` when it changes meanwhile. */
export async function hashOpenFile(file: FileHandle, name: string, before: FileIdentity): Promise<HashedFile> {
  const hasher = new Bun.CryptoHasher('sha256')
  let [filling, hashing] = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)]
  let position = 0
  let pending = file.read(filling, 0, CHUNK_BYTES, position)
  for (;;) {
    const { bytesRead } = await pending
    if (bytesRead === 0) break
    position += bytesRead
    ;[filling, hashing] = [hashing, filling]
    // The next chunk is read while this one is hashed.
    pending = file.read(filling, 0, CHUNK_BYTES, position)
    hasher.update(hashing.subarray(0, bytesRead))
  }
  const after = identityOf(await file.stat({ bigint: true }))
  if (!sameFile(before, after) || position !== before.size) throw corrupt(name, 'changed while it was read')
  return { sha256: hasher.digest('hex'), identity: after }
}

export function sameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs
}

export const corrupt = (name: string, message: string) =>
  new DomainError('artifact_corrupt', `${name} of the version is damaged: ${message}`, { details: [{ path: name, message }] })

export function identityOf(stat: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint; ctimeNs: bigint }): FileIdentity {
  return {
    dev: String(stat.dev),
    ino: String(stat.ino),
    size: Number(stat.size),
    mtimeNs: String(stat.mtimeNs),
    ctimeNs: String(stat.ctimeNs),
  }
}

function openProblem(cause: unknown, name: string): DomainError {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new DomainError('artifact_missing', `${name} of the version is missing`, { details: [{ path: name, message: 'missing' }] })
  }
  const message = code === 'ELOOP' ? 'is a symbolic link' : `cannot be opened (${code ?? 'unknown reason'})`
  return new DomainError('artifact_corrupt', `${name} of the version ${message}`, { details: [{ path: name, message }], cause })
}
