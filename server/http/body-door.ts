/** Whoever may not ask sends no body: the role of a route is asked before its body is read, which may have 50 MB. */
import { type AnyElysia, Elysia } from 'elysia'
import { type Authenticate, enter, type Role } from './access'

/** `app` is the finished app, whose routes name their roles. */
export function bodyDoor(authenticate: Authenticate, app: () => AnyElysia | null) {
  let roles: Map<string, Role> | null = null
  return new Elysia({ name: 'body-door' }).onParse({ as: 'global' }, async ({ request, route }) => {
    roles ??= rolesOf(app())
    const role = roles.get(`${request.method} ${route}`) ?? 'public'
    if (role !== 'public') await enter(authenticate, request, role)
  })
}

function rolesOf(app: AnyElysia | null): Map<string, Role> {
  const entries = (app?.routes ?? []).map(({ method, path, hooks }) => {
    const detail = (hooks as { detail?: { 'x-role'?: string; 'x-scope'?: string } }).detail
    const [role, scope] = [detail?.['x-role'] ?? 'public', detail?.['x-scope']]
    return [`${method} ${path}`, (scope === undefined ? role : `${role}:${scope}`) as Role] as const
  })
  return new Map(entries)
}
