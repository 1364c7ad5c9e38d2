/** Answers that were given, for comparing what is saved from them. */
import { eq, sql } from 'drizzle-orm'
import type { Db } from './open'
import { proposals } from './schema'
import type { Tx } from './write-transaction'

export type NewProposal = Omit<typeof proposals.$inferSelect, 'seq'>
export type StoredProposal = NewProposal

/** SQLite's bound on the parameters of one statement is 32,766. */
const ROWS_PER_STATEMENT = 100

/** A proposal that is there already stays as it is. */
export function insertProposals(tx: Tx, rows: readonly NewProposal[]): void {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    tx.insert(proposals)
      .values(rows.slice(at, at + ROWS_PER_STATEMENT))
      .onConflictDoNothing()
      .run()
  }
}

/** Keeps the newest `keep`. */
export function pruneProposals(tx: Tx, keep: number): void {
  tx.delete(proposals).where(sql`${proposals.seq} <= (select max(seq) from proposals) - ${keep}`).run()
}

export function findProposal(db: Db | Tx, id: string): StoredProposal | undefined {
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
