/** Codes by which an admin lets a person set a new password. Only the hash is kept; a person has one that counts. */
import { and, eq, gt, isNull } from 'drizzle-orm'
import { resetCodes } from './schema'
import type { Tx } from './write-transaction'

export interface NewResetCode {
  userId: number
  codeHash: string
  now: Date
  expiresAt: Date
}

/** Older ones of the person that were not used are forgotten. */
export function createResetCode(tx: Tx, { userId, codeHash, now, expiresAt }: NewResetCode): void {
  deleteResetCodes(tx, userId)
  tx.insert(resetCodes).values({ userId, codeHash, createdAt: now.getTime(), expiresAt: expiresAt.getTime() }).run()
}

/** True once: for a code of this person that was neither used nor is too old. */
export const consumeResetCode = (tx: Tx, { userId, codeHash, now }: { userId: number; codeHash: string; now: Date }): boolean =>
  tx
    .update(resetCodes)
    .set({ usedAt: now.getTime() })
    .where(
      and(
        eq(resetCodes.codeHash, codeHash),
        eq(resetCodes.userId, userId),
        isNull(resetCodes.usedAt),
        gt(resetCodes.expiresAt, now.getTime()),
      ),
    )
    .returning({ at: resetCodes.createdAt })
    .get() !== undefined

/** A person's codes that were not used end, for example with a suspension. */
export const deleteResetCodes = (tx: Tx, userId: number): void =>
  void tx
    .delete(resetCodes)
    .where(and(eq(resetCodes.userId, userId), isNull(resetCodes.usedAt)))
    .run()
