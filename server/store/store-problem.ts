/** What a failure of SQLite means to a client. */
import { DomainError } from '../domain/error'

/** SQLite's name of an error, also when drizzle has wrapped it; undefined for other errors. */
export function sqliteCode(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown }
    if (typeof code === 'string' && code.startsWith('SQLITE_')) return code
  }
  return undefined
}

export const isConstraint = (error: unknown): boolean => (sqliteCode(error) ?? '').startsWith('SQLITE_CONSTRAINT')
export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error) ?? '')

/** The problem that stands for an error of the database; errors of other kinds and constraints come back as they are. */
export function storeProblem(error: unknown): unknown {
  if (error instanceof DomainError) return error
  const code = sqliteCode(error) ?? (error as NodeJS.ErrnoException | undefined)?.code
  if (code === undefined || code.startsWith('SQLITE_CONSTRAINT')) return error
  if (isBusy(error)) return new DomainError('busy', 'the database is locked by another process; try again', { cause: error })
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return new DomainError('storage_full', 'no space left for the database', { cause: error })
  }
  return new DomainError('database_unavailable', `the database cannot be used (${code})`, { cause: error })
}
