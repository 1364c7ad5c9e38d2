/** A database that was damaged (a bad disk, a crash of the machine): the newest sound copy takes its place, the damaged one stays. */
import { Database } from 'bun:sqlite'
import { copyFileSync, existsSync, renameSync, statSync } from 'node:fs'
import { damageOf, listBackups } from './backup'

export interface Repair {
  /** What was found. */
  damage: string
  /** Where the damaged file lies now. */
  kept: string
  /** The copy that took its place; null when there was none, and the database begins anew. */
  restored: string | null
}

/**
 * Looks at a database before it is opened; null when nothing is wrong. The whole file is read only when it was not closed in good
 * order: a write-ahead log is left. Call it in one process, before any other opens the database.
 */
export function repairDatabase(databasePath: string, { now }: { now: Date }): Repair | null {
  if (!existsSync(databasePath) || statSync(databasePath).size === 0) return null
  const damage = wasClosed(databasePath) ? damageOfHead(databasePath) : damageOf(databasePath)
  if (damage === null) return null
  const kept = `${databasePath}.damaged-${now.toISOString().replace(/[-:.]/g, '')}`
  const restored = listBackups(databasePath).find(({ path }) => damageOf(path) === null)?.path ?? null
  for (const end of ['', '-wal', '-shm']) {
    if (existsSync(databasePath + end)) renameSync(databasePath + end, kept + end)
  }
  if (restored !== null) {
    // by a rename, so that a start that dies here finds no half of a copy
    copyFileSync(restored, `${databasePath}.restoring`)
    renameSync(`${databasePath}.restoring`, databasePath)
  }
  return { damage, kept, restored }
}

function wasClosed(databasePath: string): boolean {
  const wal = `${databasePath}-wal`
  return !existsSync(wal) || statSync(wal).size === 0
}

/** The first pages only: costs the same for any size. */
function damageOfHead(path: string): string | null {
  let client: Database | undefined
  try {
    client = new Database(path, { readonly: true })
    client.query('SELECT count(*) FROM sqlite_schema').get()
    return null
  } catch (error) {
    const { code } = error as { code?: string }
    // somebody else holds it: that is no damage
    return code?.startsWith('SQLITE_BUSY') ? null : error instanceof Error ? error.message : 'cannot be read'
  } finally {
    client?.close()
  }
}
