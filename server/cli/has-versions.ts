/** Does the registry know a version? Asked before anything is made. */
import { existsSync } from 'node:fs'
import { readState } from '../store/model-version'
import { closeStore, openStore } from '../store/open'

export function hasVersions(databasePath: string): boolean {
  if (!existsSync(databasePath)) return false
  const db = openStore(databasePath)
  try {
    return readState(db).active !== null
  } finally {
    closeStore(db)
  }
}
