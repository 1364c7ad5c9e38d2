/**
 * What goes on after a switch, or when its leader is gone: one process, the first of those that live, gives up switches that
 * nobody leads any more, sees old answers out, and watches the new version; one that fails is taken back.
 */
import type { ActivationStep } from '../../contract/activation'
import { DomainError } from '../../domain/error'
import { judgeProbation, type Watched } from '../../domain/probation'
import { type SwitchNote, switchNote } from '../../domain/switch-note'
import {
  abandonIntent,
  endIntent,
  type Intent,
  readOpenIntent,
  readWatchedIntent,
  saveSteps,
  takeBack,
} from '../../store/activation-intent'
import { readState } from '../../store/model-version'
import type { Db } from '../../store/open'
import { sumCounts } from '../../store/probation'
import { type LivingWorker, livingWorkers } from '../../store/worker-state'

export interface TenderOptions {
  db: Db
  bootId: string
  /** Has the version open, or opens it. Throws when it cannot. */
  prepare: (version: string) => Promise<void>
  report: (event: TenderEvent) => void
  now?: () => Date
  /** Monotonic milliseconds. */
  clock?: () => number
}
export type TenderEvent =
  | { event: 'switch.abandoned'; version: string; reason: string }
  | { event: 'model.taken_back'; version: string; to: string | null; reason: string }
  | { event: 'model.not_taken_back'; version: string; code: string; reason: string }

/** A leader writes every second; one that was silent for so long is gone. */
const LEADER_SILENT_MS = 5_000
/** A version is watched so long; with many requests a shorter time is enough. */
const WATCH_MS = 300_000
const WATCH_MS_MIN = 60_000
const WATCH_REQUESTS = 1_000
const RECENT_MS = 10_000

type Step = ActivationStep['step']

export function createTender({ db, bootId, prepare, report, now = () => new Date(), clock = () => performance.now() }: TenderOptions) {
  let led = { id: 0, steps: '', since: 0 }
  let watched: { epoch: number; samples: { at: number; sums: Watched }[]; gaveUp: boolean } | null = null

  /** Whether this process is the first of those that live. */
  const leads = () => livingWorkers(db, now()).find(({ stopping }) => !stopping)?.bootId === bootId

  /** One round; a round that fails half-way is made up for by the next. Throws what the database throws. */
  const tend = async (): Promise<void> => {
    if (!leads()) return
    const workers = livingWorkers(db, now()).filter(({ stopping }) => !stopping)
    const open = readOpenIntent(db)
    if (open !== null) await tendOpen(open)
    const intent = readWatchedIntent(db)
    if (intent !== null) await tendWatched(intent, workers)
  }

  const tendOpen = async (intent: Intent): Promise<void> => {
    const steps = JSON.stringify(intent.steps)
    if (led.id !== intent.id || led.steps !== steps) led = { id: intent.id, steps, since: clock() }
    const gone = !intent.coordinator.startsWith('cli:') && !livingWorkers(db, now()).some((worker) => worker.bootId === intent.coordinator)
    if (!gone && clock() - led.since < LEADER_SILENT_MS) return
    const reason = 'the process that led the switch is gone'
    if (await abandonIntent(db, { intent, reason, now: now() })) report({ event: 'switch.abandoned', version: intent.version, reason })
  }

  const tendWatched = async (intent: Intent, workers: LivingWorker[]): Promise<void> => {
    const { epoch, changedAt } = readState(db)
    if (epoch !== intent.ifEpoch + 1) {
      await endIntent(db, { id: intent.id, from: 'probation', to: 'settled', now: now() })
      return
    }
    const sinceMs = Math.max(0, now().getTime() - Date.parse(changedAt ?? now().toISOString()))
    const steps = intent.steps.map((step) => ({ ...step }))
    const step = (name: Step) => steps.find((one) => one.step === name)!
    if (step('swap').status !== 'done') {
      // its leader has just told the same, or did not live to tell
      if (workers.some((worker) => worker.epoch < epoch)) return
      if (sinceMs < LEADER_SILENT_MS) return
      Object.assign(step('swap'), { status: 'done', ...switchNote('workers_ready', { ready: workers.length, all: workers.length }) })
    }
    if (step('drain').status !== 'done') {
      const left = workers.reduce((sum, { draining }) => sum + draining, 0)
      const note = left === 0 ? switchNote('drained') : switchNote('draining', { batches: left })
      Object.assign(step('drain'), { status: left === 0 ? 'done' : 'running', ms: sinceMs, ...note })
    }
    const sums = sumCounts(db, epoch)
    const reason = judge(epoch, sums)
    const note = switchNote('watched', { requests: sums.requests, failed: sums.failures })
    Object.assign(step('probation'), { status: 'running', ms: sinceMs, ...note })
    if (reason !== null && !watched!.gaveUp) return takeItBack(intent, { epoch, reason, steps })
    const over = sinceMs >= WATCH_MS || (sinceMs >= WATCH_MS_MIN && sums.requests >= WATCH_REQUESTS)
    if (over && step('drain').status === 'done') {
      step('probation').status = watched!.gaveUp ? 'failed' : 'done'
      await endIntent(db, { id: intent.id, from: 'probation', to: 'settled', steps, now: now() })
    } else if (JSON.stringify(steps.map(withoutMs)) !== JSON.stringify(intent.steps.map(withoutMs))) {
      await saveSteps(db, { id: intent.id, status: 'probation', steps })
    }
  }

  /** Why it must go; null while nothing speaks against it. */
  const judge = (epoch: number, sums: Watched): SwitchNote | null => {
    const at = clock()
    if (watched?.epoch !== epoch) watched = { epoch, samples: [], gaveUp: false }
    const { samples } = watched
    samples.push({ at, sums })
    while (samples.length > 1 && at - samples[1].at >= RECENT_MS) samples.shift()
    const first = samples[0].sums
    const recent = {
      requests: sums.requests - first.requests,
      failures: sums.failures - first.failures,
      empty: sums.empty - first.empty,
      slow: sums.slow - first.slow,
    }
    return judgeProbation({ all: sums, recent, before: sumCounts(db, epoch - 1) })
  }

  const takeItBack = async (
    intent: Intent,
    { epoch, reason: verdict, steps }: { epoch: number; reason: SwitchNote; steps: ActivationStep[] },
  ) => {
    const { previous } = readState(db)
    const reason = verdict.note
    try {
      if (previous !== null) await prepare(previous)
      const failed = steps.map((one) => (one.step === 'probation' ? { ...one, status: 'failed' as const, ...verdict } : one))
      await takeBack(db, { intent, epoch, failure: { code: 'engine_failed', reason }, steps: failed, now: now() })
      report({ event: 'model.taken_back', version: intent.version, to: previous, reason })
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      if (['busy', 'version_conflict'].includes(error.code)) return
      // what it would go back to is worse: people must decide
      watched!.gaveUp = true
      report({ event: 'model.not_taken_back', version: intent.version, code: error.code, reason: `${reason}; ${error.message}` })
    }
  }

  return { tend, leads }
}

const withoutMs = ({ ms: _, ...step }: ActivationStep) => step
