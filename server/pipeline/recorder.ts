/**
 * Keeps what was served: the proposals, and how many requests had which values. A request only adds to a buffer in memory; a timer
 * writes it, in transactions small enough not to be felt. When the database is away or its disk is full, predictions go on and the
 * buffer holds what it can; what it cannot hold is counted, and health shows the count.
 */
import { limits } from '../contract/limits'
import type { Prediction } from '../contract/predict'
import type { ProblemCode } from '../contract/problem'
import { DomainError } from '../domain/error'
import { slotsOfRequest } from '../domain/marginals'
import { addDriftCounts, pruneDriftCounts } from '../store/drift-count'
import type { Db } from '../store/open'
import { insertProposals, pruneProposals, type StoredProposal } from '../store/proposal'
import { writeTransaction } from '../store/write-transaction'
import type { Model } from './model'
import { proposalRow } from './proposal'
import type { Query } from './query'
import { RecordBuffer, type Taken } from './record-buffer'

export interface RecorderOptions {
  db: Db
  flushMs?: number
  now?: () => Date
  proposalsMax?: number
  /** An error that says our own records are wrong, not that the database is away. */
  reportFailure: (error: unknown) => void
}

export interface RecorderStatus {
  /** Proposals that wait for the database. */
  buffered: number
  bufferedMax: number
  /** Lost since the start of the process. */
  dropped: { proposals: number; requests: number }
  /** When all that waited was written; null before the first time. */
  lastFlush: Date | null
  /** Why the last attempt failed; null when it did not. */
  problem: string | null
}

type Recorded = Pick<Model, 'version' | 'marginals'>
type Asked = Pick<Query, 'values' | 'warnings'>

/** An answer as it is kept, but for its number and its time. */
export interface Recordable {
  proposal: Omit<StoredProposal, 'id' | 'at'>
  version: string
  /** Where it counts, in a row of `size` slots; null where the version counts nothing. */
  counts: { slots: Uint32Array; size: number } | null
}

const FLUSH_MS = 1_000
/** Proposals of one transaction: some milliseconds, and the event loop gets its turn before the next. */
const PROPOSALS_PER_WRITE = 250
/** Counts of so many hours wait while the database is away. */
const HOURS_WAITING_MAX = 48
/** A transaction waits this long for another process; then the records wait for the next turn, ms. */
const WRITE_WAIT_MS = 500
const HOUR_MS = 3_600_000
const nothingUnseen: ReadonlySet<string> = new Set()

export const hourOf = (at: Date): number => Math.floor(at.getTime() / HOUR_MS)

export class Recorder {
  readonly #options: Required<RecorderOptions>
  readonly #buffer: RecordBuffer
  #timer: ReturnType<typeof setInterval> | null = null
  #flushing: Promise<ProblemCode | null> | null = null
  #lastFlush: Date | null = null
  #problem: ProblemCode | null = null

  constructor({ flushMs = FLUSH_MS, now = () => new Date(), proposalsMax = limits.proposalsBufferedMax, ...options }: RecorderOptions) {
    this.#options = { flushMs, now, proposalsMax, ...options }
    this.#buffer = new RecordBuffer({
      proposalsMax,
      charactersMax: limits.proposalsBufferedCharactersMax,
      hoursMax: HOURS_WAITING_MAX,
    })
  }

  /** Begins to write what is recorded, every second. */
  start(): void {
    this.#timer ??= setInterval(() => void this.flush(), this.#options.flushMs)
  }

  /** Keeps an answer: no wait, no disk. What comes back keeps the same answer once more, when it is given again. */
  record({ version, marginals }: Recorded, { values, warnings }: Asked, prediction: Prediction): Recordable {
    const { id, at: _at, ...proposal } = proposalRow(prediction, this.#options.now())
    const counts = marginals === null ? null : { slots: slotsOfRequest(marginals, values, unseenOf(warnings)), size: marginals.size }
    const recordable = { proposal, version, counts }
    this.recordAgain(recordable, id)
    return recordable
  }

  /** Keeps an answer that was made before, under another number. */
  recordAgain({ proposal, version, counts }: Recordable, id: string): void {
    const at = this.#options.now()
    this.#buffer.addProposal(proposal, { id, at: at.getTime() })
    if (counts !== null) this.#buffer.count({ version, hour: hourOf(at) }, counts)
  }

  /** Writes what waits. Never throws: what could not be written waits for the next time, and the reason is told. */
  flush(): Promise<ProblemCode | null> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = null
    })
    return this.#flushing
  }

  /** Writes a last time; what cannot be written now is lost, and counted. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.flush()
    // a flush that was under way may have begun before the last records came
    await this.flush()
    if (this.#buffer.isEmpty) return
    this.#buffer.drop(this.#buffer.take(Number.POSITIVE_INFINITY))
    const { proposals, requests } = this.#buffer.dropped
    const what = `${proposals} proposals and the counts of ${requests} requests were lost`
    this.#options.reportFailure(new DomainError('database_unavailable', `at the end the database could not be written: ${what}`))
  }

  status(): RecorderStatus {
    return {
      buffered: this.#buffer.size,
      bufferedMax: this.#options.proposalsMax,
      dropped: this.#buffer.dropped,
      lastFlush: this.#lastFlush,
      problem: this.#problem,
    }
  }

  async #write(): Promise<ProblemCode | null> {
    // what comes meanwhile waits for the next turn: a batch must not make a transaction of every few lines
    const rounds = Math.max(1, Math.ceil(this.#buffer.size / PROPOSALS_PER_WRITE))
    for (let round = 0; round < rounds && !this.#buffer.isEmpty; round++) {
      const taken = this.#buffer.take(PROPOSALS_PER_WRITE)
      try {
        await this.#writeOne(taken)
      } catch (error) {
        this.#problem = error instanceof DomainError ? error.code : 'internal'
        if (error instanceof DomainError) this.#buffer.putBack(taken)
        else {
          // it would fail for ever and keep all others from being written
          this.#buffer.drop(taken)
          this.#options.reportFailure(error)
        }
        return this.#problem
      }
      await new Promise(setImmediate)
    }
    this.#problem = null
    this.#lastFlush = this.#options.now()
    return null
  }

  #writeOne({ proposals, hours }: Taken): Promise<void> {
    const { db, now } = this.#options
    const act = (tx: Parameters<Parameters<typeof writeTransaction>[1]>[0]) => {
      insertProposals(tx, proposals)
      pruneProposals(tx, limits.proposalsKeptMax)
      for (const hour of hours) addDriftCounts(tx, hour)
      pruneDriftCounts(tx, { before: hourOf(now()) - limits.driftHoursMax })
    }
    return writeTransaction(db, act, { waitMs: WRITE_WAIT_MS })
  }
}

/** Attributes whose value the version's vocabulary does not have. */
function unseenOf(warnings: Query['warnings']): ReadonlySet<string> {
  const unseen = warnings.filter(({ code }) => code === 'unseen_value').map(({ attribute }) => attribute)
  return unseen.length === 0 ? nothingUnseen : new Set(unseen)
}
