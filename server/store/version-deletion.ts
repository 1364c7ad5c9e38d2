/** Giving up a version's files. Its row stays: the ledger and the audit name it. */
import { eq } from 'drizzle-orm'
import { DomainError } from '../domain/error'
import { readOpenIntent } from './activation-intent'
import { appendAudit } from './audit'
import { getVersion, readState } from './model-version'
import type { Db } from './open'
import { modelVersions } from './schema'
import { livingWorkers } from './worker-state'
import { writeTransaction } from './write-transaction'

/**
 * Marks a version as deleted, so that nothing can activate it any more; its files may go afterwards.
 * Throws `version_unknown`, `version_in_use` (active, previous, mapped by a worker, or named by a switch on its way).
 */
export function markDeleted(
  db: Db,
  { version, who, now, requestId }: { version: string; who: string; now: Date; requestId?: string },
): Promise<void> {
  return writeTransaction(db, (tx) => {
    const { bytes, status, manifestSha256 } = getVersion(tx, version)
    const { active, previous } = readState(tx)
    if (version === active) throw inUse('it serves')
    if (version === previous) throw inUse('it is the one to go back to')
    if (readOpenIntent(tx)?.version === version) throw inUse('it is being activated')
    const holder = livingWorkers(tx, now).find(({ mapped }) => mapped.includes(version))
    if (holder) throw inUse(`worker ${holder.worker} still has it open`)
    tx.update(modelVersions).set({ deletedAt: now.getTime() }).where(eq(modelVersions.version, version)).run()
    const details = { status, bytes, manifestSha256, requestId }
    appendAudit(tx, { at: now, actor: who, action: 'model.delete', subject: version, details })
  })
}

const inUse = (message: string) =>
  new DomainError('version_in_use', `the version cannot be deleted: ${message}`, { details: [{ path: 'version', message }] })
