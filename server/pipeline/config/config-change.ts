/** Changes of the configuration: each is a new revision with its audit row, checked as a whole before anything is written. */

import { limits } from '../../contract/limits'
import type { RuntimeConfig } from '../../contract/runtime-config'
import type { Actor } from '../../domain/actor'
import { DomainError } from '../../domain/error'
import { mergePatch } from '../../domain/json-merge-patch'
import { parseRuntimeConfig } from '../../domain/runtime-config'
import { diffValues } from '../../domain/value-diff'
import { appendRevision, getRevision, type StoredRevision } from '../../store/document'
import type { Db } from '../../store/open'
import { type ConfigSnapshot, configDocument, contentOf, defaultSnapshot, openSnapshot } from './snapshot'

export interface PatchInput {
  /** Revision that the caller saw. */
  ifMatch: number
  /** JSON merge patch (RFC 7396); null brings a default back. */
  patch: object
  note?: string
  now: Date
}
export interface RevertInput {
  revision: number
  /** Null: whatever is valid now. */
  ifMatch?: number | null
  note?: string
  now: Date
}

/** @throws invalid_value with the pointers of what is wrong, stale_revision, busy, storage_full, database_unavailable */
export async function patchConfig(db: Db, by: Actor, { ifMatch, patch, note = '', now }: PatchInput): Promise<ConfigSnapshot> {
  return append(db, by, { action: 'config.patch', note, now, ifMatch }, (before) => mergePatch(before, patch))
}

/** Brings an older content back, as a new revision; 0 is the defaults. @throws revision_unknown, and as `patchConfig` */
export async function revertConfig(db: Db, by: Actor, { revision, ifMatch = null, note = '', now }: RevertInput): Promise<ConfigSnapshot> {
  const content = contentOf(revision === 0 ? null : getRevision(db, { ...configDocument, revision }))
  return append(db, by, { action: 'config.revert', note, now, ifMatch, revertOf: revision }, () => content)
}

interface Change {
  action: string
  note: string
  now: Date
  ifMatch: number | null
  revertOf?: number
}

async function append(
  db: Db,
  { name, requestId }: Actor,
  { ifMatch, ...change }: Change,
  edit: (before: unknown) => unknown,
): Promise<ConfigSnapshot> {
  if (change.note.length > limits.noteCharactersMax) {
    throw new DomainError('invalid_value', 'the note is too long', {
      details: [{ path: '/note', message: `Expected string length less or equal to ${limits.noteCharactersMax}` }],
    })
  }
  const make = (newest: StoredRevision | null) => {
    const before = contentOf(newest)
    const after: RuntimeConfig = parseRuntimeConfig(edit(before))
    const changes = diffValues(before, after)
    return changes.length === 0 ? null : { content: JSON.stringify(after), changes }
  }
  const stored = await appendRevision(db, { ...configDocument, ...change, ifRevision: ifMatch, make, author: name, requestId })
  return stored === null ? defaultSnapshot : openSnapshot(stored)
}
