/** Requests slower than the configuration allows, with their stages: a line each in a file of their own, and the newest in the database. */
import { DomainError } from '../../domain/error'
import { isStream, type ServedRequest } from '../../domain/served-request'
import type { Db } from '../../store/open'
import { insertSlowRequests, type SlowRow } from '../../store/slow-request'
import { writeTransaction } from '../../store/write-transaction'

export interface SlowLogOptions {
  db: Db
  /** Of the configuration of this moment, ms. */
  slowMs: () => number
  /** Worker, loop lag, requests under way: figures of the process at this moment. */
  surroundings: () => Record<string, number>
  write: (line: { event: string; level: 'warning' } & Record<string, unknown>) => void
  now?: () => Date
  flushMs?: number
  reportFailure: (error: unknown) => void
}

const FLUSH_MS = 1_000
/** One a second and route: a server that is slow everywhere must not be made slower by telling it. */
const EVERY_MS = 1_000
const KEPT = 2_000
const WAITING_MAX = 500
const WRITE_WAIT_MS = 200

export class SlowLog {
  readonly #options: Required<SlowLogOptions>
  readonly #lastAt = new Map<string, number>()
  #waiting: SlowRow[] = []
  #skipped = 0
  #timer: ReturnType<typeof setInterval> | null = null

  constructor({ now = () => new Date(), flushMs = FLUSH_MS, ...options }: SlowLogOptions) {
    this.#options = { now, flushMs, ...options }
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.flush(), this.#options.flushMs)
    this.#timer.unref()
  }

  /** Looks at a request; keeps it when it was slow and its route was not told of within the last second. */
  add(served: ServedRequest): void {
    const thresholdMs = this.#options.slowMs()
    if (served.latencyMs < thresholdMs || isStream(served)) return
    const at = this.#options.now().getTime()
    const last = this.#lastAt.get(served.route)
    if (last !== undefined && at - last >= 0 && at - last < EVERY_MS) {
      this.#skipped++
      return
    }
    this.#lastAt.set(served.route, at)
    const row = rowOf(served, { at, thresholdMs, surroundings: this.#options.surroundings(), skipped: this.#skipped })
    this.#skipped = 0
    this.#waiting.push(row)
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift()
    const { at: _, ...line } = row
    this.#options.write({ event: 'http.slow', level: 'warning', ...line })
  }

  /** Writes what waits; what the database does not take now waits on. Never throws. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return
    const rows = this.#waiting
    this.#waiting = []
    try {
      await writeTransaction(this.#options.db, (tx) => insertSlowRequests(tx, rows, { keep: KEPT }), { waitMs: WRITE_WAIT_MS })
    } catch (error) {
      if (error instanceof DomainError) this.#waiting = [...rows, ...this.#waiting].slice(-WAITING_MAX)
      else this.#options.reportFailure(error)
    }
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.flush()
  }
}

interface Circumstances {
  at: number
  thresholdMs: number
  surroundings: Record<string, number>
  skipped: number
}

function rowOf(served: ServedRequest, { at, thresholdMs, surroundings, skipped }: Circumstances): SlowRow {
  const { requestId, route, status, latencyMs, stages, activeVersion, epoch, configRevision } = served
  const details: Record<string, string | number> = { method: served.method, ...surroundings }
  if (served.efSearch !== null) details.efSearch = served.efSearch
  if (served.k !== null) details.k = served.k
  if (served.cache !== null) details.cache = served.cache
  if (served.bytesIn !== null) details.bytesIn = served.bytesIn
  if (served.bytesOut !== null) details.bytesOut = served.bytesOut
  if (served.problem !== null) details.problem = served.problem
  if (skipped > 0) details.skippedBefore = skipped
  return { at, requestId, route, status, latencyMs, thresholdMs, version: activeVersion, epoch, configRevision, stages, details }
}
