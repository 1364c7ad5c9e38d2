/** Logging in, as the routes and the accounts both know it. */
import type { Me } from '../contract/account'

/** From where somebody asks. */
export interface Origin {
  address: string
  userAgent: string
  /** Value of the browser's device cookie. */
  device: string | null
  requestId: string | null
}

/** What goes into the browser's cookies; null leaves the browser's as it is. */
export interface SessionTokens {
  access: string
  refresh: string | null
  device: string | null
}

export interface SignedIn {
  me: Me
  tokens: SessionTokens
}

/** Who holds a session; without one it is a key. */
export interface Holder {
  id: number
  name: string
  session: string | null
}
