/** Answers that were given, for comparing what is saved from them. */
import { eq, sql } from 'drizzle-orm'
import type { Db } from './open'
import { proposals } from './schema'
import type { Tx } from './write-transaction'

export type NewProposal = Omit<typeof proposals.$inferSelect, 'seq'>
export type StoredProposal = NewProposal

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
  for (const row of rows) insert.run(row)
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
