/** One run under the trainer's lock: leftovers of dead runs are swept first, and a failure closes the run with its reason. */
import { hostname } from 'node:os'
import { acquireTrainerLock } from '../../artifacts/trainer-lock'
import { sweepStaging } from '../../artifacts/version-directory'
import { DomainError } from '../../domain/error'
import type { Db } from '../../store/open'
import { failTrainingRun, startTrainingRun } from '../../store/training-run'
import { sweepAbandoned } from '../registry'

export interface TrainingRunInput {
  db: Db
  modelsDirectory: string
  /** What is done, for whoever finds the lock taken: `train plant`. */
  command: string
  now: () => Date
}

/** Runs `act` with the run's id, the fencing token. Throws `training_locked` when another process holds the lock, and what `act` throws. */
export async function underTrainingRun<T>(
  { db, modelsDirectory, command, now }: TrainingRunInput,
  act: (run: number) => Promise<T>,
): Promise<T> {
  const host = hostname()
  const lock = acquireTrainerLock(modelsDirectory, { holder: { pid: process.pid, host, startedAt: now().toISOString(), command } })
  let run: number | null = null
  try {
    await sweepStaging(modelsDirectory)
    run = await startTrainingRun(db, { pid: process.pid, host, command, now: now() })
    await sweepAbandoned(db, modelsDirectory)
    return await act(run)
  } catch (error) {
    if (run !== null) {
      const code = error instanceof DomainError ? error.code : 'internal'
      await failTrainingRun(db, { run, code, reason: error instanceof DomainError ? error.message : 'unexpected failure', now: now() })
    }
    throw error
  } finally {
    lock.release()
  }
}
