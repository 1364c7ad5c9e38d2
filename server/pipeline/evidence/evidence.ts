/** All that a serving process knows of its own work: what each request adds to, and what is read from it. */
import { dirname, join } from 'node:path'
import type { LogStatus } from '../../contract/access-line'
import type { Dashboard, Slo } from '../../contract/dashboard'
import type { ServedRequest } from '../../domain/served-request'
import { listIntents } from '../../store/activation-intent'
import { readState } from '../../store/model-version'
import type { Db } from '../../store/open'
import { listJobs } from '../../store/training-job'
import { countUsers } from '../../store/user'
import { type DashboardQuery, readDashboard, readSlowRequests } from './dashboard'
import { createEventFeed } from './event-feed'
import { createMetrics, type Figure } from './metrics'
import { type SloEvent, watchObjectives } from './objectives-watch'
import { processFigures } from './process-figures'
import { RollUp } from './roll-up'
import { readSlo } from './slo'
import { SlowLog, type SlowLogOptions } from './slow-log'

export interface EvidenceOptions {
  db: Db
  databasePath: string
  bootId: string
  /** 0: the only process. */
  worker: number
  /** Of the configuration of this moment. */
  slowMs: () => number
  configRevision: () => number
  /** Version, epoch, configuration and processes of this moment. */
  state: () => Dashboard['now']
  loopLagMs: () => number
  /** What others tell of themselves, for the metrics. */
  figures: Figure[]
  log: { slow: SlowLogOptions['write']; event: (event: SloEvent) => void; status: () => LogStatus }
  reportFailure: (error: unknown) => void
}

/** An answer made of three days of minutes is good for so long. */
const SLO_MS = 10_000
const INTENTS = 3
const JOBS = 5

export function createEvidence({ db, bootId, worker, log, reportFailure, ...options }: EvidenceOptions) {
  const rollUp = new RollUp({ db, bootId, reportFailure })
  const slowLog = new SlowLog({
    db,
    slowMs: options.slowMs,
    surroundings: () => ({ worker, loopLagMs: Math.round(options.loopLagMs() * 10) / 10 }),
    write: log.slow,
    reportFailure,
  })
  const metrics = createMetrics({
    worker,
    bootId,
    directory: worker === 0 ? null : join(dirname(options.databasePath), 'metrics'),
    figures: [
      ...options.figures,
      ...processFigures({ loopLagMs: options.loopLagMs, log: log.status }),
      { name: 'rollup_waiting', help: 'Minutes of figures in memory', kind: 'gauge', read: () => rollUp.status().waiting },
      {
        name: 'rollup_dropped_total',
        help: 'Requests whose figures were lost',
        kind: 'counter',
        read: () => rollUp.status().dropped,
      },
    ],
  })
  const feed = createEventFeed({
    sources: {
      model: () => readState(db),
      configRevision: options.configRevision,
      intents: () => listIntents(db, { limit: INTENTS }),
      pendingAccounts: () => countUsers(db, { status: 'pending' }),
      jobs: () => listJobs(db, { limit: JOBS }),
    },
  })
  let kept: { slo: Promise<Slo>; at: number } | null = null
  const slo = (): Promise<Slo> => {
    if (kept === null || performance.now() - kept.at > SLO_MS) kept = { slo: readSlo(db, { now: new Date() }), at: performance.now() }
    const { slo } = kept
    // a failure is not kept
    slo.catch(() => {
      kept = null
    })
    return slo
  }
  let stopWatch = () => {}
  return {
    /** Of each request when it was answered: no wait, no disk. */
    observe: (served: ServedRequest): void => {
      rollUp.add(served)
      metrics.observe(served)
      slowLog.add(served)
    },
    start: (): void => {
      rollUp.start()
      slowLog.start()
      metrics.start()
      if (worker <= 1) stopWatch = watchObjectives(slo, log.event)
    },
    close: async (): Promise<void> => {
      stopWatch()
      feed.close()
      await Promise.all([rollUp.close(), slowLog.close(), metrics.close()])
    },
    features: {
      dashboard: (query: DashboardQuery) => readDashboard(db, query, { now: () => new Date(), state: options.state }),
      slow: (query: { limit?: number }) => readSlowRequests(db, query),
      slo,
      metrics: metrics.text,
      subscribe: feed.subscribe,
    },
  }
}
