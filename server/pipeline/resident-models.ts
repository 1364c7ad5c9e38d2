/**
 * The models whose files are mapped, one a version, whatever the epoch: a model is kept while it is pinned (it serves, it served
 * before, it is prepared) or leased (a batch holds it), and retired exactly once when neither holds any more.
 */

export interface Held {
  version: string
  epoch: number
}

/** Why a model stays although nobody asks it: each pin holds one version or none. */
export type Pin = 'serving' | 'previous' | 'prepared'

/** A model kept for longer than one call; `release` may be called more than once. */
export interface Lease<M> {
  model: M
  release: () => void
}

export class ResidentModels<M extends Held> {
  readonly #retire: (model: M) => void
  readonly #models = new Map<string, M>()
  readonly #leases = new Map<string, number>()
  readonly #pins = new Map<Pin, string>()

  constructor(retire: (model: M) => void) {
    this.#retire = retire
  }

  /** Takes a model that was opened, under a pin. One that is here already stays, and the new one is retired. Returns the one that stays. */
  add(model: M, pin: Pin): M {
    const known = this.#models.get(model.version)
    if (known === undefined) this.#models.set(model.version, model)
    else if (known !== model) this.#retire(model)
    this.pin(pin, model.version)
    return known ?? model
  }

  get(version: string): M | null {
    return this.#models.get(version) ?? null
  }

  /** Moves a pin to a version that is here, or takes it away (null). What nothing holds any more is retired. */
  pin(pin: Pin, version: string | null): void {
    const before = this.#pins.get(pin)
    if (version === null || !this.#models.has(version)) this.#pins.delete(pin)
    else this.#pins.set(pin, version)
    if (before !== undefined && before !== version) this.#drop(before)
  }

  /** The version that serves from now on; the one that did stays at hand as `previous`, the one before that goes. */
  promote(version: string): void {
    const [before, older] = [this.#pins.get('serving'), this.#pins.get('previous')]
    this.#pins.set('serving', version)
    if (before !== undefined && before !== version) this.#pins.set('previous', before)
    if (this.#pins.get('prepared') === version) this.#pins.delete('prepared')
    for (const one of [before, older]) if (one !== undefined) this.#drop(one)
  }

  /** Gives up the previous version, unless a lease would keep it all the same. True when one was retired. */
  makeRoom(): boolean {
    const previous = this.#pins.get('previous')
    if (previous === undefined || this.#leases.has(previous)) return false
    this.pin('previous', null)
    return !this.#models.has(previous)
  }

  /** Nothing is pinned any more; what is leased goes with its last lease. */
  clear(): void {
    this.#pins.clear()
    for (const version of this.versions) this.#drop(version)
  }

  pinned(pin: Pin): string | null {
    return this.#pins.get(pin) ?? null
  }

  /** Keeps a model, as it is named by `model`, open until released. */
  lease(model: M): Lease<M> {
    const { version } = model
    this.#leases.set(version, (this.#leases.get(version) ?? 0) + 1)
    let released = false
    const release = () => {
      if (released) return
      released = true
      const left = this.#leases.get(version)! - 1
      if (left > 0) this.#leases.set(version, left)
      else this.#leases.delete(version)
      if (left === 0) this.#drop(version)
    }
    return { model, release }
  }

  /** Versions that are mapped. */
  get versions(): string[] {
    return [...this.#models.keys()]
  }

  /** Leases of other versions than the one that serves. */
  get draining(): number {
    let leases = 0
    for (const [version, count] of this.#leases) if (version !== this.#pins.get('serving')) leases += count
    return leases
  }

  #drop(version: string): void {
    const model = this.#models.get(version)
    if (model === undefined || this.#leases.has(version) || [...this.#pins.values()].includes(version)) return
    this.#models.delete(version)
    this.#retire(model)
  }
}
