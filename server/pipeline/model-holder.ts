/**
 * Holds the one model that serves. A request takes the snapshot once; a new version is opened beside it and takes its place by one
 * assignment; the old one is retired when the last batch that holds it is done. A version that cannot be opened leaves the old one serving.
 */
import { DomainError } from '../domain/error'

export interface Held {
  version: string
  epoch: number
}

/** What the registry says: which version should serve. */
export interface Target {
  active: string | null
  epoch: number
}

export interface ModelHolderOptions<M extends Held> {
  /** Reads the registry; cheap, synchronous. */
  readTarget: () => Target
  /** Verifies, opens and tries out a version; whatever it throws leaves things as they are. */
  open: (version: string, epoch: number) => Promise<M>
  /** Frees what a model maps. Called once, when nobody uses it any more. */
  retire: (model: M) => void
  /** Called after each change and failure, for the log. */
  report?: (event: HolderEvent) => void
  pollMs?: number
  /** A version that could not be opened is tried again after this long. */
  retryMs?: number
  /** Monotonic milliseconds. */
  now?: () => number
}

export type HolderEvent =
  | { event: 'model.swapped'; version: string; epoch: number; openMs: number; from: string | null }
  | { event: 'model.refused'; version: string; epoch: number; code: string; message: string }
  | { event: 'registry.unreadable'; code: string }

export interface HolderStatus {
  serving: Held | null
  target: Target | null
  /** Why the target does not serve; null when it does or is being opened. */
  refusal: { version: string; epoch: number; code: string; message: string } | null
  /** Milliseconds since the registry was last read. */
  registryAgeMs: number
  /** Models still mapped because a batch holds them. */
  draining: number
}

/** A model kept for longer than one call; `release` may be called more than once. */
export interface Lease<M> {
  model: M
  release: () => void
}

export class ModelHolder<M extends Held> {
  readonly #options: Required<ModelHolderOptions<M>>
  #model: M | null = null
  #leases = new Map<M, number>()
  #target: Target | null = null
  #refusal: HolderStatus['refusal'] = null
  #refusedAt = 0
  #readAt: number
  #timer: Timer | null = null
  #polling: Promise<void> | null = null
  #stopped = false

  constructor({ report = () => {}, pollMs = 100, retryMs = 5_000, now = () => performance.now(), ...options }: ModelHolderOptions<M>) {
    this.#options = { report, pollMs, retryMs, now, ...options }
    this.#readAt = now()
  }

  /** Takes the model that serves first (null: none yet) and begins to follow the registry. */
  start(model: M | null): void {
    this.#model = model
    this.#schedule()
  }

  /** The model of this moment: take it once a request. Throws `model_not_loaded`. */
  current(): M {
    if (this.#model !== null) return this.#model
    throw new DomainError(
      'model_not_loaded',
      this.#refusal === null
        ? 'no version is active; train one and activate it'
        : `the active version cannot be served (${this.#refusal.code}); see /health, activate another or train again`,
    )
  }

  /** The model of this moment, kept open until released. Throws `model_not_loaded`. */
  lease(): Lease<M> {
    const model = this.current()
    this.#leases.set(model, (this.#leases.get(model) ?? 0) + 1)
    let released = false
    const release = () => {
      if (released) return
      released = true
      const left = this.#leases.get(model)! - 1
      if (left > 0) this.#leases.set(model, left)
      else this.#leases.delete(model)
      if (left === 0 && model !== this.#model) this.#options.retire(model)
    }
    return { model, release }
  }

  status(): HolderStatus {
    const { now } = this.#options
    const serving = this.#model && { version: this.#model.version, epoch: this.#model.epoch }
    const draining = [...this.#leases.keys()].filter((model) => model !== this.#model).length
    return { serving, target: this.#target, refusal: this.#refusal, registryAgeMs: now() - this.#readAt, draining }
  }

  /** Reads the registry once and follows it; ends when the target serves or was refused. Never throws. */
  poll(): Promise<void> {
    this.#polling ??= this.#follow().finally(() => {
      this.#polling = null
    })
    return this.#polling
  }

  /** Stops following and retires the model, also one that is just being opened. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#polling
    this.#replace(null)
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => this.poll().finally(() => this.#schedule()), this.#options.pollMs)
  }

  async #follow(): Promise<void> {
    const { readTarget, open, retire, report, now, retryMs } = this.#options
    try {
      this.#target = readTarget()
    } catch (error) {
      report({ event: 'registry.unreadable', code: codeOf(error) })
      return
    }
    this.#readAt = now()
    const { active: version, epoch } = this.#target
    if (version === null || (this.#model?.epoch === epoch && this.#model.version === version)) {
      this.#refusal = null
      return
    }
    if (this.#refusal?.epoch === epoch && now() - this.#refusedAt < retryMs) return
    const from = this.#model?.version ?? null
    const openedAt = now()
    try {
      const model = await open(version, epoch)
      if (this.#stopped) return retire(model)
      this.#replace(model)
      this.#refusal = null
      report({ event: 'model.swapped', version, epoch, openMs: Math.round(now() - openedAt), from })
    } catch (error) {
      this.#refusedAt = now()
      this.#refusal = { version, epoch, code: codeOf(error), message: error instanceof DomainError ? error.message : 'an unexpected error' }
      report({ event: 'model.refused', ...this.#refusal })
    }
  }

  /** The swap: one assignment. Calls that took the old model are synchronous and done; batches hold a lease. */
  #replace(model: M | null): void {
    const old = this.#model
    this.#model = model
    if (old !== null && !this.#leases.has(old)) this.#options.retire(old)
  }
}

const codeOf = (error: unknown) => (error instanceof DomainError ? error.code : 'internal')
