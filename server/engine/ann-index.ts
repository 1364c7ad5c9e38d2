/**
 * The similarity index: approximate search in the graph of the serving image, ranked by the exact f32 vectors; both files are mapped.
 * Scores are exact inner products, descending; equal scores stand in the order of their keys, so answers are deterministic.
 */
import type { BindingFoundAllowed, BindingHits, BindingReads } from '../../native/addon/binding'
import { DomainError } from '../domain/error'
import { awaitNative, binding, callNative, integerWithin } from './addon'
import { engineLimits as limits } from './limits'

/** In place of a key where fewer than k were found. */
export const NO_KEY = 0xffffffff

export interface Neighbours {
  /** Rows of the vectors, at most k. */
  keys: Uint32Array
  /** Exact inner product with the query, as long as `keys`. */
  scores: Float32Array
}

/** A bitset over the keys: bit `key & 31` of word `key >> 5`, as many words as the keys need. */
export type AllowedKeys = Uint32Array

export interface AllowedNeighbours extends Neighbours {
  /** Every allowed vector was looked at: none is missed. */
  scanned: boolean
}

/** One search in full, of whatever kind. */
export interface Search {
  vector: Float32Array
  /** One a dimension, from 0: by the weighted cosine; null: by the plain score. */
  factors: Float32Array | null
  k: number
  /** Null: exactly. */
  ef: number | null
  /** Null: everything. */
  allowed: AllowedKeys | null
  /** When the answer is of no use any more, from the call on; null: never. */
  timeoutMs: number | null
}

/** What was found; `scanned`: every vector that counts was looked at. */
export type SearchFound = AllowedNeighbours

/** n × k, row-major; unused places hold NO_KEY and −∞. */
export type NeighbourRows = Neighbours

export interface SearchCounts {
  visits: number
  scored: number
  exact: number
}

export interface RandomReads {
  /** Links, codes and block of a slot; codes where a walk begins (without blocks of any slot); an exact vector. */
  record: 'visit' | 'row' | 'exact'
  records: number
  /** Groups of records asked for before their turn; 0: each place is known only when the record before it was read. */
  ahead: number
  /** The same seed draws the same places. */
  seed: number
}

export interface OpenOptions {
  /** The serving image; null or absent: an image, slower to search, is made in memory of the index file. */
  imagePath?: string | null
  indexPath: string
  vectorsPath: string
  dimensions: number
  count: number
}

export class AnnIndex {
  readonly count: number
  readonly dimensions: number
  readonly #native: InstanceType<typeof binding.BindingIndex>

  private constructor({ imagePath, ...options }: OpenOptions) {
    this.count = options.count
    this.dimensions = options.dimensions
    this.#native = callNative(() => new binding.BindingIndex({ ...options, imagePath: imagePath ?? undefined }))
  }

  /**
   * Maps both files and checks the whole image: checksums, lengths, links, keys. What the vectors hold is the manifest's business
   * and must have been verified before. Throws `artifact_missing`, `artifact_corrupt`, `artifact_mismatch`, `bad_request`.
   */
  static open({ imagePath, indexPath, vectorsPath, dimensions, count }: OpenOptions): AnnIndex {
    integerWithin('dimensions', dimensions, 1, limits.dimensionsMax)
    integerWithin('count', count, 1, limits.countMax)
    return new AnnIndex({ imagePath, indexPath, vectorsPath, dimensions, count })
  }

  /**
   * Up to k of the ef nearest; with `allowed`, of those that it names. The query need not have norm 1.
   * @param timeoutMs when the answer is of no use any more
   * Throws `vector_wrong_length`, `vector_not_finite`, `vector_zero`, `bad_request`, `deadline_exceeded`, `model_not_loaded` (retired).
   */
  search(query: Float32Array, options: { k: number; ef: number; timeoutMs?: number | null; allowed?: undefined }): Neighbours
  search(query: Float32Array, options: { k: number; ef: number; timeoutMs?: number | null; allowed: AllowedKeys }): AllowedNeighbours
  search(
    query: Float32Array,
    { k, ef, timeoutMs = null, allowed }: { k: number; ef: number; timeoutMs?: number | null; allowed?: AllowedKeys },
  ): Neighbours {
    integerWithin('ef', ef, 1, limits.efMax)
    if (allowed) return this.#fillAllowed(k, (keys, scores) => this.#native.searchAllowed(query, ef, allowed, timeoutMs, keys, scores))
    return this.#fill(k, (keys, scores) => this.#native.search(query, ef, timeoutMs, keys, scores))
  }

  /** What a search reads (`scored`: rows of codes, those of the visits included); all zero when it reads all. Throws as `search`. */
  searchCounts(query: Float32Array, { k, ef }: { k: number; ef: number }): SearchCounts {
    integerWithin('ef', ef, 1, limits.efMax)
    return callNative(() => this.#native.searchCounts(query, integerWithin('k', k, 1, limits.kMax), ef))
  }

  /** Reads and scores records at random places, as a search reads them: for benches. Throws as `search`. */
  randomReads(query: Float32Array, reads: RandomReads): { micros: number; bytes: number } {
    return callNative(() => this.#native.randomReads(query, reads as BindingReads))
  }

  /** The k nearest of all vectors, or of all that are allowed; none is missed. Throws as `search`. */
  exact(
    query: Float32Array,
    { k, timeoutMs = null, allowed }: { k: number; timeoutMs?: number | null; allowed?: AllowedKeys },
  ): Neighbours {
    if (allowed) return this.#fillAllowed(k, (keys, scores) => this.#native.searchAllowed(query, null, allowed, timeoutMs, keys, scores))
    return this.#fill(k, (keys, scores) => this.#native.exact(query, timeoutMs, keys, scores))
  }

  /**
   * Up to k nearest by the weighted cosine, out of the ef nearest in the graph, or of all without an ef; with `allowed`, of those that
   * it names.
   * @param factors one a dimension, from 0; scores are weighted cosines
   * Throws as `search`; `vector_zero` when the factors leave nothing of the query.
   */
  searchWeighed(
    query: Float32Array,
    factors: Float32Array,
    { k, ef = null, timeoutMs = null, allowed }: { k: number; ef?: number | null; timeoutMs?: number | null; allowed?: AllowedKeys },
  ): Neighbours & { scanned?: boolean } {
    if (ef !== null) integerWithin('ef', ef, 1, limits.efMax)
    if (allowed) {
      const effort = { ef: ef ?? undefined, timeoutMs: timeoutMs ?? undefined }
      return this.#fillAllowed(k, (keys, scores) => this.#native.searchWeighedAllowed(query, factors, effort, allowed, keys, scores))
    }
    return this.#fill(k, (keys, scores) => this.#native.searchWeighed(query, factors, ef, timeoutMs, keys, scores))
  }

  /** Any of the searches above off the thread; the time counts from now. Rejects as they throw. */
  async searchLater({ vector, factors, k, ef, allowed, timeoutMs }: Search): Promise<SearchFound> {
    integerWithin('k', k, 1, limits.kMax)
    if (ef !== null) integerWithin('ef', ef, 1, limits.efMax)
    return awaitNative(() => this.#native.searchLater(vector, factors, k, ef, allowed, timeoutMs))
  }

  /** The same search at once. Throws as those above. */
  searchNow({ vector, factors, k, ef, allowed: named, timeoutMs }: Search): SearchFound {
    const allowed = named ?? undefined
    if (factors !== null) return { scanned: ef === null, ...this.searchWeighed(vector, factors, { k, ef, timeoutMs, allowed }) }
    if (ef === null) return { ...this.exact(vector, { k, timeoutMs, allowed }), scanned: true }
    if (allowed !== undefined) return this.search(vector, { k, ef, timeoutMs, allowed })
    return { ...this.search(vector, { k, ef, timeoutMs }), scanned: false }
  }

  #fillAllowed(k: number, search: (keys: Uint32Array, scores: Float32Array) => BindingFoundAllowed): AllowedNeighbours {
    let scanned = false
    const neighbours = this.#fill(k, (keys, scores) => {
      const answer = search(keys, scores)
      scanned = answer.scanned
      return answer.found
    })
    return { ...neighbours, scanned }
  }

  #fill(k: number, search: (keys: Uint32Array, scores: Float32Array) => number): Neighbours {
    const room = integerWithin('k', k, 1, limits.kMax)
    const keys = new Uint32Array(room)
    const scores = new Float32Array(room)
    const found = callNative(() => search(keys, scores))
    return found === room ? { keys, scores } : { keys: keys.subarray(0, found), scores: scores.subarray(0, found) }
  }

  /** `search` for n queries (row-major) off the thread. Rejects as `search` throws, naming the query. */
  async searchBatch(queries: Float32Array, { k, ef, threads = 1 }: { k: number; ef: number; threads?: number }): Promise<NeighbourRows> {
    integerWithin('ef', ef, 1, limits.efMax)
    return this.#batch(k, threads, () => this.#native.searchBatch(queries, k, ef, threads))
  }

  /** `exact` for n queries (row-major) off the thread: the oracle that recall is measured against. */
  async exactBatch(queries: Float32Array, { k, threads = 1 }: { k: number; threads?: number }): Promise<NeighbourRows> {
    return this.#batch(k, threads, () => this.#native.exactBatch(queries, k, threads))
  }

  async #batch(k: number, threads: number, run: () => Promise<BindingHits>): Promise<NeighbourRows> {
    integerWithin('k', k, 1, limits.kMax)
    integerWithin('threads', threads, 1, limits.threadsMax)
    return awaitNative(run)
  }

  /**
   * Per key and block of dimensions (block b is `blockOffsets[b]` … `blockOffsets[b + 1]`): the inner product of query and
   * stored vector, and the squared norm of the stored block; both keys × blocks, row-major.
   * Throws `bad_request` for an unknown key or offsets out of order, `vector_wrong_length`, `model_not_loaded`.
   */
  blockDots(query: Float32Array, keys: Uint32Array, blockOffsets: Uint32Array): { dots: Float32Array; norms: Float32Array } {
    const places = keys.length * Math.max(0, blockOffsets.length - 1)
    const dots = new Float32Array(places)
    const norms = new Float32Array(places)
    callNative(() => this.#native.blockDots(query, keys, blockOffsets, dots, norms))
    return { dots, norms }
  }

  /** A copy of the exact vector of a key. Throws `bad_request`, `model_not_loaded`. */
  vector(key: number): Float32Array {
    integerWithin('key', key, 0, this.count - 1)
    const out = new Float32Array(this.dimensions)
    callNative(() => this.#native.vector(key, out))
    return out
  }

  /** Asks a question whose answer is known: a stored vector must be found. Throws `engine_failed`, `model_not_loaded`. */
  health(): void {
    callNative(() => this.#native.health())
  }

  /** Takes no more questions; the files are unmapped when the last running one is answered. */
  retire(): void {
    this.#native.retire()
  }
}

/** Rows in memory (n × dimensions, row-major, norm 1), or the path of a file of them, which is used where it lies. */
export type VectorRows = Float32Array | { path: string }

export interface BuildOptions {
  dimensions: number
  /** Gets `serving.image`, `index.usearch`, and `vectors.f32` unless the vectors come from a file. */
  directory: string
  connectivity?: number
  expansionAdd?: number
  /** Codes of neighbours beside each slot of the image: faster to search, larger. */
  blocks?: boolean
  /** All cores when absent. With one thread the same vectors give the same file. */
  threads?: number
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal
}

export interface BuiltIndex {
  seconds: number
  /** Of all files. */
  bytes: number
  /** Most memory that was held at a time, mapped files left out. */
  memoryBytes: number
  threads: number
  /** Vectors that a narrow walk for themselves does not find. */
  unreached: number
}

export const IMAGE_FILE = 'serving.image'
export const INDEX_FILE = 'index.usearch'
export const VECTORS_FILE = 'vectors.f32'
const PROGRESS_MS = 100

/**
 * Builds the files and waits until they are on disk. The array must not be changed or transferred until the promise settles.
 * Rejects with `vector_not_finite`, `vector_zero`, `bad_request` (a norm that is not 1, ranges), `vector_wrong_length`,
 * `cancelled` when the signal aborts, `storage_full`, `engine_failed`; files of a failed build are left to the caller.
 */
export async function buildIndex(
  vectors: VectorRows,
  { dimensions, directory, connectivity = 16, expansionAdd = 96, blocks = true, threads = 0, onProgress, signal }: BuildOptions,
): Promise<BuiltIndex> {
  integerWithin('dimensions', dimensions, 1, limits.dimensionsMax)
  integerWithin('connectivity', connectivity, limits.connectivityMin, limits.connectivityMax)
  integerWithin('expansionAdd', expansionAdd, 1, limits.expansionAddMax)
  integerWithin('threads', threads, 0, limits.threadsMax)
  if (signal?.aborted) throw new DomainError('cancelled', 'the build was cancelled')
  const build = callNative(() => new binding.BindingBuild())
  const tell = () => {
    const { done, total } = build.progress()
    if (total > 0) onProgress?.(done, total)
  }
  const cancel = () => build.cancel()
  const timer = onProgress && setInterval(tell, PROGRESS_MS)
  signal?.addEventListener('abort', cancel)
  try {
    const rows = vectors instanceof Float32Array ? vectors : vectors.path
    const built = await awaitNative(() => build.run(rows, { dimensions, directory, connectivity, expansionAdd, blocks, threads }))
    tell()
    return built
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', cancel)
  }
}
