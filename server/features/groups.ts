/** The groups of past items that an item's neighbours belong to. */
import { Elysia } from 'elysia'
import { GroupRequest, Groups } from '../contract/group'
import { limits } from '../contract/limits'
import type { Access } from '../http/access'
import type { Admission } from '../http/admission'
import { jsonBody } from '../http/json-body'
import { modelHeaders } from '../http/model-headers'
import { problemResponses } from '../http/problems'

export interface GroupServices {
  /** Throws `unknown_item`, `unknown_attribute`, `invalid_value`, `model_not_loaded`. */
  recommendGroups: (request: GroupRequest, timeoutMs?: number) => Groups | Promise<Groups>
}

export const groupRoutes = (access: Access, admission: Admission, { recommendGroups }: GroupServices) =>
  new Elysia({ prefix: '/api/v1/groups' })
    .use(access)
    .use(modelHeaders())
    .post('/recommendations', ({ body, request }) => admission.run(request, (timeoutMs) => recommendGroups(body, timeoutMs)), {
      role: 'user:predict',
      parse: jsonBody(limits.predictBodyBytesMax),
      body: GroupRequest,
      response: { 200: Groups, ...problemResponses(400, 401, 403, 404, 413, 415, 422, 503, 504) },
      detail: { tags: ['predict'], summary: 'Groups that an item belongs to by its neighbours, and what is made in them' },
    })
