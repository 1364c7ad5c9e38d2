/** Versions of the model: what there is, which one serves, and how it came to that. Read only. */
import { Elysia, t } from 'elysia'
import { versionPattern } from '../contract/manifest'
import { ModelList, ModelState, ModelVersion } from '../contract/version'
import type { Access } from '../http/access'
import { problemResponses } from '../http/problems'

export interface ModelServices {
  listModels: () => ModelList
  modelState: () => ModelState
  /** Throws `version_unknown`. */
  getModel: (version: string) => ModelVersion
}

const tags = ['models']

export const modelRoutes = (access: Access, { listModels, modelState, getModel }: ModelServices) =>
  new Elysia({ prefix: '/api/v1/models' })
    .use(access)
    .get('', () => listModels(), {
      role: 'public',
      response: { 200: ModelList, ...problemResponses(503) },
      detail: { tags, summary: 'All versions and the ledger of activations' },
    })
    .get('/active', () => modelState(), {
      role: 'public',
      response: { 200: ModelState, ...problemResponses(503) },
      detail: { tags, summary: 'Which version serves' },
    })
    .get('/:version', ({ params }) => getModel(params.version), {
      role: 'public',
      params: t.Object({ version: t.String({ pattern: versionPattern }) }),
      response: { 200: ModelVersion, ...problemResponses(400, 404, 422, 503) },
      detail: { tags, summary: 'One version' },
    })
