/** Who did what, for admins. Read only: nothing changes the audit. */
import { Elysia, t } from 'elysia'
import { AuditChain, AuditList } from '../contract/audit'
import type { Access } from '../http/access'
import { problemResponses } from '../http/problems'

export interface AuditServices {
  read: (query: { limit: number; before?: number; action?: string; actor?: string }) => AuditList
  /** Reads every row; takes turns with requests. */
  checkChain: () => Promise<AuditChain>
}

const tags = ['audit']
const role = 'admin'
const problems = problemResponses(400, 401, 403, 422, 503)

export const auditRoutes = (access: Access, audit: AuditServices) =>
  new Elysia({ prefix: '/api/v1/audit' })
    .use(access)
    .get('', ({ query }) => audit.read(query), {
      role,
      query: t.Object(
        {
          before: t.Optional(t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'The `next` of the page before' })),
          limit: t.Integer({ default: 50, minimum: 1, maximum: 200 }),
          action: t.Optional(t.String({ pattern: '^[a-z][a-z.-]{0,63}$', description: '`account.approve`, or `account` for all of them' })),
          actor: t.Optional(t.String({ minLength: 1, maxLength: 128 })),
        },
        { additionalProperties: false },
      ),
      response: { 200: AuditList, ...problems },
      detail: { tags, summary: 'What was done, by whom, with before and after; the newest first' },
    })
    .get('/chain', () => audit.checkChain(), {
      role,
      response: { 200: AuditChain, ...problems },
      detail: { tags, summary: 'Whether any row was changed or removed, and the first one' },
    })
