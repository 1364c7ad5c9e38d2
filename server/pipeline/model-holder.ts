/**
 * Holds the one model that serves. A request takes the snapshot once; a new version is opened beside it and takes its place by one
 * assignment; the one before stays at hand, so that going back is an assignment too. A version that cannot be opened leaves the old one serving.
 */
import { DomainError } from '../domain/error'
import { type Held, type Lease, ResidentModels } from './resident-models'

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
  /** The same opened files under another epoch. */
  withEpoch?: (model: M, epoch: number) => M
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
  | { event: 'registry.readable' }

export interface HolderStatus {
  serving: Held | null
  target: Target | null
  /** Why the target does not serve; null when it does or is being opened. */
  refusal: { version: string; epoch: number; code: string; message: string } | null
  /** Milliseconds since the registry was last read. */
  registryAgeMs: number
  /** Versions whose files are mapped. */
  mapped: string[]
  /** Leases of versions that serve no more. */
  draining: number
}

/** Every request begins with what the registry said at most so long ago, ms: well within the 100 that workers may disagree. */
const STALE_MS_MAX = 50
/** Who was away for longer may have been given up for dead, and a switch may have gone on without it, ms. */
const LOST_MS = 1_500
/** The version that serves, the one before and one that is being opened. */
const MAPPED_MAX = 3

export class ModelHolder<M extends Held> {
  readonly #options: Required<ModelHolderOptions<M>>
  readonly #resident: ResidentModels<M>
  /** Versions that are being opened. */
  readonly #opening = new Map<string, Promise<M>>()
  #model: M | null = null
  #target: Target | null = null
  #refusal: HolderStatus['refusal'] = null
  #refusedAt = 0
  /** When the registry was last read, and last asked; they differ while it cannot be read. */
  #readAt: number
  #askedAt: number
  #lost = false
  #unreadable = false
  #timer: Timer | null = null
  #stopped = false

  constructor(options: ModelHolderOptions<M>) {
    const defaults = { report: () => {}, pollMs: 25, retryMs: 5_000, now: () => performance.now() }
    this.#options = { ...defaults, withEpoch: (model: M, epoch: number) => ({ ...model, epoch }), ...options }
    this.#resident = new ResidentModels(this.#options.retire)
    this.#readAt = this.#askedAt = this.#options.now()
  }

  /** Takes the model that serves first (null: none yet) and begins to follow the registry. */
  start(model: M | null): void {
    if (model !== null) {
      this.#resident.add(model, 'serving')
      this.#model = model
    }
    this.#readAt = this.#askedAt = this.#options.now()
    this.#timer = setInterval(() => this.#look(), this.#options.pollMs)
  }

  /** The model of this moment: take it once a request, and lease it across a wait. Throws `model_not_loaded`. */
  current(): M {
    // Not before the start: what it opens now would meet the model that the start brings, and retire it.
    if (this.#timer !== null && this.#options.now() - this.#askedAt > STALE_MS_MAX) this.#look()
    if (this.#lost) throw new DomainError('model_not_loaded', 'the version that serves now is just being opened; ask again')
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
    return this.#resident.lease(this.current())
  }

  /** Looks at the registry when `epoch` is newer than what serves. Throws `busy` (no such epoch yet), `model_not_loaded`. */
  requireEpoch(epoch: number): void {
    const behind = () => (this.#model?.epoch ?? 0) < epoch
    if (behind() && this.#timer !== null) this.#look()
    if (!behind()) return
    if (this.#target !== null && this.#target.epoch >= epoch) {
      throw new DomainError('model_not_loaded', 'the version of this epoch is just being opened; ask again')
    }
    throw new DomainError('busy', 'there is no such epoch yet; ask again when it was switched', {
      details: [{ path: 'x-require-epoch', message: `is ${this.#target?.epoch ?? 0} now` }],
    })
  }

  status(): HolderStatus {
    const serving = this.#model && { version: this.#model.version, epoch: this.#model.epoch }
    const { versions: mapped, draining } = this.#resident
    return {
      serving,
      target: this.#target,
      refusal: this.#refusal,
      registryAgeMs: this.#options.now() - this.#readAt,
      mapped,
      draining,
    }
  }

  /** Reads the registry once and follows it; ends when the target serves or was refused. Never throws. */
  async poll(): Promise<void> {
    this.#look()
    await Promise.allSettled(this.#opening.values())
    if (!this.#stopped) this.#adopt()
  }

  isMapped(version: string): boolean {
    return this.#resident.get(version) !== null
  }

  /** Opens a version so that it can serve at once; it stays until `unprepare` or until it has served. Throws what `open` throws, `busy`. */
  async prepare(version: string): Promise<void> {
    this.#resident.pin('prepared', null)
    if (this.isMapped(version)) return this.#resident.pin('prepared', version)
    if (this.#resident.versions.length >= MAPPED_MAX && !this.#resident.makeRoom()) {
      throw new DomainError('busy', 'batches still use an older version; try again when they are done')
    }
    await this.#open(version, 0)
    if (!this.#stopped) this.#resident.pin('prepared', version)
  }

  /** A version that was prepared will not serve after all. */
  unprepare(): void {
    this.#resident.pin('prepared', null)
  }

  /** Gives up the version to go back to: memory is short. True when there was one. */
  dropPrevious(): boolean {
    const had = this.#resident.pinned('previous') !== null
    this.#resident.pin('previous', null)
    return had
  }

  /** Stops following and retires the models, also one that is just being opened. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer) clearInterval(this.#timer)
    await Promise.allSettled(this.#opening.values())
    this.#model = null
    this.#resident.clear()
  }

  /** Reads what the registry says and does what can be done at once. Never throws. */
  #look(): void {
    const { readTarget, report, now } = this.#options
    const at = now()
    const awayMs = at - this.#askedAt
    this.#askedAt = at
    const before = this.#readAt
    try {
      this.#target = readTarget()
      this.#readAt = at
      if (this.#unreadable) report({ event: 'registry.readable' })
      this.#unreadable = false
    } catch (error) {
      if (!this.#unreadable) report({ event: 'registry.unreadable', code: codeOf(error) })
      this.#unreadable = true
      return
    }
    this.#adopt()
    const behind = this.#target.active !== null && this.#target.epoch !== this.#model?.epoch
    if (behind && Math.max(awayMs, at - before) > LOST_MS && this.#refusal === null) this.#lost = this.#model !== null
  }

  /** Brings what serves to what the registry says, at once when it is mapped, else by opening it. */
  #adopt(): void {
    const { report, now, retryMs } = this.#options
    const version = this.#target?.active ?? null
    if (this.#target === null || version === null || this.#stopped) return
    const { epoch } = this.#target
    const mapped = this.#resident.get(version)
    if (this.#model?.epoch === epoch && this.#model.version === version) {
      this.#refusal = null
      this.#lost = false
    } else if (mapped !== null) this.#serve(mapped, epoch, 0)
    else if (!this.#opening.has(version) && !(this.#refusal?.epoch === epoch && now() - this.#refusedAt < retryMs)) {
      const openedAt = now()
      this.#open(version, epoch).then(
        (model) => {
          const wanted = this.#target?.active === version ? this.#target.epoch : null
          if (this.#stopped || this.#model?.epoch === wanted) return
          if (wanted !== null) this.#serve(model, wanted, now() - openedAt)
          // the registry went on meanwhile
          else if (this.#resident.pinned('prepared') === version) this.#resident.pin('prepared', null)
        },
        (error) => {
          if (this.#stopped) return
          this.#refusedAt = now()
          this.#lost = false
          this.#refusal = {
            version,
            epoch,
            code: codeOf(error),
            message: error instanceof DomainError ? error.message : 'an unexpected error',
          }
          report({ event: 'model.refused', ...this.#refusal })
        },
      )
    }
  }

  /** One opening a version at a time; a model that comes after the stop is retired. */
  #open(version: string, epoch: number): Promise<M> {
    const known = this.#opening.get(version)
    if (known !== undefined) return known
    const opening = this.#options
      .open(version, epoch)
      .then((model) => {
        if (!this.#stopped) return this.#resident.add(model, 'prepared')
        this.#options.retire(model)
        throw new DomainError('busy', 'the process is stopping')
      })
      .finally(() => this.#opening.delete(version))
    this.#opening.set(version, opening)
    return opening
  }

  /** The swap: one assignment. Calls that took the old model are synchronous and done; batches hold a lease. */
  #serve(mapped: M, epoch: number, openMs: number): void {
    const from = this.#model?.version ?? null
    this.#model = mapped.epoch === epoch ? mapped : this.#options.withEpoch(mapped, epoch)
    this.#resident.promote(mapped.version)
    this.#refusal = null
    this.#lost = false
    this.#options.report({ event: 'model.swapped', version: mapped.version, epoch, openMs: Math.round(openMs), from })
  }
}

const codeOf = (error: unknown) => (error instanceof DomainError ? error.code : 'internal')
