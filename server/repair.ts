/** Before anything opens the database: a damaged one gives way to the newest sound copy, and a person is told at once. */
import { repairDatabase } from './store/damaged-database'

/** Call it in the one process that starts the others. */
export function repairAtStart(databasePath: string): void {
  const repair = repairDatabase(databasePath, { now: new Date() })
  if (repair === null) return
  const { damage, kept, restored } = repair
  const now = restored === null ? 'there was no sound copy: it begins anew' : `the copy ${restored} took its place`
  process.stderr.write(`warning: the database was damaged (${damage}); ${now}; the damaged file is ${kept}\n`)
}
