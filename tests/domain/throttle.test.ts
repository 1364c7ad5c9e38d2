import { describe, expect, test } from 'bun:test'
import { type BackoffRule, type BucketRule, charge, giveBack, type ThrottleState, waitMs } from '../../server/domain/throttle'

const backoff: BackoffRule = { kind: 'backoff', free: 5, blockMsMin: 1_000, blockMsMax: 900_000, perDay: 90 }
const bucket: BucketRule = { kind: 'bucket', burst: 10, everyMs: 5_000 }
const day = 86_400_000
const start = Date.UTC(2026, 0, 5)

/** How many of the attempts, one every `everyMs`, are let through. */
function letThrough(rule: BackoffRule | BucketRule, { everyMs, forMs, from = start }: { everyMs: number; forMs: number; from?: number }) {
  let state: ThrottleState | undefined
  let through = 0
  for (let now = from; now < from + forMs; now += everyMs) {
    if (waitMs(rule, state, now) > 0) continue
    state = charge(rule, state, now)
    through++
  }
  return through
}

describe('guesses at one account', () => {
  test('five at once, then each waits twice as long as the one before', () => {
    let state: ThrottleState | undefined
    const waits = Array.from({ length: 9 }, () => {
      const now = start + (state === undefined ? 0 : state.blockedUntil - start)
      state = charge(backoff, state, Math.max(start, now))
      return waitMs(backoff, state, state.updatedAt) / 1_000
    })
    expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16])
  })
  test('never more than 90 a day, however they come', () => {
    for (const everyMs of [10, 1_000, 60_000, 900_000]) {
      expect(letThrough(backoff, { everyMs: Math.max(everyMs, 100), forMs: day })).toBeLessThanOrEqual(90)
    }
  })
  test('a right password gives its own attempt back and no more', () => {
    let state: ThrottleState | undefined
    for (let times = 0; times < 4; times++) state = charge(backoff, state, start)
    state = giveBack(backoff, charge(backoff, state, start), start)
    expect(state).toMatchObject({ failures: 4, blockedUntil: 0 })
  })
  test('a clock that jumps blocks nobody for longer than the rule', () => {
    let state: ThrottleState | undefined
    for (let times = 0; times < 30; times++) state = charge(backoff, state, start + 365 * day)
    expect(waitMs(backoff, state, start)).toBeLessThanOrEqual(backoff.blockMsMax)
    for (let times = 0; times < 90; times++) state = charge(backoff, state, start + 365 * day)
    expect(waitMs(backoff, state, start)).toBeLessThanOrEqual(day)
  })
})

describe('a bucket', () => {
  test('lets its burst through and then its pace', () => {
    expect(letThrough(bucket, { everyMs: 1, forMs: 1_000 })).toBe(10)
    expect(letThrough(bucket, { everyMs: 100, forMs: 100_000 })).toBe(29)
  })
  test('is not filled by a clock that goes back, nor emptied', () => {
    const state = charge(bucket, undefined, start)
    expect(charge(bucket, state, start - day).tokens).toBe(8)
  })
})
