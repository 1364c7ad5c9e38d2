/** Paths of an order: an admin names files of the trainer's machine, and only below the folders that it was started with. */
import { realpathSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import { DomainError } from '../../domain/error'

/**
 * The real path of an existing file or folder below one of the roots; links are followed before they are judged.
 * Throws `source_not_found`, which does not tell whether something lies elsewhere.
 */
export function pathBelow(roots: readonly string[], path: string, field: string): string {
  for (const root of roots) {
    const base = real(root)
    const found = base === null ? null : real(isAbsolute(path) ? path : join(base, path))
    if (base !== null && found !== null && isBelow(base, found)) return found
  }
  throw new DomainError('source_not_found', "there is no such file below the trainer's folders", {
    details: [{ path: `/request/${field}`, message: 'not found below the folders that the trainer was started with (--sources)' }],
  })
}

function real(path: string): string | null {
  if (path.includes('\0')) return null
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

function isBelow(base: string, path: string): boolean {
  const way = relative(base, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`))
}
