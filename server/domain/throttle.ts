/**
 * How attempts are slowed down. Every attempt is charged before it is made and given back when it was right, so that a hundred at once
 * are a hundred charges. Times are Unix ms of a clock that may jump: none counts for longer than its own rule says.
 */

export interface ThrottleState {
  failures: number
  windowStartedAt: number
  tokens: number
  updatedAt: number
  blockedUntil: number
}

/** A bucket: `burst` at once, then one in `everyMs`. */
export interface BucketRule {
  kind: 'bucket'
  burst: number
  everyMs: number
}
/** After `free` failures of a day each waits twice as long as the one before, up to `blockMsMax`; at most `perDay`. */
export interface BackoffRule {
  kind: 'backoff'
  free: number
  blockMsMin: number
  blockMsMax: number
  perDay: number
}
export type ThrottleRule = BucketRule | BackoffRule

const dayMs = 86_400_000

/** Ms until the next attempt is let through; 0 lets it through now. */
export function waitMs(rule: ThrottleRule, state: ThrottleState | undefined, now: number): number {
  if (state === undefined) return 0
  if (rule.kind === 'bucket') {
    const tokens = tokensAt(rule, state, now)
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) * rule.everyMs)
  }
  const { failures, windowStartedAt, blockedUntil } = current(state, now)
  if (failures >= rule.perDay) return Math.min(dayMs, windowStartedAt + dayMs - now)
  return Math.min(rule.blockMsMax, Math.max(0, blockedUntil - now))
}

/** The state after one more attempt that `waitMs` let through. */
export function charge(rule: ThrottleRule, state: ThrottleState | undefined, now: number): ThrottleState {
  const { failures, windowStartedAt, blockedUntil } = current(state, now)
  if (rule.kind === 'bucket') {
    const tokens = state === undefined ? rule.burst : tokensAt(rule, state, now)
    return { failures, windowStartedAt, blockedUntil, tokens: Math.max(0, tokens - 1), updatedAt: now }
  }
  const beyond = failures + 1 - rule.free
  const blockMs = beyond < 0 ? 0 : Math.min(rule.blockMsMax, rule.blockMsMin * 2 ** Math.min(beyond, 40))
  return { failures: failures + 1, windowStartedAt, blockedUntil: now + blockMs, tokens: 0, updatedAt: now }
}

/** The attempt was right: it costs nothing. Failures of the day stay, or one who knows a password could give guesses away. */
export function giveBack(rule: ThrottleRule, state: ThrottleState | undefined, now: number): ThrottleState | undefined {
  if (state === undefined) return undefined
  if (rule.kind === 'bucket') return { ...state, tokens: Math.min(rule.burst, tokensAt(rule, state, now) + 1), updatedAt: now }
  return { ...state, failures: Math.max(0, state.failures - 1), blockedUntil: 0, updatedAt: now }
}

/** Tokens that came back since; a clock that went back brings none and takes none. */
const tokensAt = ({ burst, everyMs }: BucketRule, { tokens, updatedAt }: ThrottleState, now: number) =>
  Math.min(burst, tokens + Math.max(0, now - updatedAt) / everyMs)

/** A day's failures end with the day; a day that begins in the future is one of a clock that jumped. */
function current(state: ThrottleState | undefined, now: number): Pick<ThrottleState, 'failures' | 'windowStartedAt' | 'blockedUntil'> {
  const fresh = { failures: 0, windowStartedAt: now, blockedUntil: 0 }
  if (state === undefined || now - state.windowStartedAt >= dayMs) return fresh
  return state.windowStartedAt > now ? { ...state, windowStartedAt: now } : state
}
