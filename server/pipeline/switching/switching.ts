/** Everything a serving process does about versions besides answering: follows the registry, takes part in switches, watches, tidies up. */
import type { Activated, ActivateRequest } from '../../contract/activation'
import type { Actor } from '../../domain/actor'
import { DomainError } from '../../domain/error'
import { listIntents } from '../../store/activation-intent'
import { annotateVersion, readState } from '../../store/model-version'
import type { Db } from '../../store/open'
import { readServingTarget } from '../../store/serving-target'
import { listWorkers } from '../../store/worker-state'
import { createAnswerCounts } from './answer-counts'
import { switchVersion } from './coordinate'
import { deleteVersion, sweepDeleted } from './delete-version'
import { Member, type MemberModel } from './member'
import { readMemory } from './memory'
import { type RehashEvent, rehashActive } from './rehash'
import { createTender, type TenderEvent } from './tender'

export type SwitchingEvent =
  | TenderEvent
  | RehashEvent
  | { event: 'model.evicted'; availableBytes: number }
  | { event: 'version.files_removed'; version: string }

export interface SwitchingOptions {
  db: Db
  modelsDirectory: string
  bootId: string
  worker: number
  /** Asked only after `start`: it is made with `readTarget` of this. */
  holder: () => MemberModel & { dropPrevious: () => boolean }
  configRevision: () => number
  isStopping: () => boolean
  report: (event: SwitchingEvent) => void
  reportFailure: (error: unknown) => void
}

const ROUND_MS = 1_000
/** Less than this share of the memory left, and the version to go back to is given up. */
const MEMORY_LEFT_MIN = 0.05
const SWEEP_ROUNDS = 3_600
const HOUR_MS = 3_600_000

export function createSwitching({ db, modelsDirectory, bootId, holder, report, reportFailure, ...options }: SwitchingOptions) {
  const model: MemberModel = {
    status: () => holder().status(),
    prepare: (version) => holder().prepare(version),
    unprepare: () => holder().unprepare(),
  }
  const member = new Member({ db, bootId, model, reportFailure, ...options })
  const counts = createAnswerCounts({ db, bootId })
  const tender = createTender({ db, bootId, prepare: model.prepare, report })
  const life: {
    timer: Timer | null
    hourly: Timer | null
    round: Promise<void> | null
    rehash: Promise<void> | null
    rounds: number
    stopped: boolean
  } = {
    timer: null,
    hourly: null,
    round: null,
    rehash: null,
    rounds: 0,
    stopped: false,
  }

  const round = async (): Promise<void> => {
    const { available, total } = readMemory()
    if (available < MEMORY_LEFT_MIN * total && holder().dropPrevious()) report({ event: 'model.evicted', availableBytes: available })
    await counts.flush()
    await tender.tend()
    if (life.rounds++ % SWEEP_ROUNDS === 0) {
      for (const version of await sweepDeleted(db, modelsDirectory)) report({ event: 'version.files_removed', version })
    }
  }
  /** Takes as long as it takes to read all files; the rounds go on meanwhile. */
  const rehash = async (): Promise<void> => {
    if (tender.leads()) await rehashActive({ db, modelsDirectory, prepare: model.prepare, report, now: new Date() })
  }
  /** What the database has against it is health's business; the next round makes up for it. */
  const quietly = (error: unknown) => {
    // what was being read when the process stopped finds the database closed
    if (!(error instanceof DomainError) && !life.stopped) reportFailure(error)
  }
  const lead = (order: ActivateRequest & { version: string; kind: 'activate' | 'rollback' }, actor: Actor): Promise<Activated> =>
    switchVersion({ db, modelsDirectory, coordinator: bootId }, { ...order, ...asker(actor) })

  return {
    /** Reads the registry for the holder, and tells the member of switches on their way. */
    readTarget: () => {
      const target = readServingTarget(db)
      member.see(target.intent)
      return target
    },
    noteAnswer: counts.noteAnswer,
    watch: counts.watch,
    /** What serves has changed: the others are told at once. */
    changed: () => void member.sign(),
    start: async (): Promise<void> => {
      await member.start()
      life.hourly = setInterval(() => {
        life.rehash ??= rehash()
          .catch(quietly)
          .finally(() => {
            life.rehash = null
          })
      }, HOUR_MS)
      life.timer = setInterval(() => {
        life.round ??= round()
          .catch(quietly)
          .finally(() => {
            life.round = null
          })
      }, ROUND_MS)
    },
    stop: async (): Promise<void> => {
      life.stopped = true
      if (life.timer) clearInterval(life.timer)
      if (life.hourly) clearInterval(life.hourly)
      await life.round
      await member.stop()
    },
    services: {
      activateModel: (version: string, order: ActivateRequest, actor: Actor) => lead({ ...order, version, kind: 'activate' }, actor),
      rollbackModel: async (order: ActivateRequest, actor: Actor) => {
        const { previous } = readState(db)
        if (previous === null) throw new DomainError('not_found', 'there is no previous version to go back to')
        return lead({ ...order, version: previous, kind: 'rollback' }, actor)
      },
      annotateModel: (version: string, notes: string, actor: Actor) =>
        annotateVersion(db, { version, notes, ...asker(actor), now: new Date() }),
      deleteModel: (version: string, actor: Actor) => deleteVersion(db, modelsDirectory, { version, ...asker(actor) }),
      listSwitches: () => ({ intents: listIntents(db) }),
      listWorkers: () => ({ workers: listWorkers(db, new Date()) }),
    },
  }
}
export type Switching = ReturnType<typeof createSwitching>

const asker = ({ name, requestId }: Actor) => ({ who: name, requestId: requestId ?? undefined })
