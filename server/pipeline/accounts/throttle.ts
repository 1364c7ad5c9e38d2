/** Who may try a password now: per account name, per address and in total; a browser that is known has an allowance of its own. */
import { DomainError } from '../../domain/error'
import { type BackoffRule, type BucketRule, charge, giveBack, type ThrottleRule, waitMs } from '../../domain/throttle'
import { findThrottles, pruneThrottles, saveThrottle } from '../../store/login-throttle'
import type { Db } from '../../store/open'
import { type Tx, writeTransaction } from '../../store/write-transaction'

export interface ThrottleRules {
  account: BackoffRule
  /** Of a known browser and its person. */
  device: BackoffRule
  address: BucketRule
  total: BucketRule
  registerAddress: BucketRule
  registerTotal: BucketRule
}

/** A verification costs 42 ms of one core: one in two seconds is a fiftieth of a core, which predictions lack under a flood. */
export const throttleRules: ThrottleRules = {
  account: { kind: 'backoff', free: 5, blockMsMin: 1_000, blockMsMax: 15 * 60_000, perDay: 90 },
  device: { kind: 'backoff', free: 5, blockMsMin: 1_000, blockMsMax: 60_000, perDay: 90 },
  address: { kind: 'bucket', burst: 10, everyMs: 5_000 },
  total: { kind: 'bucket', burst: 20, everyMs: 2_000 },
  registerAddress: { kind: 'bucket', burst: 5, everyMs: 60_000 },
  registerTotal: { kind: 'bucket', burst: 20, everyMs: 5_000 },
}

/** Key of the table → the rule that holds it. */
export type Charges = [key: string, rule: ThrottleRule][]

export interface Throttle {
  /**
   * Charges all keys or none, in one transaction. Throws `too_many_attempts` with the seconds to wait (`retryAfterOf`), and where the
   * database cannot be written `busy`, `storage_full`, `database_unavailable`: nothing is tried unthrottled.
   */
  charge(charges: Charges, now: Date): Promise<void>
}

const pruneEvery = 500

/** @param onBlocked told of an address, or of all, that must wait; never of a name: its waiting must not show */
export function createThrottle(db: Db, { onBlocked = () => {} }: { onBlocked?: (key: string, waitMs: number) => void } = {}): Throttle {
  let charged = 0
  return {
    async charge(charges, now) {
      const keys = charges.map(([key]) => key)
      // Without the write lock first: a flood must not wait for it, nor hold it.
      refuseBlocked(charges, findThrottles(db, keys), now, onBlocked)
      await writeTransaction(db, (tx) => {
        const rows = findThrottles(tx, keys)
        refuseBlocked(charges, rows, now, onBlocked)
        for (const [key, rule] of charges) saveThrottle(tx, { key, ...charge(rule, rows.get(key), now.getTime()) })
        if (++charged % pruneEvery === 0) pruneThrottles(tx, now)
      })
    },
  }
}

/** The attempt was right: in the transaction of what it led to. */
export function giveChargesBack(tx: Tx, charges: Charges, now: Date): void {
  const rows = findThrottles(
    tx,
    charges.map(([key]) => key),
  )
  for (const [key, rule] of charges) {
    const state = giveBack(rule, rows.get(key), now.getTime())
    if (state !== undefined) saveThrottle(tx, { key, ...state })
  }
}

function refuseBlocked(
  charges: Charges,
  rows: ReturnType<typeof findThrottles>,
  now: Date,
  onBlocked: (key: string, waitMs: number) => void,
): void {
  const waits = charges.map(([key, rule]) => ({ key, waits: waitMs(rule, rows.get(key), now.getTime()), bucket: rule.kind === 'bucket' }))
  const wait = Math.max(...waits.map((one) => one.waits))
  for (const { key, waits: ms, bucket } of waits) if (bucket && ms > 0) onBlocked(key, ms)
  if (wait > 0) throw tooMany(Math.ceil(wait / 1_000))
}

/** `retryAfterSeconds` becomes the answer's `Retry-After`. */
export const tooMany = (retryAfterSeconds: number) =>
  new DomainError('too_many_attempts', 'too many attempts; wait a while', { retryAfterSeconds })

/** An IPv6 network of one household or server is one address. */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address
  const [head, rest] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = rest === undefined || rest === '' ? [] : rest.split(':')
  const groups = rest === undefined ? left : [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')
}
