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
  /** The bytes that the request was read from, where there are any. */
  bytes?: Uint8Array | null
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
  /** As it was asked the last time, byte by byte, and its hash: who asks so again is answered without being read. */
  asked: { bytes: Uint8Array; hash: string } | null
  bytes: number
}

/** An answer may take so much of the whole. */
const shareMax = 1 / 16
/** Objects around the texts of an entry. */
const entryBytes = 1_000

export class AnswerCache {
  readonly #options: Required<AnswerCacheOptions>
  readonly #entries = lru<Entry>(0)
  /** Hash of a request's bytes → hash of its key. */
  readonly #spellings = new Map<string, string>()
  /** Of which model and configuration the entries are. */
  #identity = ''
  /** The objects that it was read from last. */
  #of: (Question['model'] & { configRev: number }) | null = null
  readonly #models = new WeakMap<object, string>()
  #bytes = 0
  #counts = { hits: 0, misses: 0, bypasses: 0, evictions: 0, shadowChecks: 0, shadowMismatches: 0 }

  constructor({ shadowEvery = 0, newId = Bun.randomUUIDv7, now = () => performance.now(), ...options }: AnswerCacheOptions) {
    this.#options = { shadowEvery, newId, now, ...options }
  }

  /** The kept answer, or a calculated one that is kept from now on. Throws what `calculate` throws. */
  answer({ model, configRev, request, bytes = null, bounds }: Question, calculate: Calculate): JsonAnswer {
    const startedAt = this.#options.now()
    if (bounds.answersMax === 0 || bounds.answerBytesMax === 0) {
      this.#clear()
      this.#counts.bypasses++
      return jsonAnswer(calculate({ record: true }).prediction, 'bypass', request.topK)
    }
    this.#belongTo(model, configRev)
    const key = this.#identity + canonicalKey(request)
    const hash = hashOf(key)
    const entry = this.#entries.get(hash)
    if (entry?.key === key && this.#isTrue(entry, hash, calculate)) {
      this.#spell(entry, hash, bytes)
      return this.#again(entry, startedAt)
    }
    const { prediction, recordable } = calculate({ record: true })
    const answer = jsonAnswer(prediction, 'miss', request.topK)
    this.#counts.misses++
    if (recordable !== null) {
      const kept = this.#keep(hash, { key, body: bodyOf(answer), recordable, asked: null }, bounds)
      if (kept !== null) this.#spell(kept, hash, bytes)
    }
    return answer
  }

  /**
   * The kept answer to a request that has the same bytes as one that was read, checked and answered of the same model and
   * configuration; null where `answer` must be asked. `bytes` stay the caller's.
   */
  repeat(bytes: Uint8Array, { model, configRev, bounds }: Pick<Question, 'model' | 'configRev' | 'bounds'>): JsonAnswer | null {
    const startedAt = this.#options.now()
    // what may have to be calculated again is not for here
    if (this.#options.shadowEvery !== 0 || bounds.answersMax === 0 || bounds.answerBytesMax === 0) return null
    this.#belongTo(model, configRev)
    const hash = this.#spellings.get(hashOf(bytes))
    const entry = hash === undefined ? undefined : this.#entries.get(hash)
    if (entry?.asked == null || Buffer.compare(entry.asked.bytes, bytes) !== 0) return null
    return this.#again(entry, startedAt)
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

  /** Null where it is too large to be kept. */
  #keep(hash: string, made: Omit<Entry, 'bytes'>, { answersMax, answerBytesMax }: CacheBounds): Entry | null {
    const bytes = bytesOf(made)
    if (bytes > answerBytesMax * shareMax) return null
    this.#drop(hash)
    const kept = { ...made, bytes }
    this.#entries.set(hash, kept)
    this.#bytes += bytes
    while (this.#entries.first !== null && (this.#entries.size > answersMax || this.#bytes > answerBytesMax)) {
      this.#forget(this.#entries.first.value)
      this.#counts.evictions++
      this.#entries.evict()
    }
    return kept
  }

  /** From now on the entry is found by these bytes too; one spelling an entry, the newest. */
  #spell(entry: Entry, hash: string, bytes: Uint8Array | null): void {
    if (bytes === null || !this.#entries.has(hash)) return
    const { asked } = entry
    if (asked !== null && Buffer.compare(asked.bytes, bytes) === 0) return
    if (asked !== null) this.#spellings.delete(asked.hash)
    const more = bytes.byteLength - (asked?.bytes.byteLength ?? 0)
    // a copy: what is kept must not hold on to what the bytes may be a part of
    entry.asked = { bytes: Uint8Array.from(bytes), hash: hashOf(bytes) }
    entry.bytes += more
    this.#bytes += more
    this.#spellings.set(entry.asked.hash, hash)
  }

  #drop(hash: string): void {
    const entry = this.#entries.get(hash)
    if (entry === undefined) return
    this.#forget(entry)
    this.#entries.delete(hash)
  }

  #forget({ bytes, asked }: Entry): void {
    this.#bytes -= bytes
    if (asked !== null) this.#spellings.delete(asked.hash)
  }

  #belongTo(model: Question['model'], configRev: number): void {
    const { manifest, epoch, version } = model
    const of = this.#of
    if (of?.manifest === manifest && of.epoch === epoch && of.version === version && of.configRev === configRev) return
    this.#of = { manifest, epoch, version, configRev }
    const identity = canonicalKey([this.#contentOf(model), version, epoch, configRev])
    if (identity !== this.#identity) this.#clear()
    this.#identity = identity
  }

  #clear(): void {
    if (this.#entries.size > 0) this.#entries.clear()
    this.#spellings.clear()
    this.#bytes = 0
  }

  /** The manifest names every file with its hash: what has the same is the same version, whatever it is called. */
  #contentOf({ manifest }: Question['model']): string {
    let sha256 = this.#models.get(manifest)
    if (sha256 === undefined) {
      sha256 = hashOf(JSON.stringify(manifest))
      this.#models.set(manifest, sha256)
    }
    return sha256
  }
}

const hashOf = (text: string | Uint8Array): string => Bun.SHA256.hash(text as string, 'base64')

const bodyOf = ({ version, epoch, configRev, efSearch, k, fields }: JsonAnswer): AnswerBody => ({
  version,
  epoch,
  configRev,
  efSearch,
  k,
  fields,
})

/** Upper bound of what an entry takes: JavaScript's texts may need two bytes a character. */
function bytesOf({ key, body, recordable }: Omit<Entry, 'bytes'>): number {
  const texts = 2 * (key.length + recordable.proposal.candidates.length)
  return entryBytes + texts + body.fields.byteLength + (recordable.counts?.slots.byteLength ?? 0)
}
