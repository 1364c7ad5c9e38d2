/** Starts that are opening the active version, so that one which kills its process is not tried for ever. */
import { eq, inArray } from 'drizzle-orm'
import type { Db } from './open'
import { bootAttempts } from './schema'
import { writeTransaction } from './write-transaction'

export interface BootAttempt {
  id: number
  pid: number
  at: number
}

/** Notes a start and returns its id and the starts noted before it that have not ended. */
export function beginBoot(
  db: Db,
  { version, pid, now }: { version: string; pid: number; now: Date },
): Promise<{ id: number; open: BootAttempt[] }> {
  return writeTransaction(db, (tx) => {
    const open = tx
      .select({ id: bootAttempts.id, pid: bootAttempts.pid, at: bootAttempts.at })
      .from(bootAttempts)
      .where(eq(bootAttempts.version, version))
      .all()
    const { id } = tx.insert(bootAttempts).values({ version, pid, at: now.getTime() }).returning({ id: bootAttempts.id }).get()
    return { id, open }
  })
}

/** Strikes out starts: one's own when it is over, and those of the dead once a start went well. */
export function endBoot(db: Db, ids: number[]): Promise<void> {
  return writeTransaction(db, (tx) => void tx.delete(bootAttempts).where(inArray(bootAttempts.id, ids)).run())
}
