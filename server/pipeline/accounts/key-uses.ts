/** When keys were used last: noted in memory, written now and then, so that no request waits for the disk. */
import { touchKeys } from '../../store/api-key'
import type { Db } from '../../store/open'
import { writeTransaction } from '../../store/write-transaction'

export interface KeyUses {
  /** Costs a map's entry. `at` in Unix ms. */
  note: (id: string, at: number) => void
  /** Writes what was noted; what cannot be written waits for the next time. */
  flush: () => Promise<void>
  /** Writes the rest and ends. */
  stop: () => Promise<void>
}

export function createKeyUses({ db, everyMs = 10_000 }: { db: Db; everyMs?: number }): KeyUses {
  // Bounded by the number of keys: only known ones are noted.
  const uses = new Map<string, number>()
  const flush = async () => {
    if (uses.size === 0) return
    const written = new Map(uses)
    try {
      await writeTransaction(db, (tx) => touchKeys(tx, written))
      for (const [id, at] of written) if (uses.get(id) === at) uses.delete(id)
    } catch {
      // A database that is locked or full must not stop the keys; health tells of it.
    }
  }
  const timer = setInterval(() => void flush(), everyMs)
  timer.unref()
  const stop = async () => {
    clearInterval(timer)
    await flush()
  }
  return { note: (id, at) => void uses.set(id, at), flush, stop }
}
