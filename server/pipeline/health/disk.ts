/** How full the disk of a folder is. */
import { statfs } from 'node:fs/promises'
import type { Check } from './check'

const diskUsedWarn = 0.95

export async function checkDisk(name: string, path: string): Promise<Check> {
  try {
    const { blocks, bavail, bsize } = await statfs(path)
    const used = blocks === 0 ? 0 : 1 - bavail / blocks
    const observed = { componentId: name, observedValue: Math.round(used * 1000) / 10, observedUnit: 'percent' }
    if (used < diskUsedWarn) return { status: 'pass', ...observed }
    return { status: 'warn', ...observed, output: `${Math.round((bavail * bsize) / 1e6)} MB left` }
  } catch {
    return { status: 'warn', componentId: name, output: 'the folder cannot be looked at' }
  }
}
