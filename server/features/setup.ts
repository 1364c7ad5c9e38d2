/** The first admin, made by whoever holds the link that the server's console printed. */
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { Me, SetupRequest, SetupState } from '../contract/account'
import type { Origin, SignedIn } from '../domain/sign-in'
import type { Access } from '../http/access'
import { jsonBody } from '../http/json-body'
import { problemResponses } from '../http/problems'
import { originOf, type WebFace } from '../http/web-face'
import { letIn } from './auth'

export interface SetupServices {
  state: () => SetupState
  /**
   * Throws `setup_closed` alike for a wrong token and for a setup that is done, `weak_password`, `account_conflict`,
   * `too_many_attempts`, `busy`, `storage_full`, `database_unavailable`.
   */
  setUp: (request: SetupRequest & { origin: Origin }) => Promise<SignedIn>
}

const tags = ['auth']

export const setupRoutes = (access: Access, web: WebFace, { state, setUp }: SetupServices) =>
  new Elysia({ prefix: '/api/v1/setup' })
    .use(access)
    .onBeforeHandle({ as: 'local' }, ({ set }) => {
      set.headers['cache-control'] = 'no-store'
    })
    .get('', () => state(), {
      role: 'public',
      response: { 200: SetupState, ...problemResponses(503) },
      detail: { tags, summary: 'Whether nobody is an admin yet' },
    })
    .post(
      '',
      async ({ body, request, set }) => {
        web.cookies.requireTransport(request)
        const origin = originOf(web, request, String(set.headers['x-request-id'] ?? ''))
        return letIn(web, request, set, await setUp({ ...body, origin }))
      },
      {
        role: 'public',
        parse: jsonBody(10_000),
        body: SetupRequest,
        response: { 200: Type.Unsafe<Me>(Me), ...problemResponses(400, 403, 409, 413, 415, 422, 429, 503, 507) },
        detail: {
          tags,
          summary: 'Become the first admin, by the token of the link in the console',
          description: 'Without a password the session is for looking around; the setup stays open until one is set.',
        },
      },
    )
