/**
 * One switch of versions across all workers: every byte is read, every worker opens the version and asks its golden queries, then
 * the epoch is compared and set, and the answer comes when every worker serves the new one. Whoever calls leads; it serves nothing itself.
 */
import type { Activated, ActivateRequest } from '../../contract/activation'
import { type ProblemCode, problemCodes } from '../../contract/problem'
import type { ModelState } from '../../contract/version'
import { DomainError } from '../../domain/error'
import { type SwitchNote, switchNote } from '../../domain/switch-note'
import {
  commitIntent,
  endIntent,
  getIntent,
  type Intent,
  listAnswers,
  openIntent,
  publicIntent,
  saveSteps,
} from '../../store/activation-intent'
import { failVersion, getVersion, readState } from '../../store/model-version'
import type { Db } from '../../store/open'
import { type LivingWorker, livingWorkers } from '../../store/worker-state'
import { gateActivation, passed } from '../activation-gate'
import { checkOrder, failureOf, isTransient, verifyVersion } from '../registry'
import { readMemory } from './memory'
import { type Progress, trackProgress } from './progress'

export interface CoordinatorOptions {
  db: Db
  modelsDirectory: string
  /** Boot id of this process, or `cli:` and something of its own. */
  coordinator: string
  now?: () => Date
  /** Monotonic milliseconds. */
  clock?: () => number
  /** Bytes that may still be taken. */
  memoryAvailable?: () => number
}

export interface SwitchOrder extends ActivateRequest {
  version: string
  kind: 'activate' | 'rollback'
  who: string
  requestId?: string
}

const POLL_MS = 10
/** Opening a version takes seconds; one that takes so long will not come. */
const PREPARE_MS_MAX = 300_000
/** After the commit a worker needs one look at the registry; one that needs so long is told about. */
const SWAP_MS_MAX = 10_000
/** Room that must be left beside the files themselves. */
const MEMORY_FACTOR = 1.2

/**
 * Switches and returns when every living worker serves the version. A version that does not pass its checks is marked `failed`.
 * Throws as `activate`, and `memory_short`, `busy` (a worker cannot take part now), `deadline_exceeded`.
 */
export async function switchVersion(options: CoordinatorOptions, order: SwitchOrder): Promise<Activated> {
  const { db, coordinator, now = () => new Date(), clock = () => performance.now() } = options
  const { version, kind, who, why } = order
  const { epoch } = checkOrder(db, order)
  const intent = await openIntent(db, { version, kind, ifEpoch: epoch, who, why, coordinator, now: now() })
  const progress = trackProgress({ db, intent, clock })
  let committed: { state: ModelState; warning: string | null }
  try {
    committed = await prepareAndCommit(options, order, { intent, progress })
  } catch (error) {
    const failure = failureOf(error)
    const broken = !isTransient(failure.code) && !refusedAlone.includes(failure.code)
    await endIntent(db, {
      id: intent.id,
      from: 'preparing',
      to: broken ? 'failed' : 'aborted',
      steps: progress.fail(failure.reason),
      failure,
      now: now(),
    })
    if (broken) await failVersion(db, { version, ...failure, who, now: now() })
    throw error
  } finally {
    progress.stop()
  }
  const late = await untilAllServe(options, { epoch: committed.state.epoch, progress })
  await saveSteps(db, { id: intent.id, status: 'probation', steps: progress.steps() })
  const warning = [committed.warning, late].filter((text) => text !== null).join('; ')
  return { state: readState(db), intent: publicIntent(getIntent(db, intent.id)!), warning: warning === '' ? null : warning }
}

/** Refusals that say nothing against the version's files. */
const refusedAlone: ProblemCode[] = ['quality_worse', 'bad_request']

async function prepareAndCommit(
  { db, modelsDirectory, now = () => new Date(), memoryAvailable = () => readMemory().available, ...options }: CoordinatorOptions,
  { version, kind, who: _, why, force = false, requestId }: SwitchOrder,
  { intent, progress }: { intent: Intent; progress: Progress },
): Promise<{ state: ModelState; warning: string | null }> {
  await progress.begin('verify')
  const workers = serving(db, now())
  const resident = workers.length > 0 && workers.every(({ mapped }) => mapped.includes(version))
  if (!resident) checkMemory(getVersion(db, version).bytes, memoryAvailable())
  // what every worker has open was read when it was opened; a file that was touched since is read again
  const { hashedBytes } = await verifyVersion(db, modelsDirectory, { version, now: now(), trustStamps: resident })
  progress.finish('verify', hashedBytes > 0 ? switchNote('files_read', { bytes: hashedBytes }) : switchNote('files_unchanged'))

  await progress.begin('prepare')
  await untilAllPrepared({ db, now, clock: options.clock ?? (() => performance.now()) }, { intent, progress })
  progress.finish('prepare')

  await progress.begin('gate')
  const { active } = readState(db)
  // going back to what served before is a way out of trouble: nobody is asked for figures then
  const gate = kind === 'activate' ? await gateActivation(db, modelsDirectory, { version, active, force }) : passed
  if (kind === 'activate') progress.finish('gate', switchNote(gate.code, {}, gate.warning ?? undefined))
  else progress.skip('gate', switchNote('going_back'))

  await progress.begin('commit')
  progress.finish('commit', switchNote('epoch', { epoch: intent.ifEpoch + 1 }))
  const reason = [why, gate.note].filter((text) => text !== '').join(' ')
  const state = await commitIntent(db, { intent, why: reason, steps: progress.steps(), now: now(), requestId })
  return { state, warning: gate.warning }
}

/** Returns when every living worker has the version open. Throws what a worker says against it, `busy` when none is left. */
async function untilAllPrepared(
  { db, now, clock }: { db: Db; now: () => Date; clock: () => number },
  { intent, progress }: { intent: Intent; progress: Progress },
): Promise<void> {
  const deadline = clock() + PREPARE_MS_MAX
  for (;;) {
    const workers = serving(db, now())
    const answers = new Map(listAnswers(db, intent.id).map((answer) => [answer.bootId, answer]))
    const refused = workers.find(({ bootId }) => answers.get(bootId)?.prepared === false)
    if (refused) {
      const { failureCode, failureReason } = answers.get(refused.bootId)!
      const code = failureCode !== null && failureCode in problemCodes ? (failureCode as ProblemCode) : 'engine_failed'
      throw new DomainError(code, failureReason ?? 'a worker could not open the version')
    }
    const ready = workers.filter(({ bootId }) => answers.has(bootId)).length
    await progress.note('prepare', switchNote('workers_ready', { ready, all: workers.length }))
    if (workers.length > 0 && ready === workers.length) return
    if (workers.length === 0) throw new DomainError('busy', 'no serving process is left to prepare the version')
    if (clock() > deadline) throw new DomainError('deadline_exceeded', 'a worker did not open the version in time')
    await Bun.sleep(POLL_MS)
  }
}

/** Returns when every living worker serves the epoch, with what is to be said of those that do not. */
async function untilAllServe(
  { db, now = () => new Date(), clock = () => performance.now() }: CoordinatorOptions,
  { epoch, progress }: { epoch: number; progress: Progress },
): Promise<string | null> {
  const startedAt = clock()
  const end = (note: SwitchNote, late: string | null) => {
    progress.ended('swap', clock() - startedAt, note)
    return late
  }
  for (;;) {
    const workers = serving(db, now())
    const behind = workers.filter((worker) => worker.epoch < epoch)
    if (behind.length === 0) return end(switchNote('workers_ready', { ready: workers.length, all: workers.length }), null)
    if (clock() - startedAt > SWAP_MS_MAX) {
      const late = switchNote('workers_late', { behind: behind.length, all: workers.length })
      return end(late, late.note)
    }
    await Bun.sleep(POLL_MS)
  }
}

const serving = (db: Db, now: Date): LivingWorker[] => livingWorkers(db, now).filter(({ stopping }) => !stopping)

function checkMemory(bytes: number, available: number): void {
  const needed = Math.ceil(MEMORY_FACTOR * bytes)
  if (available >= needed) return
  const megabytes = (value: number) => `${(value / 1e6).toFixed(1)} MB`
  throw new DomainError('memory_short', `the version needs ${megabytes(needed)} of memory, ${megabytes(available)} are left`, {
    details: [{ path: 'memory', message: `${needed} bytes needed, ${available} available` }],
  })
}
