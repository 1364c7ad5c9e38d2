/** Routings that were saved from proposals. Every revision stays; the newest of a proposal counts. */
import { and, eq, gte, sql } from 'drizzle-orm'
import type { Actor } from '../domain/actor'
import type { SavedProposal } from '../domain/adoption'
import { DomainError } from '../domain/error'
import { appendAudit } from './audit'
import type { Db } from './open'
import { findProposal, type StoredProposal } from './proposal'
import { adoptions } from './schema'
import { type Tx, writeTransaction } from './write-transaction'

type Row = typeof adoptions.$inferSelect
/** What comes of comparing a saved routing with its proposal. */
export type Comparison = Omit<Row, 'id' | 'proposal' | 'revision' | 'at' | 'who' | 'version' | 'item' | 'confidence' | 'abstained'>

export interface SaveInput {
  proposal: string
  /** In whose name; `actor` is who asked for it. */
  who: string
  actor: Actor
  now: Date
  /** May refuse by throwing. */
  compare: (proposal: StoredProposal) => Comparison
}

/** Adds a revision with its audit row. Throws `unknown_proposal`, what `compare` throws, `busy`, `storage_full`, `database_unavailable`. */
export function saveAdoption(
  db: Db,
  { proposal, who, actor, now, compare }: SaveInput,
): Promise<Comparison & { revision: number; version: string; at: number }> {
  return writeTransaction(db, (tx) => {
    const found = findProposal(tx, proposal)
    if (found === undefined) throw new DomainError('unknown_proposal', 'this proposal is not known, or too old to be kept')
    const compared = compare(found)
    const { version, item, confidence, abstained } = found
    const revision = newestRevision(tx, proposal) + 1
    const at = now.getTime()
    tx.insert(adoptions)
      .values({ proposal, revision, at, who, version, item, confidence, abstained, ...compared })
      .run()
    const { exact, editDistance, candidate } = compared
    const details = { by: who, revision, version, candidate, exact, editDistance, requestId: actor.requestId }
    appendAudit(tx, { at: now, actor: actor.name, action: 'adoption.save', subject: proposal, details })
    return { ...compared, revision, version, at }
  })
}

function newestRevision(tx: Tx, proposal: string): number {
  const row = tx
    .select({ revision: sql<number | null>`max(${adoptions.revision})` })
    .from(adoptions)
    .where(eq(adoptions.proposal, proposal))
    .get()
  return row?.revision ?? 0
}

/** The newest revision of every proposal that was saved (last) since. */
export function listSavedProposals(db: Db, { since, version }: { since: number; version?: string }): SavedProposal[] {
  return db
    .select({
      at: adoptions.at,
      confidence: adoptions.confidence,
      exact: adoptions.exact,
      firstExact: adoptions.firstExact,
      editDistance: adoptions.editDistance,
      proposedSteps: adoptions.proposedSteps,
      kept: adoptions.kept,
    })
    .from(adoptions)
    .where(
      and(
        gte(adoptions.at, since),
        version === undefined ? undefined : eq(adoptions.version, version),
        sql`not exists (select 1 from adoptions as newer where newer.proposal = ${adoptions.proposal} and newer.revision > ${adoptions.revision})`,
      ),
    )
    .all()
}
