/** Counts the answers of this process by the epoch that gave them; a timer writes them where all workers' counts are summed. */
import { DomainError } from '../../domain/error'
import type { Db } from '../../store/open'
import { type Counts, noCounts, saveCounts } from '../../store/probation'

export interface Answered {
  failed: boolean
  /** Nothing proposed, nothing found. */
  empty: boolean
  /** Of the calculation alone, queues not counted. */
  ms: number
}

export interface AnswerCounts {
  noteAnswer: (epoch: number, answered: Answered) => void
  /** Runs a calculation and notes how it went; what the client did wrong is no failure of the version. */
  watch: <T>(epoch: number, act: () => T, isEmpty: (answer: T) => boolean) => T
  /** Writes what changed since the last time. Throws `busy`, `database_unavailable`, `storage_full`; it is written with the next then. */
  flush: () => Promise<void>
}

/** Longer than this nobody should wait for a calculation. */
const SLOW_MS = 1_000
/** Answers that began before a switch end under the old epoch. */
const EPOCHS_KEPT = 3

export function createAnswerCounts({ db, bootId, now = () => new Date() }: { db: Db; bootId: string; now?: () => Date }): AnswerCounts {
  const epochs = new Map<number, Counts>()
  const changed = new Set<number>()

  const noteAnswer = (epoch: number, { failed, empty, ms }: Answered): void => {
    let counts = epochs.get(epoch)
    if (counts === undefined) {
      counts = { ...noCounts }
      epochs.set(epoch, counts)
      for (const old of epochs.keys()) if (old <= epoch - EPOCHS_KEPT) epochs.delete(old)
    }
    counts.requests++
    if (failed) counts.failures++
    if (empty) counts.empty++
    if (ms > SLOW_MS) counts.slow++
    changed.add(epoch)
  }

  return {
    noteAnswer,
    watch: (epoch, act, isEmpty) => {
      const startedAt = performance.now()
      let [failed, empty] = [false, false]
      try {
        const answer = act()
        empty = isEmpty(answer)
        return answer
      } catch (error) {
        failed = !(error instanceof DomainError) || error.status === 500
        throw error
      } finally {
        noteAnswer(epoch, { failed, empty, ms: performance.now() - startedAt })
      }
    },
    flush: async () => {
      for (const epoch of [...changed]) {
        const counts = epochs.get(epoch)
        changed.delete(epoch)
        if (counts === undefined) continue
        try {
          await saveCounts(db, { epoch, bootId, counts: { ...counts }, now: now() })
        } catch (error) {
          changed.add(epoch)
          throw error
        }
      }
    },
  }
}
