/** Versions of the model: what there is, which one serves, and how it came to that. Read only. */
import { Type } from '@sinclair/typebox'
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
/** Elysia's types read a union of mapped literals as never; the schemas themselves are as they are. */
const List = Type.Unsafe<ModelList>(ModelList)
const Version = Type.Unsafe<ModelVersion>(ModelVersion)

export const modelRoutes = (access: Access, { listModels, modelState, getModel }: ModelServices) =>
  new Elysia({ prefix: '/api/v1/models' })
    .use(access)
    .get('', () => listModels(), {
      role: 'public',
      response: { 200: List, ...problemResponses(503) },
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
      response: { 200: Version, ...problemResponses(400, 404, 422, 503) },
      detail: { tags, summary: 'One version' },
    })
