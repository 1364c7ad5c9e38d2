/** A version that serves is watched for a while: when is it so much worse than the one before that it must go? */
import { type SwitchNote, switchNote } from './switch-note'

/** Answers of one epoch, of all workers together. */
export interface Watched {
  requests: number
  failures: number
  /** Nothing proposed, nothing found. */
  empty: number
  slow: number
}

export interface ProbationInput {
  /** Since it serves. */
  all: Watched
  /** Of the last seconds: a fault that shows late must not hide behind the good answers before it. */
  recent: Watched
  /** Of the version before. */
  before: Watched
}

/** Fewer requests say nothing by their share. */
const REQUESTS_MIN = 100
const FAILED_SHARE_MAX = 0.01
const FAILURES_EARLY_MAX = 20
/** Empty or slow answers must be so many more than before, as a share. */
const WORSE_BY = 0.2
const SLOW_SHARE_MAX = 0.05
const SLOW_SHARE_BEFORE_MAX = 0.01

/** Why the version must go; null while nothing speaks against it. */
export function judgeProbation({ all, recent, before }: ProbationInput): SwitchNote | null {
  if (all.requests <= REQUESTS_MIN && all.failures >= FAILURES_EARLY_MAX) return failed(all)
  for (const one of [all, recent]) {
    if (one.requests < REQUESTS_MIN) continue
    if (one.failures > FAILED_SHARE_MAX * one.requests) return failed(one)
    // what the version before never answered is no measure for this one
    if (before.requests < REQUESTS_MIN) continue
    const [empty, emptyBefore] = [one.empty / one.requests, before.empty / before.requests]
    if (empty > emptyBefore + WORSE_BY && empty > 2 * emptyBefore) {
      return switchNote('answers_empty', { share: empty, requests: one.requests, before: emptyBefore })
    }
    const [slow, slowBefore] = [one.slow / one.requests, before.slow / before.requests]
    if (slow > SLOW_SHARE_MAX && slowBefore <= SLOW_SHARE_BEFORE_MAX) {
      return switchNote('answers_slow', { share: slow, requests: one.requests, before: slowBefore })
    }
  }
  return null
}

const failed = ({ failures, requests }: Watched) => switchNote('requests_failed', { requests, failed: failures })
