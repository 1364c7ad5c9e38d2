/** Saving a routing that came of a proposal, and what all saved ones say. */
import type { Adoption, AdoptionReport, AdoptionRequest } from '../contract/adoption'
import type { ProblemCode } from '../contract/problem'
import type { Actor } from '../domain/actor'
import { compareRoutings, hasOperations, summarizeAdoption } from '../domain/adoption'
import { DomainError } from '../domain/error'
import { type Comparison, listSavedProposals, type SaveInput, saveAdoption } from '../store/adoption'
import type { Db } from '../store/open'
import { readCandidates } from './proposal'

const DAY_MS = 86_400_000
/** A proposal so young may still be in the buffer of another process, ms. */
const YOUNG_MS = 5_000
/** How long to wait for it. */
const WAIT_MS = 2_500
const STEP_MS = 100

export interface AdoptInput {
  actor: Actor
  now: Date
  /** Writes what this process has not written yet. */
  flush: () => Promise<ProblemCode | null>
}

/** @throws unknown_proposal, invalid_value (no such candidate in it), busy, storage_full, database_unavailable */
export async function adopt(db: Db, request: AdoptionRequest, { actor, now, flush }: AdoptInput): Promise<Adoption> {
  const { proposal, by } = request
  // a person saves in the own name; a machine may say for whom
  const who = actor.id === null ? (by ?? actor.name) : actor.name
  const blocked = await flush()
  const compare: SaveInput['compare'] = (found) => compareWith(readCandidates(found), request)
  const saved = await whenKnown(proposal, now, () => saveAdoption(db, { proposal, who, actor, now, compare })).catch((error: unknown) => {
    // it may only not have been written yet: that is no reason to say that it never was
    if (blocked === null || !isUnknown(error)) throw error
    throw new DomainError(blocked, 'the proposal cannot be written to the database at this moment; save again later')
  })
  const { routing, at, ...figures } = saved
  return {
    proposal,
    ...figures,
    at: new Date(at).toISOString(),
    savedSteps: routing.steps.length,
    keptShare: figures.proposedSteps === 0 ? null : figures.kept / figures.proposedSteps,
  }
}

function compareWith(candidates: ReturnType<typeof readCandidates>, { candidate, routing }: AdoptionRequest): Comparison {
  const at = candidates.findIndex(({ id }) => id === candidate)
  if (candidate !== null && at < 0) {
    throw new DomainError('invalid_value', 'the proposal has no such candidate', {
      details: [{ path: '/candidate', message: 'not in the proposal' }],
    })
  }
  const first = candidates[0]
  const { savedSteps: _, keptShare: __, ...change } = compareRoutings(candidates[Math.max(0, at)] ?? null, routing.steps)
  const firstExact = first !== undefined && hasOperations(first, routing.steps)
  return { candidate, rank: at < 0 ? null : at + 1, routing, ...change, firstExact }
}

/** Tries again while the proposal is so young that another process may not have written it. The time is in its id (UUIDv7). */
async function whenKnown<T>(proposal: string, now: Date, act: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + WAIT_MS
  for (;;) {
    try {
      return await act()
    } catch (error) {
      const waits = isUnknown(error) && performance.now() < deadline
      if (!waits || !isYoung(proposal, now)) throw error
    }
    await Bun.sleep(STEP_MS)
  }
}

const isUnknown = (error: unknown) => error instanceof DomainError && error.code === 'unknown_proposal'

function isYoung(proposal: string, now: Date): boolean {
  const time = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(proposal)
  return time !== null && Math.abs(now.getTime() - Number.parseInt(time[1] + time[2], 16)) < YOUNG_MS
}

/** The last `days` days, today among them. */
export function adoptionReport(db: Db, { days, version, now }: { days: number; version?: string; now: Date }): AdoptionReport {
  const today = Math.floor(now.getTime() / DAY_MS)
  const dates = Array.from({ length: days }, (_, at) => new Date((today - days + 1 + at) * DAY_MS).toISOString().slice(0, 10))
  const rows = listSavedProposals(db, { since: (today - days + 1) * DAY_MS, version })
  return { since: dates[0], version: version ?? null, ...summarizeAdoption(rows, dates) }
}
