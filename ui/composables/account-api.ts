/** The calls of people about themselves: getting in, who they are, their sessions and password. */
import type {
  LoginRequest,
  Me,
  PasswordChange,
  PasswordReset,
  Registered,
  RegisterRequest,
  SessionList,
  SetupRequest,
  SetupState,
  Waiting,
} from '../../server/contract/account'
import { call } from './call'

const at = encodeURIComponent

export const accountApi = {
  /** Renews a short session silently; `not_authenticated` for nobody. */
  me: (signal?: AbortSignal) => call<Me>('/api/v1/auth/me', { signal, session: 'refresh' }),
  setupState: () => call<SetupState>('/api/v1/setup', { session: 'none' }),
  setup: (body: SetupRequest) => call<Me>('/api/v1/setup', { body, session: 'none' }),
  register: (body: RegisterRequest) => call<Registered>('/api/v1/auth/register', { body, session: 'none' }),
  login: (body: LoginRequest) => call<Me>('/api/v1/auth/login', { body, session: 'none' }),
  logout: () => call<unknown>('/api/v1/auth/logout', { method: 'POST', session: 'none' }),
  waiting: (signal?: AbortSignal) => call<Waiting>('/api/v1/auth/waiting', { signal, session: 'none' }),
  /** In, after the approval, by the cookie of the browser that registered. */
  enter: () => call<Me>('/api/v1/auth/waiting/enter', { method: 'POST', session: 'none' }),
  reset: (body: PasswordReset) => call<Me>('/api/v1/auth/reset', { body, session: 'none' }),
  changePassword: (body: PasswordChange) => call<Me>('/api/v1/auth/password', { body }),
  sessions: (signal?: AbortSignal) => call<SessionList>('/api/v1/auth/sessions', { signal }),
  endSession: (id: string) => call<unknown>(`/api/v1/auth/sessions/${at(id)}`, { method: 'DELETE' }),
}
