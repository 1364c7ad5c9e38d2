/** The real app over a real database, keys and sockets, and a browser's jar of cookies for each who asks. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { createCookies } from '../../server/http/cookies'
import { type AccountEvent, createAccountRuntime } from '../../server/pipeline/accounts/account-runtime'
import { createAdministration } from '../../server/pipeline/accounts/administration'
import { argonParameters } from '../../server/pipeline/accounts/passwords'
import { type ThrottleRules, throttleRules } from '../../server/pipeline/accounts/throttle'
import { closeStore, openStore } from '../../server/store/open'
import { decideUser, findUserByLogin, insertActiveUser } from '../../server/store/user'
import { writeTransaction } from '../../server/store/write-transaction'
import { startApp } from '../http/sample-app'

export const password = 'correct horse battery staple'

export interface AuthAppOptions {
  trustedProxies?: string[]
  plainAllowed?: boolean
  perUserMax?: number
  rules?: ThrottleRules
  /** Another process over the same database. */
  beside?: { directory: string }
}

export async function startAuthApp({
  trustedProxies = [],
  plainAllowed = true,
  perUserMax = 0,
  rules = throttleRules,
  beside,
}: AuthAppOptions = {}) {
  const directory = beside?.directory ?? mkdtempSync(join(tmpdir(), 'routewright-auth-'))
  const databasePath = join(directory, 'rw.sqlite')
  const db = openStore(databasePath)
  const clock = { aheadMs: 0 }
  const now = () => new Date(Date.now() + clock.aheadMs)
  const events: AccountEvent[] = []
  const late: { cookies?: ReturnType<typeof createCookies> } = {}
  const runtime = createAccountRuntime({
    db,
    databasePath,
    perUserMax: () => perUserMax,
    accessToken: (request) => late.cookies?.read(request, 'session') ?? null,
    report: (event) => events.push(event),
    rules,
    now,
  })
  const app = startApp(
    { ...createAdministration({ db, now }), auth: runtime.features },
    { authenticate: runtime.authenticate, trustedProxies, plainAllowed },
  )
  late.cookies = app.cookies

  /** Someone who is active and has the password of the tests. */
  const person = async (login: string, role: 'user' | 'admin' = 'user') => {
    const { hash } = (await import('argon2')).default
    const passwordHash = await hash(password, argonParameters)
    return writeTransaction(db, (tx) => insertActiveUser(tx, { login, name: '', passwordHash, now: now(), role, decidedBy: 'test' })!)
  }
  const suspend = (login: string) =>
    writeTransaction(db, (tx) => {
      const { id } = findUserByLogin(tx, login)!
      return decideUser(tx, { id, status: 'suspended', by: 'test', reason: 'test', now: now() })
    })
  const stop = async () => {
    await app.stop()
    await runtime.stop()
    closeStore(db)
    if (beside === undefined) rmSync(directory, { recursive: true, force: true })
  }
  return {
    ...app,
    ...runtime,
    stop,
    directory,
    db,
    clock,
    now,
    events,
    person,
    suspend,
    browser: (headers = {}) => openBrowser(app.url, headers),
  }
}
export type AuthApp = Awaited<ReturnType<typeof startAuthApp>>

export interface Browser {
  cookies: Map<string, string>
  ask: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Response>
  logIn: (login: string, secret?: string) => Promise<Response>
}

/** Keeps cookies as a browser does, with their paths. */
export function openBrowser(url: URL, fixed: Record<string, string> = {}): Browser {
  const cookies = new Map<string, string>()
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const sent = [...cookies]
      .filter(([name]) => /sid$/.test(name) || path.startsWith('/api/v1/auth'))
      .map(([name, value]) => `${name}=${value}`)
    const answer = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(sent.length === 0 ? {} : { cookie: sent.join('; ') }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...fixed,
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (/Max-Age=0/.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return { cookies, ask, logIn: (login, secret = password) => ask('POST', '/api/v1/auth/login', { login, password: secret }) }
}
