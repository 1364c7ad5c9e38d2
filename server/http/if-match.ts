/** `If-Match` with the number of a revision: who changes a document says which one they saw. */
import { DomainError } from '../domain/error'

/** The ETag of a revision. */
export const revisionTag = (revision: number): string => `"${revision}"`

/** The revision that the header names, in quotes or bare; null without the header. @throws bad_request for anything else */
export function readIfMatch(header: string | null | undefined): number | null {
  if (header === null || header === undefined) return null
  const match = /^(?:"(\d{1,9})"|(\d{1,9}))$/.exec(header.trim())
  if (match === null) throw new DomainError('bad_request', 'If-Match must hold the number of one revision, as the ETag says it')
  return Number(match[1] ?? match[2])
}

/** @throws bad_request without the header */
export function needIfMatch(header: string | null | undefined): number {
  const revision = readIfMatch(header)
  if (revision === null) throw new DomainError('bad_request', 'the header If-Match is missing: name the revision that you saw')
  return revision
}
