/** People about themselves: register, wait, log in, stay logged in, end sessions, change the password. */
import { Type } from '@sinclair/typebox'
import { Elysia, t } from 'elysia'
import { LoginRequest, Me, PasswordChange, PasswordReset, Registered, RegisterRequest, SessionList, Waiting } from '../contract/account'
import type { Holder, Origin, SessionTokens, SignedIn } from '../domain/sign-in'
import type { Access } from '../http/access'
import { actorOf } from '../http/actor'
import type { AnswerHeaders } from '../http/cookies'
import { jsonBody } from '../http/json-body'
import { problemResponses } from '../http/problems'
import { originOf, type WebFace } from '../http/web-face'

/** All throw `busy`, `database_unavailable`; those that write also `storage_full`. */
export interface AuthServices {
  /** Returns the ticket of the wait. Throws `weak_password`, `too_many_attempts`. */
  register: (request: { login: string; password: string; name?: string; origin: Origin }) => Promise<string>
  /** Throws `login_failed`, `too_many_attempts`. */
  logIn: (request: { login: string; password: string; origin: Origin }) => Promise<SignedIn>
  /** Throws `not_authenticated`. */
  refresh: (token: string) => Promise<SessionTokens>
  logOut: (tokens: { access: string | null; refresh: string | null }, requestId: string | null) => Promise<void>
  /** Throws `login_failed` (the current one is wrong), `weak_password`, `too_many_attempts`. */
  changePassword: (request: { holder: Holder; current?: string; next: string; origin: Origin }) => Promise<SignedIn>
  /** Throws `login_failed`, `weak_password`, `too_many_attempts`. */
  resetPassword: (request: { login: string; code: string; next: string; origin: Origin }) => Promise<SignedIn>
  waiting: (ticket: string | null) => Promise<Waiting>
  /** Throws `not_authenticated`. */
  enter: (request: { ticket: string | null; origin: Origin }) => Promise<SignedIn>
  me: (holder: Holder) => Me
  sessions: (holder: Holder) => SessionList
  /** Throws `session_unknown`. */
  endSession: (holder: Holder, session: string, requestId: string | null) => Promise<void>
}

const tags = ['auth']
const parse = jsonBody(10_000)
const problems = problemResponses(400, 401, 403, 413, 415, 422, 429, 503, 507)
const Own = Type.Unsafe<Me>(Me)
const Wait = Type.Unsafe<Waiting>(Waiting)
const Done = Type.Object({ status: Type.Literal('done') }, { $id: 'Done' })
const done = { status: 'done' } as const
const sessionParams = t.Object({ id: t.String({ pattern: '^[A-Za-z0-9_-]{16,64}$' }) })

/** The answer of whoever is let in; its cookies replace those that the browser had. */
export function letIn({ cookies }: WebFace, request: Request, set: AnswerHeaders, { me, tokens }: SignedIn): Me {
  writeTokens(cookies, request, set, tokens)
  return me
}

function writeTokens(cookies: WebFace['cookies'], request: Request, set: AnswerHeaders, { access, refresh, device }: SessionTokens): void {
  cookies.write(request, set, {
    session: access,
    ...(refresh === null ? {} : { refresh }),
    ...(device === null ? {} : { device }),
  })
}

export const authRoutes = (access: Access, web: WebFace, services: AuthServices) => {
  const { cookies } = web
  const requestIdOf = (set: AnswerHeaders) => String(set.headers['x-request-id'] ?? '')
  const origin = (request: Request, set: AnswerHeaders) => originOf(web, request, requestIdOf(set))
  return new Elysia({ prefix: '/api/v1/auth' })
    .use(access)
    .onBeforeHandle({ as: 'local' }, ({ set }) => {
      set.headers['cache-control'] = 'no-store'
    })
    .post(
      '/register',
      async ({ body, request, set }) => {
        cookies.requireTransport(request)
        const ticket = await services.register({ ...body, origin: origin(request, set) })
        cookies.write(request, set, { waiting: ticket })
        set.status = 202
        return { status: 'received' as const }
      },
      {
        role: 'public',
        parse,
        body: RegisterRequest,
        response: { 202: Registered, ...problems },
        detail: { tags, summary: 'Ask for an account; an admin decides' },
      },
    )
    .get('/waiting', ({ request }) => services.waiting(cookies.read(request, 'waiting')), {
      role: 'public',
      response: { 200: Wait, ...problemResponses(400, 503) },
      detail: { tags, summary: 'How the registration of this browser stands' },
    })
    .post(
      '/waiting/enter',
      async ({ request, set }) => {
        cookies.requireTransport(request)
        const signedIn = await services.enter({ ticket: cookies.read(request, 'waiting'), origin: origin(request, set) })
        cookies.write(request, set, { waiting: null })
        return letIn(web, request, set, signedIn)
      },
      {
        role: 'public',
        response: { 200: Own, ...problems },
        detail: { tags, summary: 'Enter after the approval, once, from the browser that registered' },
      },
    )
    .post(
      '/login',
      async ({ body, request, set }) => {
        cookies.requireTransport(request)
        return letIn(web, request, set, await services.logIn({ ...body, origin: origin(request, set) }))
      },
      { role: 'public', parse, body: LoginRequest, response: { 200: Own, ...problems }, detail: { tags, summary: 'Log in' } },
    )
    .post(
      '/refresh',
      async ({ request, set }) => {
        cookies.requireTransport(request)
        writeTokens(cookies, request, set, await services.refresh(cookies.read(request, 'refresh') ?? ''))
        return done
      },
      {
        role: 'public',
        response: { 200: Done, ...problems },
        detail: { tags, summary: 'A new access token for the refresh token, which works once' },
      },
    )
    .post(
      '/logout',
      async ({ request, set }) => {
        const [session, refresh] = [cookies.read(request, 'session'), cookies.read(request, 'refresh')]
        await services.logOut({ access: session, refresh }, requestIdOf(set))
        cookies.write(request, set, { session: null, refresh: null })
        return done
      },
      { role: 'public', response: { 200: Done, ...problems }, detail: { tags, summary: 'End the session of this browser' } },
    )
    .post(
      '/reset',
      async ({ body, request, set }) => {
        cookies.requireTransport(request)
        return letIn(web, request, set, await services.resetPassword({ ...body, origin: origin(request, set) }))
      },
      {
        role: 'public',
        parse,
        body: PasswordReset,
        response: { 200: Own, ...problems },
        detail: { tags, summary: 'A new password by the code that an admin gave' },
      },
    )
    .post(
      '/password',
      async ({ body, request, set, user }) => {
        actorOf({ user, set })
        return letIn(web, request, set, await services.changePassword({ ...body, holder: user!, origin: origin(request, set) }))
      },
      {
        role: 'self',
        parse,
        body: PasswordChange,
        response: { 200: Own, ...problems },
        detail: { tags, summary: 'Change the own password; all other sessions end' },
      },
    )
    .get('/me', ({ user }) => services.me(user!), {
      role: 'self',
      response: { 200: Own, ...problemResponses(400, 401, 403, 404, 503) },
      detail: { tags, summary: 'Who is logged in' },
    })
    .get('/sessions', ({ user }) => services.sessions(user!), {
      role: 'self',
      response: { 200: SessionList, ...problemResponses(400, 401, 403, 404, 503) },
      detail: { tags, summary: 'The own open sessions' },
    })
    .delete(
      '/sessions/:id',
      async ({ params, set, user }) => {
        await services.endSession(user!, params.id, requestIdOf(set))
        return done
      },
      {
        role: 'self',
        params: sessionParams,
        response: { 200: Done, ...problemResponses(400, 401, 403, 404, 422, 503, 507) },
        detail: { tags, summary: 'End one of the own sessions' },
      },
    )
}
