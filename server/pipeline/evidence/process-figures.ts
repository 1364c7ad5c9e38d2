/** Figures of the process itself, for the metrics. */
import { readdirSync } from 'node:fs'
import type { LogStatus } from '../../contract/access-line'
import type { Figure } from './metrics'

export interface ProcessFigureOptions {
  loopLagMs: () => number
  log: () => LogStatus
}

export const processFigures = ({ loopLagMs, log }: ProcessFigureOptions): Figure[] => [
  { name: 'resident_memory_bytes', help: 'Memory of the process', kind: 'gauge', read: () => process.memoryUsage.rss() },
  { name: 'cpu_seconds_total', help: 'Processor time', kind: 'counter', read: cpuSeconds },
  { name: 'open_files', help: 'Open file descriptors', kind: 'gauge', read: openFiles },
  { name: 'uptime_seconds', help: 'Since the start of the process', kind: 'gauge', read: () => process.uptime() },
  {
    name: 'loop_lag_seconds',
    help: 'How late the event loop was at most in the last second',
    kind: 'gauge',
    read: () => loopLagMs() / 1_000,
  },
  { name: 'log_dropped_total', help: 'Lines of the logs that were lost', kind: 'counter', read: () => log().dropped },
  { name: 'log_waiting_bytes', help: 'Lines that wait for the disk', kind: 'gauge', read: () => log().waitingBytes },
]

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Linux only. */
function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}
