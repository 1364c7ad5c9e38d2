/**
 * Who is answered when more is asked than can be calculated. Predictions are calculated on the one JavaScript thread, about a
 * millisecond each: they wait in one short line and are taken one at a time, with a turn of the event loop in between, so that health,
 * log-in and administration are answered meanwhile. What the line cannot take in time is refused at the door, before anything is spent
 * on it.
 */
import { limits } from '../contract/limits'
import { DomainError } from '../domain/error'
import { refusal } from './refusal'
import { notesOf } from './request-notes'
import { pathOf } from './request-path'
import { type Waiting, WaitingLine } from './waiting-line'

/** POST requests to these are calculated; all others pass. */
export const calculatedPaths = [
  '/api/v1/predict',
  '/api/v1/predict/batch',
  '/api/v1/predict/counterfactual',
  '/api/v1/similar',
  '/api/v1/search',
  '/api/v1/groups/recommendations',
] as const

export interface AdmissionOptions {
  paths?: readonly string[]
  waitingMax?: number
  waitingPerAskerMax?: number
  longMax?: number
  deadlineMs?: number
  /** Told of each request that is refused at the door: nobody else sees it. */
  onRefused?: (request: Request, answer: Response) => void
  /** Monotonic milliseconds. */
  now?: () => number
}

export interface AdmissionStatus {
  waiting: number
  /** Let in and not yet in the line: their bodies and rights are being read. */
  arriving: number
  /** Askers with a request under way. */
  askers: number
  /** Batches and searches under way. */
  long: number
  /** Moving mean of what one request takes, ms. */
  serviceMs: number
  /** Since the start of the process: refused because the line was full, the wait too long, or the asker had its share while others wait. */
  shed: { full: number; slow: number; asker: number }
  /** Waited longer than the deadline, and were not calculated. */
  expired: number
  /** Their clients went away while they waited. */
  abandoned: number
}

interface Ticket {
  asker: string | null
  /** Requests whose bodies drip stop counting as arriving after two generations. */
  generation: number
  arriving: boolean
  /** How its turn ended, where it failed: said again to whoever asks again for the same request. */
  failure: unknown
}

const generationMs = 100
const tooMuch = 'too much is asked at this moment; ask again in a second'

export class Admission {
  /** Milliseconds that a request has, its wait in the line included. */
  readonly deadlineMs: number
  readonly #options: Required<Omit<AdmissionOptions, 'paths'>>
  readonly #paths: ReadonlySet<string>
  readonly #line: WaitingLine
  readonly #tickets = new WeakMap<Request, Ticket>()
  readonly #askers = new Map<string, number>()
  /** By generation: this one and the one before. */
  #arriving = [0, 0]
  #generation = 0
  #generationAt = 0
  #long = 0
  #shed = { full: 0, slow: 0, asker: 0 }
  #expired = 0
  #abandoned = 0

  constructor({ paths = calculatedPaths, ...options }: AdmissionOptions = {}) {
    this.#paths = new Set(paths)
    this.#options = {
      waitingMax: limits.waitingMax,
      waitingPerAskerMax: limits.waitingPerAskerMax,
      longMax: limits.longRequestsMax,
      deadlineMs: limits.requestDeadlineMs,
      onRefused: () => {},
      now: () => performance.now(),
      ...options,
    }
    this.deadlineMs = this.#options.deadlineMs
    this.#line = new WaitingLine(this.#options.now)
  }

  /** The door: refuses with 503 at once, or hands the request on. */
  admit(request: Request, handle: (request: Request) => Response | Promise<Response>): Response | Promise<Response> {
    if (request.method !== 'POST' || !this.#paths.has(pathOf(request))) return handle(request)
    // Not checked yet: who lies about it gets a share of the line and no answer.
    const asker = request.headers.get('authorization') ?? request.headers.get('cookie')
    const reason = this.#reasonToRefuse(asker)
    if (reason !== null) {
      this.#shed[reason]++
      const answer = refusal(request, 'overloaded', tooMuch)
      this.#options.onRefused(request, answer)
      return answer
    }
    const ticket = this.#enter(request, asker)
    const answer = handle(request)
    if (answer instanceof Promise) return answer.finally(() => this.#leave(ticket))
    this.#leave(ticket)
    return answer
  }

  /**
   * Calculates in the request's turn. Throws `overloaded` (the line is full), rejects with `deadline_exceeded` (waited too long, or
   * the client went away: nothing was calculated), and with what `work` throws. A request has one turn: what it failed with is thrown
   * again, whatever the work is. The work is told how many milliseconds of the deadline are left.
   */
  run<T>(request: Request, work: (timeoutMs: number) => T | Promise<T>): T | Promise<T> {
    const ticket = this.#tickets.get(request)
    if (ticket === undefined) return this.#run(request, null, work)
    if (ticket.failure !== undefined) throw ticket.failure
    const failed = (error: unknown): never => {
      ticket.failure = error
      throw error
    }
    this.#endArrival(ticket)
    try {
      const done = this.#run(request, ticket.asker, work)
      return done instanceof Promise ? done.catch(failed) : done
    } catch (error) {
      return failed(error)
    }
  }

  #run<T>(request: Request, asker: string | null, work: (timeoutMs: number) => T | Promise<T>): T | Promise<T> {
    if (this.#line.takeFreeTurn()) return work(this.#options.deadlineMs)
    if (this.#line.size >= this.#options.waitingMax && !this.#makeRoom(asker)) {
      this.#shed.full++
      throw new DomainError('overloaded', tooMuch)
    }
    const { now, deadlineMs } = this.#options
    const cameAt = now()
    return new Promise((resolve, reject) => {
      const act = () => {
        const waited = now() - cameAt
        notesOf(request).stages.queue = waited
        resolve(work(Math.max(1, Math.ceil(deadlineMs - waited))))
      }
      this.#wait(request, asker, act, reject)
    })
  }

  /** Lets a batch or a search in; `close` gives its place back and may be called more than once. Throws `overloaded`. */
  openLong(request: Request): { close: () => void } {
    const ticket = this.#tickets.get(request)
    if (ticket !== undefined) this.#endArrival(ticket)
    if (this.#long >= this.#options.longMax) {
      this.#shed.full++
      throw new DomainError('overloaded', 'too many batches are under way; ask again when one has ended')
    }
    this.#long++
    let open = true
    return {
      close: () => {
        if (open) this.#long--
        open = false
      },
    }
  }

  /** A search in many parts: `work` awaits its `turn` before each but the first, and is told its milliseconds. Throws `overloaded`. */
  async long<T>(request: Request, work: (turn: () => Promise<void>, timeoutMs: number) => Promise<T>): Promise<T> {
    const place = this.openLong(request)
    try {
      await this.turn()
      return await work(() => this.turn(), this.deadlineMs)
    } finally {
      place.close()
    }
  }

  /** The next turn for a part of something long: what is done before the next `await` is that part. It stands in line like a request. */
  turn(): Promise<void> {
    return new Promise((resolve) => this.#line.add({ asker: null, start: resolve, expire: resolve, displace: resolve, deadlineAt: null }))
  }

  /** Half of the line is taken: nothing should be spent on a request before the door was asked. */
  isCrowded(): boolean {
    this.#turnGeneration()
    return 2 * (this.#line.size + this.#arriving[0] + this.#arriving[1]) >= this.#options.waitingMax
  }

  status(): AdmissionStatus {
    this.#turnGeneration()
    return {
      waiting: this.#line.size,
      arriving: this.#arriving[0] + this.#arriving[1],
      askers: this.#askers.size,
      long: this.#long,
      serviceMs: this.#line.serviceMs,
      shed: { ...this.#shed },
      expired: this.#expired,
      abandoned: this.#abandoned,
    }
  }

  #wait({ signal }: Request, asker: string | null, act: () => void, reject: (error: unknown) => void): void {
    const waiting: Waiting = {
      asker,
      start: () => {
        signal.removeEventListener('abort', leave)
        try {
          act()
        } catch (error) {
          reject(error)
        }
      },
      expire: () => {
        this.#expired++
        reject(new DomainError('deadline_exceeded', 'the request waited too long for its turn; ask again'))
      },
      displace: () => reject(new DomainError('overloaded', tooMuch)),
      deadlineAt: this.#options.now() + this.#options.deadlineMs,
    }
    const leave = () => {
      if (!this.#line.remove(waiting)) return
      this.#abandoned++
      reject(new DomainError('deadline_exceeded', 'the client is gone'))
    }
    this.#line.add(waiting)
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  }

  #reasonToRefuse(asker: string | null): keyof AdmissionStatus['shed'] | null {
    this.#turnGeneration()
    const before = this.#line.size + this.#arriving[0] + this.#arriving[1]
    if (before > 1 && before * this.#line.serviceMs > this.#options.deadlineMs) return 'slow'
    const own = this.#countOf(asker)
    if (own >= this.#options.waitingPerAskerMax && before > own) return 'asker'
    return before >= this.#options.waitingMax && !this.#makeRoom(asker) ? 'full' : null
  }

  /** A line that one asker has filled gives up the last of that asker's requests for another's; nobody gets below the share of one. */
  #makeRoom(asker: string | null): boolean {
    const share = this.#options.waitingPerAskerMax
    if (asker === null || this.#countOf(asker) >= share) return false
    const last = this.#line.findLast((waiting) => this.#countOf(waiting.asker) > share)
    if (last === null) return false
    this.#line.remove(last)
    this.#shed.asker++
    last.displace()
    return true
  }

  #countOf(asker: string | null): number {
    return asker === null ? 0 : (this.#askers.get(asker) ?? 0)
  }

  #enter(request: Request, asker: string | null): Ticket {
    const ticket = { asker, generation: this.#generation, arriving: true, failure: undefined }
    this.#arriving[ticket.generation & 1]++
    if (asker !== null) this.#askers.set(asker, this.#countOf(asker) + 1)
    this.#tickets.set(request, ticket)
    return ticket
  }

  #endArrival(ticket: Ticket): void {
    if (!ticket.arriving) return
    ticket.arriving = false
    this.#turnGeneration()
    if (this.#generation - ticket.generation < 2) this.#arriving[ticket.generation & 1]--
  }

  #leave(ticket: Ticket): void {
    this.#endArrival(ticket)
    if (ticket.asker === null) return
    const left = this.#countOf(ticket.asker) - 1
    if (left > 0) this.#askers.set(ticket.asker, left)
    else this.#askers.delete(ticket.asker)
  }

  #turnGeneration(): void {
    const at = this.#options.now()
    if (at - this.#generationAt < generationMs) return
    // after a long silence both generations are over
    const steps = at - this.#generationAt < 2 * generationMs ? 1 : 2
    for (let step = 0; step < steps; step++) this.#arriving[++this.#generation & 1] = 0
    this.#generationAt = at
  }
}
