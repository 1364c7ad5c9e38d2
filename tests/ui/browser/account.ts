/** Accounts of the browser tests: how a context is logged in without a screen, and how programs ask. */
import type { BrowserContext } from 'playwright-core'

export interface Account {
  login: string
  password: string
}

/** The first admin of a server that was started here, made by the link of its console. Returns the cookies of its session. */
export async function setUpAdmin(url: string, setupUrl: string, { login, password }: Account): Promise<void> {
  const token = new URL(setupUrl).hash.replace('#token=', '')
  await send(url, '/api/v1/setup', { token, login, password, name: '정유진' })
}

async function send(url: string, path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`)
  return answer
}

/** A key with all scopes, made by this admin: `authorization` for what a test asks beside the browser. */
export async function makeKey(url: string, admin: Account): Promise<Record<string, string>> {
  const session = await send(url, '/api/v1/auth/login', admin)
  const cookie = session.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const body = { name: 'browser tests', scopes: ['predict', 'read', 'export'] }
  const { key } = (await (await send(url, '/api/v1/keys', body, { cookie })).json()) as { key: string }
  return { authorization: `Bearer ${key}` }
}

/** Logs the whole context in; its pages need no login page. */
export async function logIn(context: BrowserContext, { login, password }: Account): Promise<void> {
  const answer = await context.request.post('/api/v1/auth/login', { data: { login, password } })
  if (!answer.ok()) throw new Error(`login of ${login}: ${answer.status()} ${await answer.text()}`)
}
