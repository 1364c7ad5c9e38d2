/** Deleting a version: first nothing may activate it any more, then its files go. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { withdrawVersion } from '../../artifacts/version-directory'
import type { Deleted } from '../../contract/activation'
import { deletedVersions } from '../../store/model-version'
import type { Db } from '../../store/open'
import { markDeleted } from '../../store/version-deletion'

export interface DeleteOrder {
  version: string
  who: string
  requestId?: string
  now?: Date
}

/**
 * Gives up a version that nobody needs. Its row stays in the ledger, its name is never given again. Files that cannot be removed
 * now (Windows keeps open ones) are removed later.
 * Throws `version_unknown`, `version_in_use`.
 */
export async function deleteVersion(db: Db, modelsDirectory: string, { now = new Date(), ...order }: DeleteOrder): Promise<Deleted> {
  await markDeleted(db, { ...order, now })
  return { version: order.version, filesRemoved: await removeFiles(modelsDirectory, order.version) }
}

/** Removes what is left of deleted versions. Returns those whose files went now. Never throws for the disk's sake. */
export async function sweepDeleted(db: Db, modelsDirectory: string): Promise<string[]> {
  const swept: string[] = []
  for (const version of deletedVersions(db)) {
    if (existsSync(join(modelsDirectory, version)) && (await removeFiles(modelsDirectory, version))) swept.push(version)
  }
  return swept
}

async function removeFiles(modelsDirectory: string, version: string): Promise<boolean> {
  try {
    await withdrawVersion(modelsDirectory, version)
    return true
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code === 'string') return false
    throw error
  }
}
