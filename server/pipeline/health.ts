/**
 * What a process says about itself. Everything is asked when it is asked for, not assumed: the index answers a query, the database
 * answers a query, the disk is looked at. Answers are kept for a second, so that many askers cost as much as one.
 */
import type { Health, HealthCheck, Live, Ready } from '../contract/health'
import { checkConfig } from './config/config-health'
import type { ConfigStatus } from './config/config-store'
import { type Check, cached, type NamedCheck, notNeeded, timed, worstOf } from './health/check'
import { checkDisk } from './health/disk'
import { checkRecorder } from './health/records'
import { checkAge, checkAgreement, registryAgeMsMax } from './health/registry'
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
  /** What other parts of the process say of themselves; asked at most once a second. One that throws is a failed check. */
  parts?: (() => NamedCheck[])[]
  /** Folders that must not run full: name → path. */
  folders: Record<string, string>
  isStopping: () => boolean
  /** Milliseconds that the event loop was late at most in the last second. */
  loopLagMs: () => number
  /** Monotonic milliseconds, from the start of the process. */
  now?: () => number
  date?: () => Date
}

const loopLagMsMax = 1_000
const predicting = ['/api/v1/predict', '/api/v1/similar', '/api/v1/search']

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
  const stamp = (check: Check): HealthCheck => ({ ...check, time: date().toISOString() })

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
      'registry:responseTime': [stamp(notNeeded(database()))],
      'disk:utilization': disk.map(stamp),
      ...(options.recorder && Object.fromEntries(checkRecorder(options.recorder()).map(([name, check]) => [name, [stamp(check)]]))),
      ...(options.config && Object.fromEntries(checkConfig(options.config()).map(([name, check]) => [name, [stamp(check)]]))),
      ...Object.fromEntries((options.parts ?? []).flatMap(askPart).map(([name, check]) => [name, [stamp(check)]])),
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

/** A part that cannot be asked must not take the others along. */
function askPart(part: () => NamedCheck[]): NamedCheck[] {
  try {
    return part()
  } catch {
    return [['process:parts', { status: 'warn', output: 'a part of the process could not be asked' }]]
  }
}
