/** What was served and is not yet in the database: proposals, and requests counted by hour. Bounded; the oldest goes first, and is counted. */
import type { AttributeInput } from '../domain/encoder/block'
import { countRequest, type SlotTable } from '../domain/marginals'
import type { HourCounts } from '../store/drift-count'
import type { NewProposal } from '../store/proposal'

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

/** A part of the buffer that is being written. */
export interface Taken {
  proposals: NewProposal[]
  hours: WaitingHour[]
}

const charactersOf = ({ candidates, item }: NewProposal): number => candidates.length + (item?.length ?? 0)

export class RecordBuffer {
  readonly #options: RecordBufferOptions
  #proposals: NewProposal[] = []
  #characters = 0
  #hours = new Map<string, WaitingHour>()
  #proposalsDropped = 0
  #requestsDropped = 0

  constructor(options: RecordBufferOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#proposals.length
  }
  get isEmpty(): boolean {
    return this.#proposals.length === 0 && this.#hours.size === 0
  }
  /** Proposals, and requests whose counts were, lost since the start of the process. */
  get dropped(): { proposals: number; requests: number } {
    return { proposals: this.#proposalsDropped, requests: this.#requestsDropped }
  }

  addProposal(proposal: NewProposal): void {
    this.#proposals.push(proposal)
    this.#characters += charactersOf(proposal)
    this.#trim()
  }

  /** Counts a request into its hour. */
  count(
    { table, version, hour }: { table: SlotTable; version: string; hour: number },
    values: ReadonlyMap<string, AttributeInput>,
    unseen: ReadonlySet<string>,
  ): void {
    const waiting = this.#hourOf({ version, hour }, table.size)
    countRequest(table, values, unseen, waiting.counts)
    waiting.requests++
  }

  /** Takes the oldest proposals and all counts out of the buffer. What cannot be written must be put back. */
  take(proposalsMax: number): Taken {
    const proposals = this.#proposals.splice(0, proposalsMax)
    for (const proposal of proposals) this.#characters -= charactersOf(proposal)
    const hours = [...this.#hours.values()]
    this.#hours.clear()
    return { proposals, hours }
  }

  putBack({ proposals, hours }: Taken): void {
    this.#proposals = [...proposals, ...this.#proposals]
    for (const proposal of proposals) this.#characters += charactersOf(proposal)
    this.#trim()
    for (const { counts, requests, ...key } of hours) {
      const waiting = this.#hourOf(key, counts.length)
      for (let slot = 0; slot < counts.length; slot++) waiting.counts[slot] += counts[slot]
      waiting.requests += requests
    }
  }

  /** Gives up what was taken. */
  drop({ proposals, hours }: Taken): void {
    this.#proposalsDropped += proposals.length
    for (const { requests } of hours) this.#requestsDropped += requests
  }

  #trim(): void {
    const { proposalsMax, charactersMax } = this.#options
    while (this.#proposals.length > proposalsMax || (this.#characters > charactersMax && this.#proposals.length > 1)) {
      this.#characters -= charactersOf(this.#proposals.shift()!)
      this.#proposalsDropped++
    }
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
