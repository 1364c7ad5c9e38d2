/**
 * Keeps a session alive behind the calls: the short token is renewed without a word, once for all calls that wait for it. Only when
 * that fails the person is asked, and what waited goes on after the login.
 */
import { offlineProblem, parseProblem } from './api-problem'

/** Milliseconds after which a silent server counts as away. */
const SILENCE_MS = 15_000

export class SessionKeeper {
  #refresh: Promise<boolean> | null = null
  #asked: Promise<boolean> | null = null
  #ask: () => Promise<boolean> = async () => false

  /** @param ask shows the login over the page; true when the same person is back, false when not */
  whenEnded(ask: () => Promise<boolean>): void {
    this.#ask = ask
  }

  /** True when the session goes on by itself. Throws ApiProblem where the server could not say. */
  refresh(): Promise<boolean> {
    this.#refresh ??= askServer().finally(() => {
      this.#refresh = null
    })
    return this.#refresh
  }

  /** By itself, or else by the person. */
  async renew(): Promise<boolean> {
    if (this.#asked === null && (await this.refresh())) return true
    this.#asked ??= this.#ask().finally(() => {
      this.#asked = null
    })
    return this.#asked
  }
}

async function askServer(): Promise<boolean> {
  let response: Response
  try {
    response = await fetch('/api/v1/auth/refresh', {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(SILENCE_MS),
    })
  } catch {
    throw offlineProblem()
  }
  if (response.ok) return true
  if (response.status === 401 || response.status === 403) return false
  throw parseProblem(await response.json().catch(() => null), response.status)
}

/** The one of this page. */
export const sessionKeeper = new SessionKeeper()
