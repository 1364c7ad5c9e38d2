/** What was served and is not yet in the database: proposals, and requests counted by hour. Bounded; the oldest goes first, and is counted. */
import type { HourCounts } from '../store/drift-count'
import type { NewProposal, StoredProposal } from '../store/proposal'

export interface RecordBufferOptions {
  proposalsMax: number
  charactersMax: number
  /** Hours (of each version) whose counts wait at the same time. */
  hoursMax: number
}

/** Counts of an hour on their way, with the number of requests in them. */
interface WaitingHour extends HourCounts {
  counts: Uint32Array
  requests: number
}

/** A proposal on its way, with the numbers under which the same was given since: its content is written once. */
interface WaitingProposal extends NewProposal {
  repeats: string[]
}

/** A part of the buffer that is being written. */
export interface Taken {
  proposals: WaitingProposal[]
  hours: WaitingHour[]
}

/** Of one proposal; the next one opens another. */
const repeatsMax = 500
/** Writing a repetition takes so much of the time that its proposal takes. */
const repeatShare = 0.2

const charactersOf = ({ candidates, item }: NewProposal): number => candidates.length + (item?.length ?? 0)

export class RecordBuffer {
  readonly #options: RecordBufferOptions
  #proposals: WaitingProposal[] = []
  /** Content → the waiting proposal that has it. */
  readonly #open = new Map<object, WaitingProposal>()
  /** Proposals and repetitions. */
  #size = 0
  #characters = 0
  #hours = new Map<string, WaitingHour>()
  #proposalsDropped = 0
  #requestsDropped = 0

  constructor(options: RecordBufferOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#size
  }
  get isEmpty(): boolean {
    return this.#proposals.length === 0 && this.#hours.size === 0
  }
  /** Proposals, and requests whose counts were, lost since the start of the process. */
  get dropped(): { proposals: number; requests: number } {
    return { proposals: this.#proposalsDropped, requests: this.#requestsDropped }
  }

  /** The same object as `content` is the same content: while it waits, only the number is added. */
  addProposal(content: Omit<StoredProposal, 'id' | 'at'>, { id, at }: { id: string; at: number }): void {
    const waiting = this.#open.get(content)
    if (waiting !== undefined && waiting.repeats.length < repeatsMax) waiting.repeats.push(id)
    else {
      const proposal = { ...content, id, at, repeats: [] }
      this.#proposals.push(proposal)
      this.#open.set(content, proposal)
      this.#characters += charactersOf(proposal)
    }
    this.#size++
    this.#trim()
  }

  /** Counts a request into its hour: one in each of its slots. */
  count({ version, hour }: { version: string; hour: number }, { slots, size }: { slots: Uint32Array; size: number }): void {
    const waiting = this.#hourOf({ version, hour }, size)
    for (let at = 0; at < slots.length; at++) waiting.counts[slots[at]]++
    waiting.requests++
  }

  /** Takes the oldest proposals, what takes as long to write as so many, and all counts out of the buffer. What cannot be written must be put back. */
  take(proposalsMax: number): Taken {
    let [end, cost] = [0, 0]
    for (; end < this.#proposals.length && cost < proposalsMax; end++) cost += 1 + repeatShare * this.#proposals[end].repeats.length
    const proposals = this.#proposals.splice(0, end)
    // what is being written takes no more numbers
    this.#open.clear()
    for (const proposal of proposals) this.#leave(proposal)
    const hours = [...this.#hours.values()]
    this.#hours.clear()
    return { proposals, hours }
  }

  putBack({ proposals, hours }: Taken): void {
    this.#proposals = [...proposals, ...this.#proposals]
    for (const proposal of proposals) {
      this.#characters += charactersOf(proposal)
      this.#size += 1 + proposal.repeats.length
    }
    this.#trim()
    for (const { counts, requests, ...key } of hours) {
      const waiting = this.#hourOf(key, counts.length)
      for (let slot = 0; slot < counts.length; slot++) waiting.counts[slot] += counts[slot]
      waiting.requests += requests
    }
  }

  /** Gives up what was taken. */
  drop({ proposals, hours }: Taken): void {
    for (const { repeats } of proposals) this.#proposalsDropped += 1 + repeats.length
    for (const { requests } of hours) this.#requestsDropped += requests
  }

  #trim(): void {
    const { proposalsMax, charactersMax } = this.#options
    while (this.#size > proposalsMax || (this.#characters > charactersMax && this.#proposals.length > 1)) {
      const oldest = this.#proposals.shift()!
      this.#open.clear()
      this.#leave(oldest)
      this.#proposalsDropped += 1 + oldest.repeats.length
    }
  }

  #leave(proposal: WaitingProposal): void {
    this.#characters -= charactersOf(proposal)
    this.#size -= 1 + proposal.repeats.length
  }

  #hourOf({ version, hour }: { version: string; hour: number }, size: number): WaitingHour {
    const key = `${hour} ${version}`
    let waiting = this.#hours.get(key)
    if (waiting === undefined) {
      waiting = { version, hour, counts: new Uint32Array(size), requests: 0 }
      this.#hours.set(key, waiting)
      if (this.#hours.size > this.#options.hoursMax) this.#dropOldestHour()
    }
    return waiting
  }

  #dropOldestHour(): void {
    const [oldest] = [...this.#hours].toSorted(([, a], [, b]) => a.hour - b.hour)
    this.#hours.delete(oldest[0])
    this.#requestsDropped += oldest[1].requests
  }
}
