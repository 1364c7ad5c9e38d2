/** People, as admins see and decide about them. */
import { Type } from '@sinclair/typebox'
import { Elysia, t } from 'elysia'
import {
  Account,
  AccountList,
  type AccountStatus,
  ApproveRequest,
  accountStatuses,
  type PersonRole,
  RejectRequest,
  ResetCode,
  RoleRequest,
  SessionList,
  SuspendRequest,
} from '../contract/account'
import type { Actor } from '../domain/actor'
import type { Access } from '../http/access'
import { actorOf } from '../http/actor'
import { jsonBody } from '../http/json-body'
import { problemResponses } from '../http/problems'

/**
 * All acts throw `account_unknown`, `forbidden` (about oneself), `account_conflict` (not in a state for it), `busy`, `storage_full`,
 * `database_unavailable`.
 */
export interface AccountServices {
  list: (query: { status?: AccountStatus; search?: string; limit: number; offset: number }) => AccountList
  approve: (about: { id: number; actor: Actor; role?: PersonRole }) => Promise<Account>
  reject: (about: { id: number; actor: Actor; reason: string }) => Promise<Account>
  /** Throws `last_admin` too. */
  changeRole: (about: { id: number; actor: Actor; role: PersonRole }) => Promise<Account>
  /** Throws `last_admin` too. */
  suspend: (about: { id: number; actor: Actor; reason: string }) => Promise<Account>
  resume: (about: { id: number; actor: Actor }) => Promise<Account>
  issueResetCode: (about: { id: number; actor: Actor }) => Promise<ResetCode>
  /** Throws `account_unknown`. `current` is the session of the one who asks. */
  sessions: (about: { id: number; current: string | null }) => SessionList
  /** Throws `session_unknown` too. */
  endSession: (about: { id: number; actor: Actor; session: string }) => Promise<void>
}

const tags = ['accounts']
/** Elysia's types read a union of mapped literals as never; the schemas themselves are as they are. */
const One = Type.Unsafe<Account>(Account)
const Many = Type.Unsafe<AccountList>(AccountList)
const Approve = Type.Unsafe<{ role?: PersonRole }>(ApproveRequest)
const Role = Type.Unsafe<{ role: PersonRole }>(RoleRequest)

const role = 'admin'
const parse = jsonBody(10_000)
const params = t.Object({ id: t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })
const sessionParams = t.Object({ ...params.properties, sid: t.String({ pattern: '^[A-Za-z0-9_-]{16,64}$' }) })
const query = t.Object(
  {
    status: t.Optional(t.Unsafe<AccountStatus>(t.Union(accountStatuses.map((status) => t.Literal(status))))),
    search: t.Optional(t.String({ maxLength: 64, description: 'Part of the login or the name' })),
    limit: t.Integer({ default: 100, minimum: 1, maximum: 500 }),
    offset: t.Integer({ default: 0, minimum: 0, maximum: 1_000_000 }),
  },
  { additionalProperties: false },
)
const decided = { 200: One, ...problemResponses(400, 401, 403, 404, 409, 422, 503, 507) }
const bodied = { ...decided, ...problemResponses(413, 415) }

export const accountRoutes = (access: Access, accounts: AccountServices) =>
  new Elysia({ prefix: '/api/v1/accounts' })
    .use(access)
    .get('', ({ query }) => accounts.list(query), {
      role,
      query,
      response: { 200: Many, ...problemResponses(400, 401, 403, 422, 503) },
      detail: { tags, summary: 'People; those who wait first, the longest waiting on top' },
    })
    .post('/:id/approve', (c) => accounts.approve({ ...c.body, ...c.params, actor: actorOf(c) }), {
      role,
      params,
      parse,
      body: Approve,
      response: bodied,
      detail: { tags, summary: 'Let one in who waits or was rejected; as user, unless a role is given' },
    })
    .post('/:id/reject', (c) => accounts.reject({ ...c.body, ...c.params, actor: actorOf(c) }), {
      role,
      params,
      parse,
      body: RejectRequest,
      response: bodied,
      detail: { tags, summary: 'Refuse one who waits; the reason is shown to them' },
    })
    .post('/:id/role', (c) => accounts.changeRole({ ...c.body, ...c.params, actor: actorOf(c) }), {
      role,
      params,
      parse,
      body: Role,
      response: bodied,
      detail: { tags, summary: 'Give another role; their sessions end. The last admin stays one' },
    })
    .post('/:id/suspend', (c) => accounts.suspend({ ...c.body, ...c.params, actor: actorOf(c) }), {
      role,
      params,
      parse,
      body: SuspendRequest,
      response: bodied,
      detail: { tags, summary: 'Lock out; all sessions end at once. Not the last admin' },
    })
    .post('/:id/resume', (c) => accounts.resume({ ...c.params, actor: actorOf(c) }), {
      role,
      params,
      response: decided,
      detail: { tags, summary: 'Let a suspended person in again' },
    })
    .post('/:id/reset-code', (c) => accounts.issueResetCode({ ...c.params, actor: actorOf(c) }), {
      role,
      params,
      response: { ...decided, 200: ResetCode },
      detail: { tags, summary: 'A code, shown this once, with which they set a new password within 24 hours; their sessions end' },
    })
    .get('/:id/sessions', ({ params: { id }, user }) => accounts.sessions({ id, current: user?.session ?? null }), {
      role,
      params,
      response: { 200: SessionList, ...problemResponses(400, 401, 403, 404, 422, 503) },
      detail: { tags, summary: 'Open sessions of a person' },
    })
    .delete(
      '/:id/sessions/:sid',
      async (c) => {
        await accounts.endSession({ id: c.params.id, session: c.params.sid, actor: actorOf(c) })
        c.set.status = 204
      },
      {
        role,
        params: sessionParams,
        response: { 204: t.Void(), ...problemResponses(400, 401, 403, 404, 422, 503, 507) },
        detail: { tags, summary: 'End a session of a person' },
      },
    )
