/** Log files that are full: renamed with the time, compressed in the background, the oldest removed. */
import { createReadStream, createWriteStream } from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

export interface ArchiveBounds {
  filesMax: number
  totalBytesMax: number
}

/** Fast rather than small: these lines shrink to a tenth either way. */
const gzipLevel = 3
const ending = '.ndjson'

/** Puts `x.ndjson` aside as `x.<time>.ndjson`. Throws when it cannot be renamed. */
export async function archive(path: string, at: Date): Promise<void> {
  const stamp = at.toISOString().replaceAll(':', '-')
  await rename(path, `${path.slice(0, -ending.length)}.${stamp}-${process.hrtime.bigint()}${ending}`)
  await syncFolder(dirname(path))
}

/**
 * Compresses what is not yet, also what an earlier process left, and removes what is too old. Call it again only when it is done.
 * Throws when the disk refuses; the next call finds the rest.
 */
export async function tidyArchive(path: string, bounds: ArchiveBounds): Promise<void> {
  await prune(path, bounds)
  for (const name of await archived(path)) {
    if (!name.endsWith('.gz')) await compress(join(dirname(path), name))
  }
  await prune(path, bounds)
}

/** Names of the files put aside, the oldest first. */
async function archived(path: string): Promise<string[]> {
  const stem = basename(path, ending)
  const names = await readdir(dirname(path))
  return names.filter((name) => name.startsWith(`${stem}.`) && /\.ndjson(\.gz)?$/.test(name) && name !== basename(path)).sort()
}

async function prune(path: string, { filesMax, totalBytesMax }: ArchiveBounds): Promise<void> {
  let files = 0
  let bytes = 0
  for (const name of (await archived(path)).reverse()) {
    const file = join(dirname(path), name)
    files++
    bytes += (await stat(file).catch(() => null))?.size ?? 0
    if (files > filesMax || bytes > totalBytesMax) await rm(file, { force: true })
  }
}

async function compress(file: string): Promise<void> {
  const temporary = `${file}.tmp`
  try {
    await pipeline(createReadStream(file), createGzip({ level: gzipLevel }), createWriteStream(temporary, { mode: 0o640 }))
    await rename(temporary, `${file}.gz`)
    await rm(file, { force: true })
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** So that the rename survives a power cut; where folders cannot be synced (Windows) it is not needed. */
async function syncFolder(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => null)
  await handle?.sync().catch(() => {})
  await handle?.close()
}
