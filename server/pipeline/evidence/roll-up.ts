/**
 * Figures of requests by minute: counted in memory, written in the background every few seconds. What was counted is written again and
 * again until its minute is over, so an attempt that failed is made up by the next. While the database is away the minutes wait; what
 * does not fit is counted. A process that lived through a minute without a request says so with a row of its own.
 */
import { DomainError } from '../../domain/error'
import { recordHitLatency, recordLatency } from '../../domain/latency-histogram'
import { isStream, type ServedRequest, wasShed } from '../../domain/served-request'
import { ALIVE, foldOldestHour, type MinuteStat, pruneMinuteStats, saveMinuteStats } from '../../store/minute-stat'
import type { Db } from '../../store/open'
import { writeTransaction } from '../../store/write-transaction'

export interface RollUpOptions {
  db: Db
  bootId: string
  flushMs?: number
  /** Minutes × routes × versions that wait while the database is away. */
  cellsMax?: number
  now?: () => Date
  /** An error that says our own rows are wrong, not that the database is away. */
  reportFailure: (error: unknown) => void
}

export interface RollUpStatus {
  waiting: number
  /** Requests whose figures were lost since the start of the process. */
  dropped: number
  /** Why the last attempt failed; null when it did not. */
  problem: string | null
}

interface Cell {
  stat: MinuteStat
  /** Requests of it that were written; -1: not even the row. */
  written: number
}

const FLUSH_MS = 5_000
const CELLS_MAX = 20_000
const WRITE_WAIT_MS = 500
/** A transaction is a few milliseconds; then the event loop gets its turn. */
const ROWS_PER_WRITE = 100
const MINUTE_MS = 60_000
const KEPT_MINUTES = 90 * 24 * 60
/** After so many minutes only hours are kept. */
export const FINE_MINUTES = 4 * 24 * 60
const TIDY_MS = 3_600_000
const FIRST_TIDY_MS = 120_000

export const minuteOf = (at: Date): number => Math.floor(at.getTime() / MINUTE_MS)

export class RollUp {
  readonly #options: Required<RollUpOptions>
  readonly #cells = new Map<string, Cell>()
  #timers: ReturnType<typeof setInterval>[] = []
  #flushing: Promise<void> | null = null
  #dropped = 0
  #problem: string | null = null

  constructor({ flushMs = FLUSH_MS, cellsMax = CELLS_MAX, now = () => new Date(), ...options }: RollUpOptions) {
    this.#options = { flushMs, cellsMax, now, ...options }
  }

  /** Begins to write, and once an hour to tidy up. */
  start(): void {
    if (this.#timers.length > 0) return
    this.#timers = [
      setInterval(() => void this.flush(), this.#options.flushMs),
      setInterval(() => void this.tidy(), TIDY_MS),
      // also where nothing runs for an hour
      setTimeout(() => void this.tidy(), FIRST_TIDY_MS),
    ]
    for (const timer of this.#timers) timer.unref()
  }

  /** Counts a request: no wait, no disk. */
  add(served: ServedRequest): void {
    if (isStream(served)) return
    const { stat } = this.#cell(minuteOf(this.#options.now()), served)
    stat.requests++
    if (served.status >= 500) stat.serverErrors++
    else if (served.status >= 400) stat.clientErrors++
    const shed = wasShed(served)
    if (shed) stat.shed++
    // what was turned away at the door was fast, but nobody was served
    else recordLatency(stat.latency, served.latencyMs)
    if (served.cache === 'hit') {
      stat.cacheHits++
      recordHitLatency(stat.latency, served.latencyMs)
    } else if (served.cache === 'miss' || served.cache === 'coalesced') stat.cacheMisses++
  }

  /** Writes what changed since the last time. Never throws. */
  flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = null
    })
    return this.#flushing
  }

  /** Forgets what is too old, and makes hours of minutes. Never throws; an hour a transaction. */
  async tidy(): Promise<void> {
    const { db, now, reportFailure } = this.#options
    const minute = minuteOf(now())
    try {
      await writeTransaction(db, (tx) => pruneMinuteStats(tx, { before: minute - KEPT_MINUTES }), { waitMs: WRITE_WAIT_MS })
      const before = Math.floor((minute - FINE_MINUTES) / 60) * 60
      for (let folded: number | null = 0; folded !== null; await new Promise(setImmediate)) {
        folded = await writeTransaction(db, (tx) => foldOldestHour(tx, { before }), { waitMs: WRITE_WAIT_MS })
      }
    } catch (error) {
      if (!(error instanceof DomainError)) reportFailure(error)
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
    await this.flush()
    await this.flush()
  }

  status(): RollUpStatus {
    return { waiting: this.#cells.size, dropped: this.#dropped, problem: this.#problem }
  }

  #cell(minute: number, of: Pick<ServedRequest, 'route' | 'activeVersion' | 'epoch' | 'configRevision'>): Cell {
    const key = `${minute}\n${of.route}\n${of.epoch}\n${of.configRevision}`
    const known = this.#cells.get(key)
    if (known !== undefined) return known
    if (this.#cells.size >= this.#options.cellsMax) this.#dropOldest()
    const stat = { ...emptyFigures(), minute, bootId: this.#options.bootId, route: of.route }
    const cell = {
      stat: { ...stat, version: of.activeVersion ?? '', epoch: of.epoch ?? 0, configRevision: of.configRevision ?? 0 },
      written: -1,
    }
    this.#cells.set(key, cell)
    return cell
  }

  /** A map gives its keys in the order in which they came. */
  #dropOldest(): void {
    for (const [key, { stat, written }] of this.#cells) {
      this.#cells.delete(key)
      this.#dropped += stat.requests - Math.max(written, 0)
      return
    }
  }

  async #write(): Promise<void> {
    const { db, now, reportFailure } = this.#options
    this.#cell(minuteOf(now()), { route: ALIVE, activeVersion: null, epoch: null, configRevision: null })
    const changed = [...this.#cells.values()].filter(({ stat, written }) => stat.requests !== written)
    for (let at = 0; at < changed.length; at += ROWS_PER_WRITE) {
      const cells = changed.slice(at, at + ROWS_PER_WRITE)
      let counts: number[] = []
      try {
        await writeTransaction(
          db,
          (tx) => {
            // in the same turn: a request that comes while another process holds the lock is in, or is not counted as written
            counts = cells.map(({ stat }) => stat.requests)
            saveMinuteStats(
              tx,
              cells.map(({ stat }) => stat),
            )
          },
          { waitMs: WRITE_WAIT_MS },
        )
      } catch (error) {
        this.#problem = error instanceof DomainError ? error.code : 'internal'
        if (!(error instanceof DomainError)) reportFailure(error)
        return
      }
      for (const [index, cell] of cells.entries()) cell.written = counts[index]
      await new Promise(setImmediate)
    }
    this.#problem = null
    this.#forgetWritten(minuteOf(now()))
  }

  #forgetWritten(minute: number): void {
    for (const [key, { stat, written }] of this.#cells) if (stat.minute < minute && stat.requests === written) this.#cells.delete(key)
  }
}

const emptyFigures = () => ({
  requests: 0,
  clientErrors: 0,
  serverErrors: 0,
  shed: 0,
  cacheHits: 0,
  cacheMisses: 0,
  latency: {} as Record<string, number>,
})
