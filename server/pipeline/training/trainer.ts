/** The second service: takes orders one at a time and orders what the schedule says. Serves nothing; the gateway never starts it. */
import { hostname } from 'node:os'
import { type JobProgress, type TrainingJob, trainerDeadMs } from '../../contract/training-job'
import { DomainError } from '../../domain/error'
import { annotateVersion } from '../../store/model-version'
import type { Db } from '../../store/open'
import { noteTrainer } from '../../store/trainer-state'
import { closeOrphans, endJob, reportJob, requeueJob, takeJob } from '../../store/training-job'
import { enqueueDue, listSchedules } from '../../store/training-schedule'
import { openJobLog } from './job-log'
import { type JobOutcome, runJob } from './run-job'
import { lastDue } from './schedule'

export interface TrainerInput {
  db: Db
  modelsDirectory: string
  databasePath: string
  logsDirectory: string
  sources: readonly string[]
  program: readonly string[]
  /** Ends when the queue is empty instead of waiting for more. */
  once?: boolean
  /** Aborted: the running job is stopped and put back, and the service ends. */
  signal: AbortSignal
  report: (event: { event: string } & Record<string, unknown>) => void
  now?: () => Date
}

const tickMs = 1_000
/** Another training holds the lock: the job waits for so long. */
const lockedMs = 10_000

/** Runs until the signal, or with `once` until nothing waits. A database that cannot be written for a while is waited for. */
export async function runTrainer(input: TrainerInput): Promise<void> {
  const { db, once = false, signal, report, now = () => new Date() } = input
  const self = { pid: process.pid, host: hostname(), startedAt: now().getTime() }
  const sign = () => noteTrainer(db, { ...self, seenAt: now().getTime() })
  for (let lockedUntil = 0; !signal.aborted; ) {
    const worked = await waiting(report, async () => {
      await sign()
      await closeOrphans(db, { seenBefore: now().getTime() - trainerDeadMs, now: now() })
      for (const schedule of listSchedules(db)) {
        if (!schedule.enabled) continue
        const due = lastDue(schedule.cron, new Date(schedule.lastEnqueuedAt ?? schedule.createdAt), now())
        if (due) await enqueueDue(db, { name: schedule.name, due: due.getTime(), now: now() })
      }
      if (now().getTime() < lockedUntil) return false
      const job = await takeJob(db, { pid: process.pid, now: now() })
      if (job === null) return false
      report({ event: 'job.started', job: job.id, kind: job.request.kind })
      const outcome = await workOn(job, input, { sign, now })
      report({ event: 'job.ended', job: job.id, status: outcome.status })
      if (outcome.status === 'locked') lockedUntil = now().getTime() + lockedMs
      return true
    })
    if (worked) continue
    if (once && lockedUntil <= now().getTime()) return
    await pause(tickMs, signal)
  }
}

/** Problems of the moment (a locked or full database) are told and waited out. */
async function waiting(report: TrainerInput['report'], act: () => Promise<boolean>): Promise<boolean> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    report({ event: 'trainer.waits', code: error.code, message: error.message })
    return false
  }
}

interface Clockwork {
  sign: () => Promise<void>
  now: () => Date
}

/** Runs one job to its end, tells how far it is each second and stops it when that is wanted. */
async function workOn(job: TrainingJob, input: TrainerInput, { sign, now }: Clockwork): Promise<JobOutcome> {
  const { db, signal, report } = input
  const log = openJobLog(input.logsDirectory, job.id)
  const cancel = new AbortController()
  const onStop = () => cancel.abort('stopping')
  signal.addEventListener('abort', onStop, { once: true })
  let progress: JobProgress | null = null
  const watch = setInterval(() => {
    void waiting(report, async () => {
      await sign()
      if (await reportJob(db, { id: job.id, progress, now: now() })) cancel.abort('cancelled')
      return true
    })
  }, tickMs)
  const onProgress = (next: JobProgress) => {
    progress = next
  }
  try {
    const outcome = await runJob({ ...input, request: job.request, log, onProgress, signal: cancel.signal }).catch(toOutcome)
    if (outcome.status === 'locked' || cancel.signal.reason === 'stopping') await requeueJob(db, { id: job.id })
    else await patiently(() => endJob(db, { id: job.id, end: outcome, now: now() }))
    const { request, requestedBy } = job
    if (outcome.status === 'done' && outcome.version !== null && request.kind === 'train' && request.notes !== undefined) {
      await annotateVersion(db, { version: outcome.version, notes: request.notes, who: requestedBy, now: now() })
    }
    return outcome
  } finally {
    clearInterval(watch)
    signal.removeEventListener('abort', onStop)
    log.close()
  }
}

function toOutcome(error: unknown): JobOutcome {
  if (error instanceof DomainError) return { status: 'failed', code: error.code, reason: error.message }
  throw error
}

/** How a training ended is worth waiting for: an hour's work stands behind it. */
async function patiently(act: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof DomainError) || attempt === 30) throw error
      await Bun.sleep(tickMs)
    }
  }
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', () => [clearTimeout(timer), done()], { once: true })
  })
