/** How many processes share the work on this machine, where nobody says. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

export interface Machine {
  platform: NodeJS.Platform
  cores: number
  /** That can be had without swapping; null where the machine does not say. */
  memoryBytes: number | null
}

const workersMax = 16
/** A process without a model. */
const processBytes = 150_000_000
/** A version in memory against its files: columns are decoded once a process, the index and its vectors are shared. Two may be open. */
const heapPerFileByte = 2

/** One a core where processes can share a port (Linux), as many as the memory holds, one elsewhere. */
export function workerCount({ platform, cores, memoryBytes }: Machine, versionBytes: number): number {
  if (platform !== 'linux') return 1
  const each = processBytes + heapPerFileByte * versionBytes
  const held = memoryBytes === null ? cores : Math.floor(memoryBytes / each)
  return Math.max(1, Math.min(cores, workersMax, held))
}

export function thisMachine(): Machine {
  return { platform: process.platform, cores: availableParallelism(), memoryBytes: availableMemory() }
}

function availableMemory(): number | null {
  try {
    const line = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))
    return line === null ? null : Number(line[1]) * 1024
  } catch {
    return null
  }
}

/** Bytes of the largest version's files that each process reads for itself. 0 when there is none, or none can be looked at. */
export function largestVersionBytes(modelsDirectory: string, shared: readonly string[]): number {
  const sizeOf = (folder: string) =>
    readdirSync(folder)
      .filter((name) => !shared.includes(name))
      .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  let largest = 0
  try {
    for (const entry of readdirSync(modelsDirectory, { withFileTypes: true })) {
      if (entry.isDirectory() && !entry.name.startsWith('.')) largest = Math.max(largest, sizeOf(join(modelsDirectory, entry.name)))
    }
  } catch {
    return largest
  }
  return largest
}
