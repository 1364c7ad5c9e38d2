/** When sessions were seen last: noted in memory and written now and then, so that no request waits for the disk. */
import type { Db } from '../../store/open'
import { deleteOldSessions, touchSessions } from '../../store/session'
import { writeTransaction } from '../../store/write-transaction'

export interface SessionUses {
  /** Unix ms. */
  note(id: string, at: number): void
  /** What this process saw; 0 for nothing. */
  lastSeen(id: string): number
  /** Writes what was noted; what cannot be written waits for the next time. */
  flush(): Promise<void>
  stop(): Promise<void>
}

const sessionsMax = 10_000
/** Kept after writing, so that a database that cannot be written ends nobody's session. */
const keptMs = 3_600_000

export function createSessionUses({ db, everyMs = 30_000 }: { db: Db; everyMs?: number }): SessionUses {
  const seen = new Map<string, number>()
  const dirty = new Set<string>()
  let flushes = 0
  const flush = async () => {
    if (dirty.size === 0) return
    const written = new Map([...dirty].map((id) => [id, seen.get(id) ?? 0]))
    dirty.clear()
    const now = new Date()
    try {
      await writeTransaction(db, (tx) => {
        touchSessions(tx, written)
        if (flushes++ % 100 === 0) deleteOldSessions(tx, now)
      })
      for (const [id, at] of seen) if (at < now.getTime() - keptMs) seen.delete(id)
    } catch {
      // Locked or full: health tells of it; the next time writes these too.
      for (const id of written.keys()) dirty.add(id)
    }
  }
  const timer = setInterval(() => void flush(), everyMs)
  timer.unref()
  return {
    note: (id, at) => {
      if (!seen.has(id) && seen.size >= sessionsMax) {
        const oldest = seen.keys().next().value as string
        seen.delete(oldest)
        dirty.delete(oldest)
      }
      seen.set(id, at)
      dirty.add(id)
    },
    lastSeen: (id) => seen.get(id) ?? 0,
    flush,
    stop: async () => {
      clearInterval(timer)
      await flush()
    },
  }
}
