/** Versions of the model: what there is, which one serves, and how it came to that, and how good they are; to switch, annotate and delete them: switches.ts. */
import { Type } from '@sinclair/typebox'
import { Elysia, t } from 'elysia'
import { versionPattern } from '../contract/manifest'
import { QualityComparison, QualityReport } from '../contract/quality'
import { ModelList, ModelState, ModelVersion } from '../contract/version'
import type { Access } from '../http/access'
import { alsoInReference } from '../http/openapi'
import { problemResponses } from '../http/problems'

export interface ModelServices {
  listModels: () => ModelList
  modelState: () => ModelState
  /** Throws `version_unknown`. */
  getModel: (version: string) => ModelVersion
  /** Throws `version_unknown`, `not_found` (the version has no report). */
  modelQuality: (version: string) => Promise<QualityReport>
  /** The same as one HTML file for people. Throws as `modelQuality`. */
  modelReport: (version: string, lang: 'en' | 'ko') => Promise<string>
  /** Throws `version_unknown`. */
  compareModels: (a: string, b: string) => Promise<QualityComparison>
}

const tags = ['models']
/** Elysia's types read a union of mapped literals as never; the schemas themselves are as they are. */
const List = Type.Unsafe<ModelList>(ModelList)
const Version = Type.Unsafe<ModelVersion>(ModelVersion)
const Report = Type.Unsafe<QualityReport>(QualityReport)
const Comparison = Type.Unsafe<QualityComparison>(QualityComparison)
const versionParams = t.Object({ version: t.String({ pattern: versionPattern }) })

export const modelRoutes = (access: Access, { listModels, modelState, getModel, ...quality }: ModelServices) =>
  new Elysia({ prefix: '/api/v1/models' })
    .use(access)
    .get('', () => listModels(), {
      role: 'user:read',
      response: { 200: List, ...problemResponses(401, 403, 503) },
      detail: { tags, summary: 'All versions and the ledger of activations' },
    })
    .get('/active', () => modelState(), {
      role: 'user:read',
      response: { 200: ModelState, ...problemResponses(401, 403, 503) },
      detail: { tags, summary: 'Which version serves' },
    })
    .get('/compare', ({ query }) => quality.compareModels(query.a, query.b), {
      role: 'user:read',
      query: t.Object({ a: t.String({ pattern: versionPattern }), b: t.String({ pattern: versionPattern }) }),
      response: { 200: Comparison, ...problemResponses(400, 401, 403, 404, 409, 422, 503) },
      detail: { tags, summary: 'Two versions side by side, and whether the first is clearly worse' },
    })
    .get('/:version/quality', ({ params }) => quality.modelQuality(params.version), {
      role: 'user:read',
      params: versionParams,
      response: { 200: Report, ...problemResponses(400, 401, 403, 404, 409, 422, 503) },
      detail: { tags, summary: 'How good a version is, and how that was measured' },
    })
    .get(
      '/:version/report',
      async ({ params, query, set }) => {
        const page = await quality.modelReport(params.version, query.lang ?? 'en')
        // only now: a problem is no page
        set.headers['content-type'] = 'text/html; charset=utf-8'
        return page
      },
      {
        role: 'user:read',
        params: versionParams,
        query: t.Object({ lang: t.Optional(t.Union([t.Literal('en'), t.Literal('ko')], { description: 'Shown first' })) }),
        response: { 200: t.String(), ...problemResponses(400, 401, 403, 404, 409, 422, 503) },
        detail: {
          tags,
          summary: 'The quality of a version as a page for people',
          ...alsoInReference({ answer: { 'text/html': { schema: { type: 'string' } } } }),
        },
      },
    )
    .get('/:version', ({ params }) => getModel(params.version), {
      role: 'user:read',
      params: versionParams,
      response: { 200: Version, ...problemResponses(400, 401, 403, 404, 422, 503) },
      detail: { tags, summary: 'One version' },
    })
