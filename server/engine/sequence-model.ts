/**
 * The learned model of routings: P(routing | attributes) as a chain of next operations, each the mean answer of an ensemble
 * of trees over the attributes and the operations so far, decoded by beam search. Same input, same answer, whatever the threads.
 */
import { DomainError } from '../domain/error'
import { awaitNative, binding, callNative, integerWithin } from './addon'
import { engineLimits as limits } from './limits'

/** All options may be left out: the data then decides. */
export interface SequenceTrainingOptions {
  /** 1 to 512. */
  trees?: number
  /** 1 to 256 questions from root to leaf. */
  maxDepth?: number
  /** Decisions on each side of a question at least. */
  minLeaf?: number
  seed?: number
  /** All cores when absent or 0. */
  threads?: number
  /** Decisions per tree; each tree draws its own when the plant has more. */
  maxTransitions?: number
}

export interface SequenceTraining {
  /** Items × featureCount, row-major; 0 is missing. */
  features: Uint16Array
  featureCount: number
  /** Per feature: 0 ordered, 1 categorical. */
  featureKinds: Uint8Array
  /** Per routing: the row of its item. */
  routingItem: Uint32Array
  /** Per routing: > 0; an item's routings usually share a weight of 1. */
  routingWeight: Float32Array
  /** Routing r owns operations stepOffsets[r] … stepOffsets[r + 1]. */
  stepOffsets: Uint32Array
  /** Codes from 1 to operationCount. */
  operations: Uint32Array
  operationCount: number
  options?: SequenceTrainingOptions
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal
}

const PROGRESS_MS = 100

/**
 * Trains off the thread and returns the model's bytes. The arrays must not be changed or transferred until the promise settles.
 * Rejects with `bad_request` (shapes and ranges), `invalid_value` (codes, weights), `cancelled` when the signal aborts.
 */
export async function trainSequenceModel({
  options = {},
  onProgress,
  signal,
  featureCount,
  ...input
}: SequenceTraining): Promise<Uint8Array> {
  if (featureCount !== input.featureKinds.length) throw new DomainError('bad_request', 'featureCount and featureKinds differ')
  integerWithin('operationCount', input.operationCount, 1, limits.operationsMax)
  checkOptions(options)
  if (signal?.aborted) throw new DomainError('cancelled', 'the training was cancelled')
  const training = callNative(() => new binding.BindingSequenceTraining())
  const tell = () => {
    const { done, total } = training.progress()
    if (total > 0) onProgress?.(done, total)
  }
  const cancel = () => training.cancel()
  const timer = onProgress && setInterval(tell, PROGRESS_MS)
  signal?.addEventListener('abort', cancel)
  try {
    const bytes = await awaitNative(() => training.run(input, options))
    tell()
    return bytes
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', cancel)
  }
}

function checkOptions({ trees, maxDepth, minLeaf, seed, threads, maxTransitions }: SequenceTrainingOptions): void {
  if (trees !== undefined) integerWithin('trees', trees, 1, limits.treesMax)
  if (maxDepth !== undefined) integerWithin('maxDepth', maxDepth, 1, limits.treeDepthMax)
  if (minLeaf !== undefined) integerWithin('minLeaf', minLeaf, 1, limits.countMax)
  if (seed !== undefined) integerWithin('seed', seed, 0, Number.MAX_SAFE_INTEGER)
  if (threads !== undefined) integerWithin('threads', threads, 0, limits.threadsMax)
  if (maxTransitions !== undefined) integerWithin('maxTransitions', maxTransitions, 1_000, 1 << 30)
}

export interface Sequences {
  /** Complete operation sequences, most probable first, all different. */
  operations: Uint32Array[]
  /** Of each sequence, 0 to 1; together at most 1. */
  probabilities: Float64Array
}

export class SequenceModel {
  readonly featureCount: number
  /** Largest operation code. */
  readonly operationCount: number
  readonly trees: number
  readonly memoryBytes: number
  readonly #native: InstanceType<typeof binding.BindingSequenceModel>

  private constructor(bytes: Uint8Array) {
    this.#native = callNative(() => new binding.BindingSequenceModel(bytes))
    const { features, operations, trees, memoryBytes } = callNative(() => this.#native.shape())
    this.featureCount = features
    this.operationCount = operations
    this.trees = trees
    this.memoryBytes = memoryBytes
  }

  /** Copies the bytes and checks them whole. Throws `artifact_corrupt`, `artifact_mismatch` (a version this build does not know). */
  static open(bytes: Uint8Array): SequenceModel {
    return new SequenceModel(bytes)
  }

  /**
   * The most probable routings of an item (features: one row, 0 = missing). `beam` beginnings are kept per step: at least as
   * many as candidates is sensible. Throws `bad_request` (number of features, ranges), `model_not_loaded` (retired).
   */
  predict(features: Uint16Array, { candidates = 5, beam = 8 }: { candidates?: number; beam?: number } = {}): Sequences {
    integerWithin('candidates', candidates, 1, limits.beamMax)
    integerWithin('beam', beam, 1, limits.beamMax)
    const found = callNative(() => this.#native.predict(features, candidates, beam))
    return {
      operations: Array.from(found.logProbabilities, (_, at) => found.operations.slice(found.offsets[at], found.offsets[at + 1])),
      probabilities: found.logProbabilities.map(Math.exp),
    }
  }

  /**
   * Natural logarithm of the probability of a given routing; −∞ when it holds a step that was never seen in its place.
   * Throws as `predict`.
   */
  logProbability(features: Uint16Array, operations: Uint32Array): number {
    return callNative(() => this.#native.logProbability(features, operations))
  }

  /** Frees the trees; later questions throw `model_not_loaded`. */
  retire(): void {
    callNative(() => this.#native.retire())
  }
}
