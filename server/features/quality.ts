/** Is a version still right: drift of the requests against training, and what became of its proposals. */
import { Elysia, t } from 'elysia'
import { Adoption, AdoptionReport, AdoptionRequest } from '../contract/adoption'
import { DriftReport } from '../contract/drift'
import { limits } from '../contract/limits'
import { versionPattern } from '../contract/manifest'
import type { Actor } from '../domain/actor'
import type { Access } from '../http/access'
import { actorOf } from '../http/actor'
import { jsonBody } from '../http/json-body'
import { problemResponses } from '../http/problems'

export interface QualityServices {
  /** Of the version that serves, when none is named. Throws `version_unknown`, `model_not_loaded`, `artifact_missing`, `artifact_corrupt`. */
  drift: (query: { version?: string; hours: number }) => Promise<DriftReport>
  adoption: (query: { version?: string; days: number }) => AdoptionReport
  /** Throws `unknown_proposal`, `invalid_value`, `busy`, `storage_full`, `database_unavailable`. */
  adopt: (request: AdoptionRequest, actor: Actor) => Promise<Adoption>
}

const tags = ['quality']
const version = t.Optional(t.String({ pattern: versionPattern }))

export const qualityRoutes = (access: Access, services: QualityServices) =>
  new Elysia({ prefix: '/api/v1' })
    .use(access)
    .get('/quality/drift', ({ query }) => services.drift(query), {
      role: 'user:read',
      query: t.Object({ version, hours: t.Integer({ minimum: 1, maximum: limits.driftHoursMax, default: 168 }) }),
      response: { 200: DriftReport, ...problemResponses(400, 401, 403, 404, 409, 422, 503) },
      detail: { tags, summary: 'How far the requests have moved away from what the version was trained on' },
    })
    .get('/quality/adoption', ({ query }) => services.adoption(query), {
      role: 'user:read',
      query: t.Object({ version, days: t.Integer({ minimum: 1, maximum: limits.adoptionDaysMax, default: 30 }) }),
      response: { 200: AdoptionReport, ...problemResponses(400, 401, 403, 422, 503) },
      detail: { tags, summary: 'How much of the proposals was kept in the routings that were saved from them' },
    })
    .post('/adoptions', (context) => services.adopt(context.body, actorOf(context)), {
      role: 'user:export',
      parse: jsonBody(limits.predictBodyBytesMax),
      body: AdoptionRequest,
      response: { 200: Adoption, ...problemResponses(400, 401, 403, 404, 413, 415, 422, 503, 507) },
      detail: { tags, summary: 'Say which routing was saved from a proposal', description: 'Again for the same proposal: a new revision.' },
    })
