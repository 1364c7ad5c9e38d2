/**
 * Follows the configuration in the database: one prepared read every few milliseconds, a swap by one assignment. Whatever is wrong
 * with the database or with what it holds leaves the last good configuration in force.
 */
import { DomainError } from '../../domain/error'
import { currentRevision, followRevision, getRevision, listRevisions, type StoredRevision } from '../../store/document'
import type { Db } from '../../store/open'
import { type ConfigSnapshot, configDocument, defaultSnapshot, openSnapshot } from './snapshot'

export interface FollowerOptions {
  db: Db
  report: (event: FollowerEvent) => void
  onChange: (snapshot: ConfigSnapshot) => void
  /** Monotonic milliseconds. */
  now: () => number
}

export type FollowerEvent =
  | { event: 'config.changed'; revision: number; from: number; sha256: string }
  | { event: 'config.refused'; revision: number; code: string; path: string }
  | { event: 'config.unreadable'; code: string }

export interface FollowerStatus {
  revision: number
  sha256: string
  /** Milliseconds since the database last answered. */
  ageMs: number
  /** Why what the database holds is not in force; null when it is. */
  problem: string | null
}

export interface ConfigFollower {
  /** Asks the database and takes what is new. Never throws. */
  poll(): void
  /** What is in force. Asks first when the last time is longer ago than `staleMs`: the process may have slept. */
  current(): ConfigSnapshot
  status(): FollowerStatus
}

/** After so long a sleep another worker may have promised a change already. */
const staleMs = 100
/** Revisions looked through for a valid one at the start. */
const olderMax = 200

export function followConfig({ db, report, onChange, now }: FollowerOptions): ConfigFollower {
  const ask = followRevision(db, configDocument.kind)
  let snapshot = defaultSnapshot
  let isOpened = false
  let seen = ''
  let askedAt = now()
  let answeredAt = askedAt
  let refusal: string | null = null
  let unreadable: string | null = null

  const take = (next: ConfigSnapshot) => {
    const from = snapshot.revision
    snapshot = next
    isOpened = true
    if (next.revision !== from) report({ event: 'config.changed', revision: next.revision, from, sha256: next.sha256 })
    onChange(next)
  }

  const follow = () => {
    const at = ask()
    const mark = at === null ? 'none' : `${at.document}/${at.revision}`
    if (mark === seen) return
    const stored = at === null ? null : currentRevision(db, configDocument.kind)
    const refused = tryTake(stored)
    // a process that has just started has none that was good
    if (refused !== null && !isOpened) take(newestValid(db) ?? defaultSnapshot)
    refusal = refused
    seen = mark
  }

  const tryTake = (stored: StoredRevision | null): string | null => {
    try {
      take(stored === null ? defaultSnapshot : openSnapshot(stored))
      return null
    } catch (error) {
      const { code, path } = describe(error)
      const revision = stored?.revision ?? 0
      report({ event: 'config.refused', revision, code, path })
      return `revision ${revision} is not valid (${path || code}); bring another back: routewright config revert`
    }
  }

  const poll = () => {
    askedAt = now()
    try {
      follow()
      answeredAt = now()
      unreadable = null
    } catch (error) {
      const { code } = describe(error)
      if (unreadable === null) report({ event: 'config.unreadable', code })
      unreadable = `the database cannot be read (${code})`
    }
  }
  poll()
  return {
    poll,
    current: () => {
      if (now() - askedAt > staleMs) poll()
      return snapshot
    },
    status: () => ({
      revision: snapshot.revision,
      sha256: snapshot.sha256,
      ageMs: now() - answeredAt,
      problem: unreadable ?? refusal,
    }),
  }
}

function newestValid(db: Db): ConfigSnapshot | null {
  for (const { revision } of listRevisions(db, { ...configDocument, limit: olderMax })) {
    try {
      return openSnapshot(getRevision(db, { ...configDocument, revision }))
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'invalid_value') throw error
    }
  }
  return null
}

const describe = (error: unknown) =>
  error instanceof DomainError
    ? { code: error.code, path: error.details?.[0]?.path ?? '' }
    : { code: String((error as { code?: unknown } | null)?.code ?? 'internal'), path: '' }
