/** The ledger of activations, written by activateVersion. */
import { desc } from 'drizzle-orm'
import type { Activation } from '../contract/version'
import type { Db } from './open'
import { activations } from './schema'

/** The newest first. */
export function listActivations(db: Db, { limit = 100 }: { limit?: number } = {}): Activation[] {
  return db
    .select({
      epoch: activations.epoch,
      kind: activations.kind,
      from: activations.fromVersion,
      to: activations.toVersion,
      who: activations.who,
      why: activations.why,
      at: activations.at,
    })
    .from(activations)
    .orderBy(desc(activations.epoch))
    .limit(limit)
    .all()
    .map((row) => ({ ...row, at: new Date(row.at).toISOString() }))
}
