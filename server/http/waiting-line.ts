/** A line whose head is started once a turn of the event loop, so that everything else has its turn in between. */

export interface Waiting {
  asker: string | null
  start: () => void
  /** Called in place of `start` when the time is over. */
  expire: () => void
  /** Called in place of `start` when another takes its place. */
  displace: () => void
  /** Null for a part of something long: it waits as long as it must, and takes a turn of its own. */
  deadlineAt: number | null
}

/** Starts share a turn up to so much work: at least, for those that take next to nothing, and at most, so that nothing else waits long. */
const turnMsMin = 1
const turnMsMax = 8
/** A turn may take so many times what everything else took since the last: a flood of refusals must not starve what was let in. */
const shareOfTurns = 3
const smoothing = 0.05

export class WaitingLine {
  readonly #now: () => number
  readonly #line = new Set<Waiting>()
  #turning = false
  #turnAt = 0
  #endedAt = 0
  /** Started in the last turn. */
  #started = 0
  #serviceMs = 1

  constructor(now: () => number) {
    this.#now = now
  }

  get size(): number {
    return this.#line.size
  }
  /** Moving mean of what one takes, reading, writing and logging included, ms. */
  get serviceMs(): number {
    return this.#serviceMs
  }

  /** True when nobody waits and nothing was started in this turn: who asks may start at once. */
  takeFreeTurn(): boolean {
    if (this.#turning) return false
    this.#begin()
    return true
  }

  add(waiting: Waiting): void {
    this.#line.add(waiting)
    if (!this.#turning) this.#begin()
  }

  /** False when it does not wait any more. */
  remove(waiting: Waiting): boolean {
    return this.#line.delete(waiting)
  }

  /** The last in the line of those that `test` finds; null for none. */
  findLast(test: (waiting: Waiting) => boolean): Waiting | null {
    let last: Waiting | null = null
    for (const waiting of this.#line) if (test(waiting)) last = waiting
    return last
  }

  #begin(): void {
    this.#turning = true
    this.#started = 0
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    const startedAt = this.#now()
    if (this.#started > 0) this.#serviceMs += smoothing * ((startedAt - this.#turnAt) / this.#started - this.#serviceMs)
    const budgetMs = Math.min(turnMsMax, Math.max(turnMsMin, this.#started > 0 ? shareOfTurns * (startedAt - this.#endedAt) : 0))
    this.#turnAt = startedAt
    this.#started = 0
    for (const waiting of this.#line) {
      this.#line.delete(waiting)
      if (waiting.deadlineAt !== null && startedAt > waiting.deadlineAt) {
        waiting.expire()
        continue
      }
      this.#started++
      waiting.start()
      if (waiting.deadlineAt === null || this.#now() - startedAt >= budgetMs) break
    }
    this.#endedAt = this.#now()
    this.#turning = this.#started > 0
    if (this.#turning) setImmediate(this.#turn)
  }
}
