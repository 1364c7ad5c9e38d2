/** Who may call a route: every route names its `role`. There are no accounts yet, so only `public` routes can be called. */
import { type DocumentDecoration, Elysia } from 'elysia'
import { DomainError } from '../domain/error'

export type Role = 'public' | 'user' | 'admin'

export interface User {
  id: number
  role: Exclude<Role, 'public'>
}

export type FindUser = (request: Request) => User | null

const rank: Record<Role, number> = { public: 0, user: 1, admin: 2 }

/** The macro `role`: gives `{ user }` to the handler. Throws `forbidden` when the caller's role is lower than the route's. */
export const createAccess = (findUser: FindUser) =>
  new Elysia({ name: 'access' }).macro({
    role: (role: Role) => ({
      // Kept with the route, for the reference and for the test that every route has one.
      detail: { 'x-role': role } as DocumentDecoration,
      resolve: ({ request }): { user: User | null } => {
        const user = role === 'public' ? null : findUser(request)
        if (rank[user?.role ?? 'public'] < rank[role]) throw new DomainError('forbidden', 'this needs a higher role')
        return { user }
      },
    }),
  })
export type Access = ReturnType<typeof createAccess>
