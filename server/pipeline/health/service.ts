/** What a serving process says of what it needs beside the model: its database file, logs, cache, the other workers, the trainer. */
import type { LogStatus } from '../../contract/access-line'
import type { NamedCheck } from './check'

export interface WorkerView {
  worker: number
  epoch: number
  configRevision: number
  alive: boolean
  stopping: boolean
}

const walBytesWarn = 64_000_000
/** A change of the version or the configuration reaches all within 100 ms; rows of workers are up to a second old. */
const skewMsMax = 3_000

/** The file that is open must be the one under its name. */
export function checkDatabaseFile({ isReplaced, walBytes }: { isReplaced: () => boolean; walBytes: () => number }): NamedCheck[] {
  const wal = walBytes()
  return [
    isReplaced()
      ? [
          'db:file',
          { status: 'fail', output: 'the database file was removed or replaced; put it back, or start again. Nothing is written.' },
        ]
      : ['db:file', { status: 'pass' }],
    [
      'db:wal',
      {
        status: wal > walBytesWarn ? 'warn' : 'pass',
        observedValue: wal,
        observedUnit: 'bytes',
        ...(wal > walBytesWarn && { output: 'the write-ahead log grows: somebody reads the database without an end' }),
      },
    ],
  ]
}

export function checkLogs({ dropped, waitingBytes, problem }: LogStatus): NamedCheck[] {
  return [
    [
      'logs:dropped',
      {
        status: dropped > 0 || problem !== null ? 'warn' : 'pass',
        observedValue: dropped,
        observedUnit: 'lines',
        ...(problem !== null
          ? { output: `cannot be written: ${problem}; ${waitingBytes} bytes wait` }
          : dropped > 0 && { output: 'lost since the start of the process' }),
      },
    ],
  ]
}

export function checkCache({ bytes, entries }: { bytes: number; entries: number }, max: { bytes: number; entries: number }): NamedCheck[] {
  const used = max.entries === 0 || max.bytes === 0 ? 0 : Math.max(bytes / max.bytes, entries / max.entries)
  return [['cache:utilization', { status: 'pass', observedValue: Math.round(used * 1_000) / 10, observedUnit: 'percent' }]]
}

/** Do all workers serve the same version under the same configuration? `since`: when each last changed, Unix ms. */
export function checkWorkers(
  workers: WorkerView[],
  current: { epoch: number; configRevision: number; since: number; now: number },
): NamedCheck[] {
  const living = workers.filter(({ alive, stopping }) => alive && !stopping)
  const behind = living.filter(({ epoch, configRevision }) => epoch !== current.epoch || configRevision !== current.configRevision)
  const late = behind.length > 0 && current.now - current.since > skewMsMax
  return [
    [
      'workers:epoch-skew',
      {
        status: late ? 'warn' : 'pass',
        observedValue: living.length === 0 ? 0 : Math.max(...living.map(({ epoch }) => Math.abs(current.epoch - epoch))),
        observedUnit: 'epochs',
        ...(late && { output: `worker ${behind.map(({ worker }) => worker).join(', ')} does not serve what is active or configured` }),
      },
    ],
    ['workers:alive', { status: 'pass', observedValue: living.length, observedUnit: 'workers' }],
  ]
}

export interface LastRun {
  status: 'running' | 'done' | 'failed' | 'aborted'
  endedAt: number | null
  failureReason: string | null
}

/** null: nothing was ever trained here. */
export function checkTraining(last: LastRun | null): NamedCheck[] {
  const bad = last?.status === 'failed' || last?.status === 'aborted'
  return [
    [
      'training:last-run',
      {
        status: bad ? 'warn' : 'pass',
        observedValue: last?.status ?? 'never',
        ...(bad && { output: last.failureReason ?? 'the last training did not come to its end' }),
      },
    ],
  ]
}

/** A daily copy reads every page: it is the last that is known of the database's soundness. */
export function checkBackup(newest: { at: number } | null, problem: string | null, now: number): NamedCheck[] {
  const days = newest === null ? null : (now - newest.at) / 86_400_000
  const status = problem !== null || (days !== null && days > 2) ? 'warn' : 'pass'
  return [
    [
      'backup:age',
      {
        status,
        observedValue: days === null ? 'none yet' : Math.round(days * 100) / 100,
        ...(days !== null && { observedUnit: 'days' }),
        ...(problem !== null && { output: problem }),
      },
    ],
    [
      'db:integrity',
      {
        status: problem !== null && /malformed|corrupt/i.test(problem) ? 'fail' : 'pass',
        observedValue: newest === null ? 'not read as a whole yet' : `read as a whole at ${new Date(newest.at).toISOString()}`,
      },
    ],
  ]
}

/** Passwords and cookies without TLS are somebody's choice that others should see. */
export function checkCookies(insecure: boolean): NamedCheck[] {
  return [['cookies:mode', insecure ? { status: 'warn', output: 'cookies travel without TLS: --insecure-cookies' } : { status: 'pass' }]]
}
