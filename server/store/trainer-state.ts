/** Whether a trainer lives. */
import { eq } from 'drizzle-orm'
import type { Db } from './open'
import { trainerStates } from './schema'
import { writeTransaction } from './write-transaction'

export function noteTrainer(db: Db, state: { pid: number; host: string; startedAt: number; seenAt: number }): Promise<void> {
  return writeTransaction(db, (tx) => {
    tx.insert(trainerStates)
      .values({ id: 1, ...state })
      .onConflictDoUpdate({ target: trainerStates.id, set: state })
      .run()
  })
}

export function readTrainer(db: Db): { pid: number; host: string; startedAt: number; seenAt: number } | null {
  const { pid, host, startedAt, seenAt } = trainerStates
  return db.select({ pid, host, startedAt, seenAt }).from(trainerStates).where(eq(trainerStates.id, 1)).get() ?? null
}
