/**
 * Answers that were given, for when the same is asked again: of one model and one configuration, with whose change all are forgotten.
 * A kept answer is the text of the first, with a number and times of its own, and is recorded like any other. Errors are not kept.
 */
import { lru } from 'tiny-lru'
import type { Prediction, PredictRequest } from '../contract/predict'
import { canonicalKey } from '../domain/canonical-key'
import { DomainError } from '../domain/error'
import { type AnswerBody, answerBody, type JsonAnswer, jsonAnswer } from '../domain/json-answer'
import type { Model } from './model'
import type { Recordable } from './recorder'

export interface AnswerCacheOptions {
  /** Keeps a repeated answer in the records. */
  recordAgain: (recordable: Recordable, id: string) => void
  /** Calculates every so many-th kept answer anew and compares; 0 never. */
  shadowEvery?: number
  /** Told of a kept answer that is not what would be calculated. */
  reportFailure: (error: unknown) => void
  newId?: () => string
  /** Monotonic milliseconds. */
  now?: () => number
}

export interface CacheBounds {
  /** 0 keeps none. */
  answersMax: number
  answerBytesMax: number
}

export interface Question {
  model: Pick<Model, 'version' | 'epoch' | 'manifest'>
  configRev: number
  request: PredictRequest
  bounds: CacheBounds
}

/** The recordable is null where nothing is recorded. */
export type Calculate = (options: { record: boolean }) => { prediction: Prediction; recordable: Recordable | null }

export interface AnswerCacheStatus {
  entries: number
  bytes: number
  hits: number
  misses: number
  bypasses: number
  evictions: number
  shadowChecks: number
  /** Kept answers that were not what would be calculated: must stay 0. */
  shadowMismatches: number
}

interface Entry {
  /** The whole key: a hash alone would be a promise. */
  key: string
  body: AnswerBody
  recordable: Recordable
  bytes: number
}

/** An answer may take so much of the whole. */
const shareMax = 1 / 16
/** Objects around the texts of an entry, and around one value of it. */
const entryBytes = 500
const valueBytes = 60

export class AnswerCache {
  readonly #options: Required<AnswerCacheOptions>
  readonly #entries = lru<Entry>(0)
  /** Of which model and configuration the entries are. */
  #identity = ''
  readonly #models = new WeakMap<object, string>()
  #bytes = 0
  #counts = { hits: 0, misses: 0, bypasses: 0, evictions: 0, shadowChecks: 0, shadowMismatches: 0 }

  constructor({ shadowEvery = 0, newId = Bun.randomUUIDv7, now = () => performance.now(), ...options }: AnswerCacheOptions) {
    this.#options = { shadowEvery, newId, now, ...options }
  }

  /** The kept answer, or a calculated one that is kept from now on. Throws what `calculate` throws. */
  answer({ model, configRev, request, bounds }: Question, calculate: Calculate): JsonAnswer {
    const startedAt = this.#options.now()
    if (bounds.answersMax === 0 || bounds.answerBytesMax === 0) {
      this.#clear()
      this.#counts.bypasses++
      return jsonAnswer(calculate({ record: true }).prediction, 'bypass')
    }
    this.#belongTo(`${this.#identityOf(model)} ${configRev} `)
    const key = this.#identity + canonicalKey(request)
    const hash = hashOf(key)
    const entry = this.#entries.get(hash)
    if (entry?.key === key && this.#isTrue(entry, hash, calculate)) return this.#again(entry, startedAt)
    const { prediction, recordable } = calculate({ record: true })
    const answer = jsonAnswer(prediction, 'miss')
    this.#counts.misses++
    if (recordable !== null) this.#keep(hash, { key, body: bodyOf(answer), recordable }, bounds)
    return answer
  }

  status(): AnswerCacheStatus {
    return { entries: this.#entries.size, bytes: this.#bytes, ...this.#counts }
  }

  #again({ body, recordable }: Entry, startedAt: number): JsonAnswer {
    const id = this.#options.newId()
    this.#options.recordAgain(recordable, id)
    this.#counts.hits++
    const total = Math.round((this.#options.now() - startedAt) * 10_000) / 10_000
    return { ...body, id, timingsMs: { encode: 0, search: 0, compose: 0, times: 0, total }, cache: 'hit' }
  }

  /** Now and then: is it still what would be calculated? */
  #isTrue(entry: Entry, hash: string, calculate: Calculate): boolean {
    const { shadowEvery, reportFailure } = this.#options
    if (shadowEvery === 0 || (this.#counts.hits + this.#counts.shadowMismatches + 1) % shadowEvery !== 0) return true
    this.#counts.shadowChecks++
    const { fields } = answerBody(calculate({ record: false }).prediction)
    if (Buffer.compare(fields, entry.body.fields) === 0) return true
    this.#counts.shadowMismatches++
    this.#drop(hash)
    reportFailure(new DomainError('internal', 'a kept answer is not what would be calculated'))
    return false
  }

  #keep(hash: string, made: Omit<Entry, 'bytes'>, { answersMax, answerBytesMax }: CacheBounds): void {
    const bytes = bytesOf(made)
    if (bytes > answerBytesMax * shareMax) return
    this.#drop(hash)
    this.#entries.set(hash, { ...made, bytes })
    this.#bytes += bytes
    while (this.#entries.first !== null && (this.#entries.size > answersMax || this.#bytes > answerBytesMax)) {
      this.#bytes -= this.#entries.first.value.bytes
      this.#counts.evictions++
      this.#entries.evict()
    }
  }

  #drop(hash: string): void {
    const entry = this.#entries.get(hash)
    if (entry === undefined) return
    this.#bytes -= entry.bytes
    this.#entries.delete(hash)
  }

  #belongTo(identity: string): void {
    if (identity === this.#identity) return
    this.#clear()
    this.#identity = identity
  }

  #clear(): void {
    if (this.#entries.size > 0) this.#entries.clear()
    this.#bytes = 0
  }

  /** The manifest names every file with its hash: what has the same is the same version, whatever it is called. */
  #identityOf({ version, epoch, manifest }: Question['model']): string {
    let sha256 = this.#models.get(manifest)
    if (sha256 === undefined) {
      sha256 = hashOf(JSON.stringify(manifest))
      this.#models.set(manifest, sha256)
    }
    return `${sha256} ${version} ${epoch}`
  }
}

const hashOf = (text: string): string => Bun.SHA256.hash(text, 'base64')

const bodyOf = ({ version, epoch, configRev, efSearch, fields }: JsonAnswer): AnswerBody => ({
  version,
  epoch,
  configRev,
  efSearch,
  fields,
})

/** Upper bound of what an entry takes: JavaScript's texts may need two bytes a character. */
function bytesOf({ key, body, recordable }: Omit<Entry, 'bytes'>): number {
  let bytes = entryBytes + 2 * key.length + body.fields.byteLength + 2 * recordable.proposal.candidates.length
  for (const value of recordable.values.values()) bytes += valueBytes + (typeof value === 'string' ? 2 * value.length : 0)
  return bytes
}
