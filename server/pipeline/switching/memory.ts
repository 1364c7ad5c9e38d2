/** How much memory may still be taken: what the machine has left, or what the container may use, whichever is less. */
import { readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'

export interface Memory {
  /** Bytes that can be taken without pushing anything out that is needed. */
  available: number
  total: number
}

/** Of this moment; never throws. */
export function readMemory(): Memory {
  const machine = machineMemory()
  const container = containerMemory()
  if (container === null || container.total >= machine.total) return machine
  return { available: Math.min(machine.available, container.available), total: container.total }
}

/** Linux counts the page cache as available, which free memory does not. */
function machineMemory(): Memory {
  const text = read('/proc/meminfo')
  const kilobytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1])
  const [available, total] = [kilobytes('MemAvailable') * 1024, kilobytes('MemTotal') * 1024]
  return Number.isFinite(available) && Number.isFinite(total) ? { available, total } : { available: freemem(), total: totalmem() }
}

/** Control group, version 2 or 1; null where there is none or it sets no limit. */
function containerMemory(): Memory | null {
  const two = limitOf('/sys/fs/cgroup', { limit: 'memory.max', used: 'memory.current', cache: 'inactive_file' })
  return (
    two ?? limitOf('/sys/fs/cgroup/memory', { limit: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes', cache: 'total_inactive_file' })
  )
}

function limitOf(folder: string, names: { limit: string; used: string; cache: string }): Memory | null {
  const [total, used] = [number(read(`${folder}/${names.limit}`)), number(read(`${folder}/${names.used}`))]
  if (total === null || used === null) return null
  const cache = number(new RegExp(`^${names.cache} (\\d+)$`, 'm').exec(read(`${folder}/memory.stat`))?.[1] ?? '') ?? 0
  return { available: Math.max(0, total - used + cache), total }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const number = (text: string): number | null => (/^\d+$/.test(text.trim()) ? Number(text) : null)
