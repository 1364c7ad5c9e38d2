/** Processor time of a process and of all that it has started, from /proc: what a server works, whoever shares the machine with it. */
import { readdirSync, readFileSync } from 'node:fs'

/** User and kernel, ms, in steps of 10; null where there is no /proc. Of processes that have ended nothing is known. */
export function processorMs(pid: number): number | null {
  try {
    return ticksOf(pid) * tickMs
  } catch {
    return null
  }
}

/** The kernel shows times to programs in hundredths of a second, whatever it counts in. */
const tickMs = 10

function ticksOf(pid: number): number {
  // behind the name, which may hold blanks: utime and stime are fields 14 and 15 of proc(5)
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  const own = Number(fields[11]) + Number(fields[12])
  return childrenOf(pid).reduce((sum, child) => sum + ticksOf(child), own)
}

const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
