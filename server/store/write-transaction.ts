/**
 * Every write goes through here: one BEGIN IMMEDIATE transaction, so that it cannot fail half-way for want of the lock. Waiting
 * for another process happens outside SQLite, in steps, because SQLite's own waiting would stop the event loop, and with it all
 * predictions.
 */
import { DomainError } from '../domain/error'
import { type Db, STATEMENT_WAIT_MS } from './open'
import { isBusy, storeProblem } from './store-problem'

/** A write waits this long for another process before it gives up, ms. */
export const WRITE_WAIT_MS = 2_000
const STEP_MS = 10

export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

/**
 * Runs `act` in a transaction and returns what it returns. `act` is synchronous and may run again from the start.
 * Throws `busy` when another process keeps the database locked for `waitMs`, `database_unavailable`, `storage_full`, and what
 * `act` throws; nothing is written then.
 */
export async function writeTransaction<T>(db: Db, act: (tx: Tx) => T, { waitMs = WRITE_WAIT_MS } = {}): Promise<T> {
  if (db.$guard?.isReplaced())
    throw new DomainError('database_unavailable', 'the database file was removed or replaced; nothing is written')
  const deadline = performance.now() + waitMs
  for (;;) {
    try {
      db.$client.run('PRAGMA busy_timeout = 0')
      return db.transaction(act, { behavior: 'immediate' })
    } catch (error) {
      if (!isBusy(error)) throw storeProblem(error)
      if (performance.now() >= deadline) {
        if (db.$guard) db.$guard.busy++
        throw storeProblem(error)
      }
    } finally {
      db.$client.run(`PRAGMA busy_timeout = ${STATEMENT_WAIT_MS}`)
    }
    await Bun.sleep(STEP_MS)
  }
}
