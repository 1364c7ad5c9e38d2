/**
 * Log-ins that would be refused for want of patience are refused before anything is spent on them: while an address, or all together,
 * must wait, a flood costs microseconds. What is remembered is what the throttle said; it decides, here nothing is counted. A browser
 * from which somebody logged in before has an allowance of its own and is never refused here.
 */
import { lru } from 'tiny-lru'
import { refusal } from './refusal'

export interface LoginDoorOptions {
  addressOf: (request: Request) => string
  /** Address → the throttle's key of it. */
  keyOf: (address: string) => string
  onRefused: (request: Request, answer: Response) => void
  /** Monotonic milliseconds. */
  now?: () => number
}

const addressesMax = 10_000
const path = '/api/v1/auth/login'
const device = /(?:^|;\s*)(?:__Secure-|__Host-)?device=/

export class LoginDoor {
  readonly #options: Required<LoginDoorOptions>
  readonly #until = lru<number>(addressesMax)

  constructor({ now = () => performance.now(), ...options }: LoginDoorOptions) {
    this.#options = { now, ...options }
  }

  /** The throttle refused a key for so long. */
  block(key: string, waitMs: number): void {
    this.#until.set(key, this.#options.now() + waitMs)
  }

  /** The refusal of a log-in that must wait; null for everything else. */
  refuse(request: Request): Response | null {
    if (this.#until.size === 0 || request.method !== 'POST' || !request.url.endsWith(path)) return null
    if (device.test(request.headers.get('cookie') ?? '')) return null
    const { addressOf, keyOf, now, onRefused } = this.#options
    const at = now()
    const until = Math.max(this.#until.get('total') ?? 0, this.#until.get(`address:${keyOf(addressOf(request))}`) ?? 0)
    if (until <= at) return null
    const answer = refusal(request, 'too_many_attempts', 'too many attempts; wait a while', Math.ceil((until - at) / 1_000))
    onRefused(request, answer)
    return answer
  }
}
