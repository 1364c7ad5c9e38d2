/** Keys of machine clients. */
import { Type } from '@sinclair/typebox'
import { Elysia, t } from 'elysia'
import { ApiKey, ApiKeyList, ApiKeyRequest, CreatedApiKey, type KeyScope } from '../contract/api-key'
import type { Actor } from '../domain/actor'
import type { Access } from '../http/access'
import { actorOf } from '../http/actor'
import { jsonBody } from '../http/json-body'
import { problemResponses } from '../http/problems'

export interface KeyServices {
  list: () => ApiKeyList
  /** Throws `account_conflict` (too many), `busy`, `storage_full`, `database_unavailable`. */
  create: (request: ApiKeyRequest, actor: Actor) => Promise<CreatedApiKey>
  /** Throws `key_unknown`, `busy`, `storage_full`, `database_unavailable`. */
  revoke: (id: string, actor: Actor) => Promise<ApiKey>
}

const tags = ['keys']
const role = 'admin'
/** Elysia's types read a union of mapped literals as never; the schemas themselves are as they are. */
const Request = Type.Unsafe<Omit<ApiKeyRequest, 'scopes'> & { scopes: KeyScope[] }>(ApiKeyRequest)

export const keyRoutes = (access: Access, keys: KeyServices) =>
  new Elysia({ prefix: '/api/v1/keys' })
    .use(access)
    .get('', () => keys.list(), {
      role,
      response: { 200: Type.Unsafe<ApiKeyList>(ApiKeyList), ...problemResponses(401, 403, 503) },
      detail: { tags, summary: 'Keys of machines; those in use first' },
    })
    .post('', (c) => keys.create(c.body, actorOf(c)), {
      role,
      parse: jsonBody(10_000),
      body: Request,
      response: { 200: Type.Unsafe<CreatedApiKey>(CreatedApiKey), ...problemResponses(400, 401, 403, 409, 413, 415, 422, 503, 507) },
      detail: { tags, summary: 'Make a key; it is shown this once' },
    })
    .delete('/:id', (c) => keys.revoke(c.params.id, actorOf(c)), {
      role,
      params: t.Object({ id: t.String({ pattern: '^[A-Za-z0-9]{8,32}$' }) }),
      response: { 200: Type.Unsafe<ApiKey>(ApiKey), ...problemResponses(400, 401, 403, 404, 422, 503, 507) },
      detail: { tags, summary: 'End a key for good' },
    })
