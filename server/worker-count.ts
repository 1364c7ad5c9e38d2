/** How many processes share the work on this machine, where nobody says. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

export interface Machine {
  platform: NodeJS.Platform
  cores: number
  /** That can be had without swapping; null where the machine does not say. */
  memoryBytes: number | null
}

const workersMax = 16
/** A process has 60 MB for itself with a version of 325,000 items, whose files all share; caches and buffers come to that in time. */
const workerBytes = 400_000_000

/** One a core where processes can share a port (Linux), as many as the memory holds; one elsewhere. */
export function workerCount({ platform, cores, memoryBytes }: Machine): number {
  if (platform !== 'linux') return 1
  const held = memoryBytes === null ? cores : Math.floor(memoryBytes / workerBytes)
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
