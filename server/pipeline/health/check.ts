/** One thing that was asked, and how a check of it is made: what several parts of the health share. */
import type { HealthCheck, HealthStatus } from '../../contract/health'
import { DomainError } from '../../domain/error'

export type Check = Omit<HealthCheck, 'time'>
/** `component:measurement` and what it says. */
export type NamedCheck = [name: string, check: Check]

const cacheMs = 1_000

/** The value of the last second. A promise that failed is not kept, because none of these fails. */
export function cached<T>(make: () => T, now: () => number): () => T {
  let kept: { value: T; at: number } | null = null
  return () => {
    if (kept === null || now() - kept.at >= cacheMs) kept = { value: make(), at: now() }
    return kept.value
  }
}

/** Asks a part and takes the time; what it throws is its failure. */
export function timed(part: string, act: () => void, now: () => number): Check {
  const startedAt = now()
  try {
    act()
    return { status: 'pass', observedValue: Math.round((now() - startedAt) * 1000) / 1000, observedUnit: 'ms' }
  } catch (error) {
    return { status: 'fail', output: error instanceof DomainError ? error.message : `the ${part} failed unexpectedly` }
  }
}

/** Predictions go on without it. */
export const notNeeded = (check: Check): Check => (check.status === 'fail' ? { ...check, status: 'warn' } : check)

export const worstOf = (statuses: HealthStatus[]): HealthStatus =>
  statuses.includes('fail') ? 'fail' : statuses.includes('warn') ? 'warn' : 'pass'
