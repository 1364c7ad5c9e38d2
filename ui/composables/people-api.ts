/** The calls of admins about people and keys. */
import type { Account, AccountList, AccountStatus, PersonRole, ResetCode, SessionList } from '../../server/contract/account'
import type { ApiKey, ApiKeyList, ApiKeyRequest, CreatedApiKey } from '../../server/contract/api-key'
import { call, search } from './call'

export interface PeopleQuery {
  status?: AccountStatus
  search?: string
  limit: number
  offset?: number
}

const at = encodeURIComponent
const act = (id: number, name: string, body: object = {}) => call<Account>(`/api/v1/accounts/${id}/${name}`, { body })

export const peopleApi = {
  list: ({ status, search: text, limit, offset = 0 }: PeopleQuery, signal?: AbortSignal) =>
    call<AccountList>(`/api/v1/accounts?${search({ limit, offset, ...(status ? { status } : {}), ...(text ? { search: text } : {}) })}`, {
      signal,
    }),
  approve: (id: number, role: PersonRole) => act(id, 'approve', { role }),
  reject: (id: number, reason: string) => act(id, 'reject', { reason }),
  changeRole: (id: number, role: PersonRole) => act(id, 'role', { role }),
  suspend: (id: number, reason: string) => act(id, 'suspend', { reason }),
  resume: (id: number) => act(id, 'resume'),
  resetCode: (id: number) => call<ResetCode>(`/api/v1/accounts/${id}/reset-code`, { method: 'POST' }),
  sessions: (id: number, signal?: AbortSignal) => call<SessionList>(`/api/v1/accounts/${id}/sessions`, { signal }),
  endSession: (id: number, session: string) => call<unknown>(`/api/v1/accounts/${id}/sessions/${at(session)}`, { method: 'DELETE' }),

  keys: (signal?: AbortSignal) => call<ApiKeyList>('/api/v1/keys', { signal }),
  createKey: (body: ApiKeyRequest) => call<CreatedApiKey>('/api/v1/keys', { body }),
  revokeKey: (id: string) => call<ApiKey>(`/api/v1/keys/${at(id)}`, { method: 'DELETE' }),
}
