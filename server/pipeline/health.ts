/**
 * What a process says about itself. Everything is asked when it is asked for, not assumed: the index answers a query, the database
 * answers a query, the disk is looked at. Answers are kept for a second, so that many askers cost as much as one.
 */
import { statfs } from 'node:fs/promises'
import type { Health, HealthCheck, HealthStatus, Live, Ready } from '../contract/health'
import { DomainError } from '../domain/error'
import { checkConfig } from './config/config-health'
import type { ConfigStatus } from './config/config-store'
import type { HolderStatus } from './model-holder'
import type { RecorderStatus } from './recorder'

export interface HealthOptions {
  /** Of the program. */
  version: string
  holder: () => HolderStatus
  /** Asks the model that serves for something it must know. Throws when it does not. */
  askIndex: () => void
  /** Asks the database for something. Throws when it cannot be read. */
  askDatabase: () => void
  /** What becomes of the records of served predictions; absent where none are kept. */
  recorder?: () => RecorderStatus
  /** Which configuration is valid here; absent where none is followed. */
  config?: () => ConfigStatus
  /** Folders that must not run full: name → path. */
  folders: Record<string, string>
  isStopping: () => boolean
  /** Milliseconds that the event loop was late at most in the last second. */
  loopLagMs: () => number
  /** Monotonic milliseconds, from the start of the process. */
  now?: () => number
  date?: () => Date
}

const cacheMs = 1_000
/** A process that cannot read the registry for so long may miss an activation and must not take requests. */
const registryAgeMsMax = 5_000
const loopLagMsMax = 1_000
const diskUsedWarn = 0.95
const predicting = ['/api/v1/predict', '/api/v1/similar']

export interface HealthServices {
  live: () => Live
  ready: () => Ready
  health: () => Promise<Health>
}

export function createHealth(options: HealthOptions): HealthServices {
  const { holder, isStopping, loopLagMs, now = () => performance.now(), date = () => new Date() } = options
  const index = cached(() => timed('index', options.askIndex, now), now)
  const database = cached(() => timed('database', options.askDatabase, now), now)
  const disks = cached(() => Promise.all(Object.entries(options.folders).map(([name, path]) => checkDisk(name, path))), now)
  const stamp = (check: Omit<HealthCheck, 'time'>): HealthCheck => ({ ...check, time: date().toISOString() })

  const live = (): Live => ({ status: loopLagMs() < loopLagMsMax ? 'pass' : 'fail', uptimeSeconds: Math.round(now() / 100) / 10 })

  const ready = (): Ready => {
    const { serving, refusal, registryAgeMs } = holder()
    const reason = isStopping()
      ? 'stopping'
      : serving === null
        ? refusal === null
          ? 'no version is active'
          : 'the active version cannot be served'
        : registryAgeMs > registryAgeMsMax
          ? 'the registry cannot be read'
          : index().status === 'fail'
            ? 'the index does not answer'
            : null
    return { ready: reason === null, reason, version: serving?.version ?? null, epoch: serving?.epoch ?? null }
  }

  const ask = async (): Promise<Health> => {
    const status = holder()
    const disk = await disks()
    const checks: Health['checks'] = {
      'index:query': [stamp({ ...index(), affectedEndpoints: predicting })],
      'registry:agreement': [stamp(checkAgreement(status))],
      'registry:age': [stamp(checkAge(status))],
      'database:responseTime': [stamp(notNeeded(database()))],
      'disk:utilization': disk.map(stamp),
      ...(options.recorder && Object.fromEntries(checkRecorder(options.recorder()).map(([name, check]) => [name, [stamp(check)]]))),
      ...(options.config && Object.fromEntries(checkConfig(options.config()).map(([name, check]) => [name, [stamp(check)]]))),
      'process:loopLag': [
        stamp({ status: loopLagMs() < loopLagMsMax ? 'pass' : 'fail', observedValue: Math.round(loopLagMs()), observedUnit: 'ms' }),
      ],
      'process:memory': [stamp({ status: 'pass', observedValue: process.memoryUsage.rss(), observedUnit: 'bytes' })],
    }
    const worst = worstOf(
      Object.values(checks)
        .flat()
        .map(({ status }) => status),
    )
    return {
      status: isStopping() ? worstOf([worst, 'warn']) : worst,
      version: options.version,
      releaseId: status.serving?.version ?? null,
      checks,
    }
  }
  return { live, ready, health: cached(ask, now) }
}

type Check = Omit<HealthCheck, 'time'>

/** The value of the last second. A promise that failed is not kept, because none of these fails. */
function cached<T>(make: () => T, now: () => number): () => T {
  let kept: { value: T; at: number } | null = null
  return () => {
    if (kept === null || now() - kept.at >= cacheMs) kept = { value: make(), at: now() }
    return kept.value
  }
}

function timed(part: string, act: () => void, now: () => number): Check {
  const startedAt = now()
  try {
    act()
    return { status: 'pass', observedValue: Math.round((now() - startedAt) * 1000) / 1000, observedUnit: 'ms' }
  } catch (error) {
    return { status: 'fail', output: error instanceof DomainError ? error.message : `the ${part} failed unexpectedly` }
  }
}

/** Predictions go on without it. */
const notNeeded = (check: Check): Check => (check.status === 'fail' ? { ...check, status: 'warn' } : check)

function checkAgreement({ serving, target, refusal }: HolderStatus): Check {
  if (refusal) {
    return {
      status: serving === null ? 'fail' : 'warn',
      observedValue: refusal.version,
      output: `${refusal.version} (epoch ${refusal.epoch}) is active but was refused: ${refusal.code}, ${refusal.message}`,
    }
  }
  if (serving === null) return { status: 'fail', output: 'no version is active' }
  if (target !== null && target.epoch !== serving.epoch) return { status: 'warn', output: `epoch ${target.epoch} is being opened` }
  return { status: 'pass', observedValue: serving.epoch, observedUnit: 'epoch' }
}

function checkAge({ registryAgeMs }: HolderStatus): Check {
  const observed = { observedValue: Math.round(registryAgeMs), observedUnit: 'ms' }
  if (registryAgeMs <= registryAgeMsMax) return { status: 'pass', ...observed }
  return { status: 'fail', ...observed, output: 'the registry was not read for too long' }
}

/** Predictions do not need it: it warns at most. */
function checkRecorder({ buffered, bufferedMax, dropped, lastFlush, problem }: RecorderStatus): [name: string, check: Check][] {
  const lost = dropped.proposals + dropped.requests > 0
  const waits = { observedValue: buffered, observedUnit: 'proposals' }
  return [
    [
      'records:buffered',
      { status: problem !== null || buffered > bufferedMax / 2 ? 'warn' : 'pass', ...waits, ...(problem && { output: problem }) },
    ],
    [
      'records:dropped',
      {
        status: lost ? 'warn' : 'pass',
        observedValue: dropped.proposals,
        observedUnit: 'proposals',
        ...(lost && { output: `and the counts of ${dropped.requests} requests, since the start of the process` }),
      },
    ],
    ['records:lastFlush', { status: 'pass', observedValue: lastFlush?.toISOString() ?? 'never' }],
  ]
}

async function checkDisk(name: string, path: string): Promise<Check> {
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

const worstOf = (statuses: HealthStatus[]): HealthStatus =>
  statuses.includes('fail') ? 'fail' : statuses.includes('warn') ? 'warn' : 'pass'
