/** The runtime configuration: what is valid, how it came to that, and its changes. */
import { Type } from '@sinclair/typebox'
import { Elysia, t } from 'elysia'
import { limits } from '../contract/limits'
import {
  ConfigDiff,
  ConfigHistory,
  ConfigPresets,
  ConfigRevision,
  CurrentConfig,
  RevertRequest,
  RuntimeConfigPatch,
} from '../contract/runtime-config'
import type { Actor } from '../domain/actor'
import type { Access } from '../http/access'
import { actorOf } from '../http/actor'
import { needIfMatch, readIfMatch, revisionTag } from '../http/if-match'
import { jsonBody } from '../http/json-body'
import { problemResponses } from '../http/problems'

export interface ConfigServices {
  show: () => CurrentConfig
  /** Rejects with `invalid_value`, `stale_revision`, `busy`, `storage_full`, `database_unavailable`. */
  patch: (by: Actor, input: { ifMatch: number; patch: object; note?: string }) => Promise<CurrentConfig>
  /** Rejects with `revision_unknown` too. */
  revert: (by: Actor, input: { revision: number; ifMatch: number | null; note?: string }) => Promise<CurrentConfig>
  history: (query: { before?: number; limit?: number }) => ConfigHistory
  /** Throws `revision_unknown`. */
  revision: (revision: number) => ConfigRevision
  /** Throws `revision_unknown`. */
  diff: (from: number, to: number) => ConfigDiff
  presets: () => ConfigPresets
}

const tags = ['config']
const parse = jsonBody(limits.configBodyBytesMax, { accept: ['application/merge-patch+json'] })
const Revision = t.Integer({ minimum: 0, maximum: 1_000_000_000 })
const Note = t.Optional(t.String({ maxLength: limits.noteCharactersMax, description: 'Why; kept with the revision' }))
const IfMatch = t.Optional(t.String({ maxLength: 20, description: 'Revision that was seen, as the ETag says it' }))
/** Elysia's types take a record of unknowns for something else; the schema itself is as it is. */
const Patch = Type.Unsafe<Record<string, unknown>>(RuntimeConfigPatch)
const reads = problemResponses(401, 403, 404, 422, 503)
const changes = problemResponses(400, 401, 403, 404, 412, 413, 415, 422, 503, 507)

export const configRoutes = (access: Access, config: ConfigServices) =>
  new Elysia({ prefix: '/api/v1/config' })
    .use(access)
    .get('', ({ set }) => tagged(set, config.show()), {
      role: 'user:read',
      response: { 200: CurrentConfig, ...reads },
      detail: { tags, summary: 'The configuration that is valid, beside the defaults' },
    })
    .patch(
      '',
      async (c) => {
        const note = c.query.note ?? c.headers['x-note']
        return tagged(c.set, await config.patch(actorOf(c), { ifMatch: needIfMatch(c.headers['if-match']), patch: c.body, note }))
      },
      {
        role: 'admin',
        parse,
        body: Patch,
        query: t.Object({ note: Note }, { additionalProperties: false }),
        headers: t.Object({ 'if-match': IfMatch, 'x-note': Note }),
        response: { 200: CurrentConfig, ...changes },
        detail: {
          tags,
          summary: 'Change the configuration',
          description: 'JSON merge patch (RFC 7396): null brings a default back. The result is checked as a whole. Needs If-Match.',
        },
      },
    )
    .get('/history', ({ query }) => config.history(query), {
      role: 'user:read',
      query: t.Object(
        { before: t.Optional(Revision), limit: t.Integer({ default: 50, minimum: 1, maximum: 200 }) },
        { additionalProperties: false },
      ),
      response: { 200: ConfigHistory, ...reads },
      detail: { tags, summary: 'Who changed it when and why, the newest first' },
    })
    .get('/diff', ({ query }) => config.diff(query.from, query.to), {
      role: 'user:read',
      query: t.Object({ from: Revision, to: Revision }, { additionalProperties: false }),
      response: { 200: ConfigDiff, ...reads },
      detail: { tags, summary: 'What differs between two revisions; 0 is the defaults' },
    })
    .get('/presets', () => config.presets(), {
      role: 'user:read',
      response: { 200: ConfigPresets, ...reads },
      detail: { tags, summary: 'Presets of ef_search with the recall that was measured for the version that serves' },
    })
    .get('/revisions/:revision', ({ params }) => config.revision(params.revision), {
      role: 'user:read',
      params: t.Object({ revision: Revision }),
      response: { 200: ConfigRevision, ...reads },
      detail: { tags, summary: 'One revision as a whole' },
    })
    .post(
      '/revert',
      async (c) => {
        const { revision, note } = c.body
        return tagged(c.set, await config.revert(actorOf(c), { revision, note, ifMatch: readIfMatch(c.headers['if-match']) }))
      },
      {
        role: 'admin',
        parse,
        body: RevertRequest,
        headers: t.Object({ 'if-match': IfMatch }),
        response: { 200: CurrentConfig, ...changes },
        detail: { tags, summary: 'Bring an older revision back, as a new one; 0 is the defaults' },
      },
    )

function tagged(set: { headers: Record<string, string | number | undefined> }, current: CurrentConfig): CurrentConfig {
  set.headers.etag = revisionTag(current.revision)
  set.headers['cache-control'] = 'no-cache'
  return current
}
