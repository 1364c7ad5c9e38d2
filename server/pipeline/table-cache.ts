/**
 * Tables of the plant that are read again and again (pages of items, single items, the form, times): kept as JSON, of one model and
 * one configuration, with whose change all are forgotten. An ETag says what was asked of what, so who has it already costs nothing.
 */
import { lru } from 'tiny-lru'
import { canonicalKey } from '../domain/canonical-key'
import type { JsonTable } from '../domain/json-table'
import type { Model } from './model'

export interface TableQuestion {
  model: Pick<Model, 'version' | 'epoch'>
  /** Where the configuration has a say in it. */
  configRev?: number
  /** What is asked: JSON that differs wherever the answer may. */
  key: unknown
  /** ETags that the asker has, as in `If-None-Match`. */
  known?: string | null
  /** 0 keeps none. */
  tablesMax: number
}

export interface TableCacheStatus {
  entries: number
  bytes: number
  hits: number
  misses: number
  /** The asker had it already. */
  unchanged: number
}

/** All tables together take at most so much. */
const bytesMax = 64_000_000

export class TableCache {
  readonly #tables = lru<Uint8Array>(0)
  #identity = ''
  #bytes = 0
  #counts = { hits: 0, misses: 0, unchanged: 0 }

  /** The kept table, or what `make` makes. Throws what `make` throws; errors are not kept. */
  read({ model: { version, epoch }, configRev, key, known, tablesMax }: TableQuestion, make: () => unknown): JsonTable {
    this.#belongTo(`${epoch} ${version}`)
    const question = `${configRev ?? ''} ${canonicalKey(key)}`
    const etag = `"${Bun.SHA256.hash(`${this.#identity} ${question}`, 'base64').slice(0, 27)}"`
    const table = { version, epoch, configRev, etag }
    if (known?.includes(etag)) {
      this.#counts.unchanged++
      return { ...table, json: null }
    }
    const kept = this.#tables.get(question)
    if (kept !== undefined) {
      this.#counts.hits++
      return { ...table, json: kept }
    }
    const json = Buffer.from(JSON.stringify(make()))
    this.#counts.misses++
    this.#keep(question, json, tablesMax)
    return { ...table, json }
  }

  status(): TableCacheStatus {
    return { entries: this.#tables.size, bytes: this.#bytes, ...this.#counts }
  }

  #keep(question: string, json: Uint8Array, tablesMax: number): void {
    this.#tables.set(question, json)
    this.#bytes += sizeOf(question, json)
    while (this.#tables.first !== null && (this.#tables.size > tablesMax || this.#bytes > bytesMax)) {
      const { key, value } = this.#tables.first
      this.#bytes -= sizeOf(key as string, value)
      this.#tables.evict()
    }
  }

  #belongTo(identity: string): void {
    if (identity === this.#identity) return
    this.#identity = identity
    this.#tables.clear()
    this.#bytes = 0
  }
}

const sizeOf = (question: string, json: Uint8Array): number => 2 * question.length + json.byteLength + 200
