/** The machine that a figure belongs to: no figure is shown without it. */
import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'

export interface Machine {
  processor: string
  cores: number
  memoryGiB: number
  system: string
  bun: string
  /** Runnable processes in the last minute when the bench began: near 0 on a quiet machine. */
  load: number
}

export function describeMachine(): Machine {
  return {
    processor: processorName(),
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    system: `${platform()} ${release()} ${arch()}`,
    bun: Bun.version,
    load: Math.round(loadavg()[0] * 100) / 100,
  }
}

/** Virtual machines often hide the model: then what tells the vector instructions apart. */
function processorName(): string {
  const model = cpus()[0]?.model.trim() || 'unknown processor'
  try {
    const flags = new Set(/^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].split(' '))
    const known = ['avx2', 'avx512bw', 'avx512_vnni'].filter((flag) => flags.has(flag))
    return known.length > 0 ? `${model} (${known.join(', ')})` : model
  } catch {
    return model
  }
}

export const machineInWords = ({ processor, cores, memoryGiB, system, bun, load }: Machine): string =>
  `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, bun ${bun}, load ${load} at the start`
