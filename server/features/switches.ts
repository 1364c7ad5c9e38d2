/** Acts on versions, for admins: activate, roll back, annotate, delete; and how the switches and the serving processes stand. */
import { Type } from '@sinclair/typebox'
import { Elysia, t } from 'elysia'
import { Activated, ActivateRequest, ActivationIntentList, Deleted, NotesRequest, WorkerList } from '../contract/activation'
import { versionPattern } from '../contract/manifest'
import { ModelVersion } from '../contract/version'
import type { Actor } from '../domain/actor'
import type { Access } from '../http/access'
import { actorOf } from '../http/actor'
import { jsonBody } from '../http/json-body'
import { problemResponses } from '../http/problems'

/** All that write throw `busy`, `storage_full`, `database_unavailable`. */
export interface SwitchServices {
  /**
   * Answers when every worker serves the version. Throws `version_unknown`, `version_conflict`, `quality_worse`, `memory_short`,
   * what is wrong with its files, `bad_request` (forced without a reason), `deadline_exceeded`.
   */
  activateModel: (version: string, order: ActivateRequest, actor: Actor) => Promise<Activated>
  /** To the version before; throws as `activateModel`, `not_found` when there is none. */
  rollbackModel: (order: ActivateRequest, actor: Actor) => Promise<Activated>
  /** Throws `version_unknown`. */
  annotateModel: (version: string, notes: string, actor: Actor) => Promise<ModelVersion>
  /** Throws `version_unknown`, `version_in_use`. */
  deleteModel: (version: string, actor: Actor) => Promise<Deleted>
  listSwitches: () => ActivationIntentList
  listWorkers: () => WorkerList
}

const tags = ['models']
/** Elysia's types read a union of mapped literals as never; the schemas themselves are as they are. */
const Version = Type.Unsafe<ModelVersion>(ModelVersion)
const Switched = Type.Unsafe<Activated>(Activated)
const Intents = Type.Unsafe<ActivationIntentList>(ActivationIntentList)
const params = t.Object({ version: t.String({ pattern: versionPattern }) })
const parse = jsonBody(20_000)
const role = 'admin'
const problems = problemResponses(400, 401, 403, 404, 409, 413, 415, 422, 500, 503, 504, 507)

export const switchRoutes = (access: Access, services: SwitchServices) =>
  new Elysia({ prefix: '/api/v1' })
    .use(access)
    .get('/models/switches', () => services.listSwitches(), {
      role: 'user:read',
      response: { 200: Intents, ...problemResponses(401, 403, 503) },
      detail: { tags, summary: 'The last switches of versions, step by step, the one under way first' },
    })
    .get('/workers', () => services.listWorkers(), {
      role: 'user:read',
      response: { 200: WorkerList, ...problemResponses(401, 403, 503) },
      detail: { tags: ['operations'], summary: 'The serving processes and what each of them serves' },
    })
    .post('/models/rollback', ({ body, user, set }) => services.rollbackModel(body, actorOf({ user, set })), {
      role,
      parse,
      body: ActivateRequest,
      response: { 200: Switched, ...problems },
      detail: { tags, summary: 'Go back to the version that served before', description: 'Answers when every worker serves it.' },
    })
    .post(
      '/models/:version/activate',
      ({ params, body, user, set }) => services.activateModel(params.version, body, actorOf({ user, set })),
      {
        role,
        parse,
        params,
        body: ActivateRequest,
        response: { 200: Switched, ...problems },
        detail: {
          tags,
          summary: 'Make a version the one that serves',
          description:
            'Every byte is read, every worker opens it and asks its golden queries; the answer comes when every worker serves it.',
        },
      },
    )
    .patch(
      '/models/:version',
      ({ params, body, user, set }) => services.annotateModel(params.version, body.notes, actorOf({ user, set })),
      {
        role,
        parse,
        params,
        body: NotesRequest,
        response: { 200: Version, ...problems },
        detail: { tags, summary: 'Replace the notes of a version' },
      },
    )
    .delete('/models/:version', ({ params, user, set }) => services.deleteModel(params.version, actorOf({ user, set })), {
      role,
      params,
      response: { 200: Deleted, ...problems },
      detail: {
        tags,
        summary: 'Delete a version that nobody needs',
        description: 'Never the active one, the one before, or one that a worker has open. Its row stays in the ledger.',
      },
    })
