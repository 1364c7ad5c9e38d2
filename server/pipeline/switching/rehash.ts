/** Once a day the files of the version that serves are read again: disks forget. What was changed must not be opened by the next start. */
import { versionDirectory } from '../../artifacts/version-name'
import { DomainError } from '../../domain/error'
import { newestStampBelow } from '../../store/file-stamp'
import { activateVersion, readState } from '../../store/model-version'
import type { Db } from '../../store/open'
import { failureOf, isTransient, verifyVersion } from '../registry'

export type RehashEvent =
  | { event: 'model.damaged'; version: string; code: string; reason: string }
  | { event: 'model.taken_back'; version: string; to: string | null; reason: string }

export interface RehashOptions {
  db: Db
  modelsDirectory: string
  /** Has the version open, or opens it. Throws when it cannot. */
  prepare: (version: string) => Promise<void>
  report: (event: RehashEvent) => void
  now: Date
}

const DAY_MS = 86_400_000

/**
 * Reads every byte of the active version when that was done a day ago or more. A damaged one is taken back, if the one before it is
 * sound; else it goes on serving from memory, and people are told. Returns whether files were read.
 */
export async function rehashActive({ db, modelsDirectory, prepare, report, now }: RehashOptions): Promise<boolean> {
  const { active, previous, epoch } = readState(db)
  if (active === null) return false
  try {
    const verifiedAt = newestStampBelow(db, await versionDirectory(modelsDirectory, active))
    if (verifiedAt !== null && Math.abs(now.getTime() - verifiedAt) < DAY_MS) return false
    await verifyVersion(db, modelsDirectory, { version: active, now, trustStamps: false })
    return true
  } catch (error) {
    if (!(error instanceof DomainError) || isTransient(error.code)) throw error
    const failure = failureOf(error)
    report({ event: 'model.damaged', version: active, ...failure })
    if (previous === null) return true
    try {
      await verifyVersion(db, modelsDirectory, { version: previous, now, trustStamps: false })
      await prepare(previous)
    } catch (worse) {
      // a folder that is away takes all versions along: what is in memory is the best there is
      if (worse instanceof DomainError) return true
      throw worse
    }
    const why = `${active}: ${failure.reason}`
    await activateVersion(db, { version: previous, kind: 'auto_rollback', who: 'system', why, ifEpoch: epoch, now, failure })
    report({ event: 'model.taken_back', version: active, to: previous, reason: failure.reason })
    return true
  }
}
