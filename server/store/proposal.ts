/** Answers that were given, for comparing what is saved from them. */
import { eq, sql } from 'drizzle-orm'
import type { Db } from './open'
import { proposalRepeats, proposals } from './schema'
import type { Tx } from './write-transaction'

export type StoredProposal = Omit<typeof proposals.$inferSelect, 'seq'>
export interface NewProposal extends StoredProposal {
  /** Further numbers under which it was given. */
  repeats?: readonly string[]
}

/** A proposal that is there already stays as it is. One prepared statement: a third of the time of long lists of values. */
export function insertProposals(tx: Tx, rows: readonly NewProposal[]): void {
  const insert = tx
    .insert(proposals)
    .values({
      id: sql.placeholder('id'),
      version: sql.placeholder('version'),
      epoch: sql.placeholder('epoch'),
      item: sql.placeholder('item'),
      confidence: sql.placeholder('confidence'),
      abstained: sql.placeholder('abstained'),
      candidates: sql.placeholder('candidates'),
      at: sql.placeholder('at'),
    })
    .onConflictDoNothing()
    .prepare()
  for (const { repeats = [], ...row } of rows) {
    insert.run(row)
    // one statement for all numbers of a proposal
    if (repeats.length > 0)
      tx.run(sql`insert into ${proposalRepeats} ("id", "proposal") select value, ${row.id} from json_each(${JSON.stringify(repeats)}) where true
        on conflict do nothing`)
  }
}

/** Keeps the newest `keep`, and as many of their repetitions. */
export function pruneProposals(tx: Tx, keep: number): void {
  tx.delete(proposals).where(sql`${proposals.seq} <= (select max(seq) from proposals) - ${keep}`).run()
  tx.delete(proposalRepeats).where(sql`${proposalRepeats.seq} <= (select max(seq) from proposal_repeats) - ${keep}`).run()
}

/** With the number that was asked for, also where it was given again under it. */
export function findProposal(db: Db | Tx, id: string): StoredProposal | undefined {
  const own = readProposal(db, id)
  if (own !== undefined) return own
  const repeat = db.select({ proposal: proposalRepeats.proposal }).from(proposalRepeats).where(eq(proposalRepeats.id, id)).get()
  const first = repeat && readProposal(db, repeat.proposal)
  return first && { ...first, id }
}

function readProposal(db: Db | Tx, id: string): StoredProposal | undefined {
  return db
    .select({
      id: proposals.id,
      version: proposals.version,
      epoch: proposals.epoch,
      item: proposals.item,
      confidence: proposals.confidence,
      abstained: proposals.abstained,
      candidates: proposals.candidates,
      at: proposals.at,
    })
    .from(proposals)
    .where(eq(proposals.id, id))
    .get()
}
