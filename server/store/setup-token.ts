/** The one-time token of the link that the console prints while nobody is an admin. Only the hash is kept; the newest counts. */
import { and, eq, isNull } from 'drizzle-orm'
import { setupTokens } from './schema'
import type { Reader } from './user'
import type { Tx } from './write-transaction'

/** Older ones that were not used are forgotten. */
export function createSetupToken(tx: Tx, { tokenHash, now }: { tokenHash: string; now: Date }): void {
  tx.delete(setupTokens).where(isNull(setupTokens.usedAt)).run()
  tx.insert(setupTokens).values({ tokenHash, createdAt: now.getTime() }).run()
}

/** True once: for the token that is known and was not used. */
export const consumeSetupToken = (tx: Tx, { tokenHash, now }: { tokenHash: string; now: Date }): boolean =>
  tx
    .update(setupTokens)
    .set({ usedAt: now.getTime() })
    .where(and(eq(setupTokens.tokenHash, tokenHash), isNull(setupTokens.usedAt)))
    .returning({ at: setupTokens.createdAt })
    .get() !== undefined

/** Whether this token is known and was not used. */
export const isSetupTokenOpen = (db: Reader, tokenHash: string): boolean =>
  db
    .select({ at: setupTokens.createdAt })
    .from(setupTokens)
    .where(and(eq(setupTokens.tokenHash, tokenHash), isNull(setupTokens.usedAt)))
    .get() !== undefined
