/** Somebody to ask as: an admin who is logged in, and a machine with a key. */
import { join } from 'node:path'
import type { Place } from './program'

export interface SignedIn {
  /** Headers of the admin's browser. */
  admin: Record<string, string>
  /** Headers of a machine that may predict and read. */
  machine: Record<string, string>
}

const login = 'drill'
const project = join(import.meta.dir, '..', '..')

/** Makes both in the database of a server that runs. Throws with the server's words. */
export async function signIn(origin: string, place: Place): Promise<SignedIn> {
  const password = `only for this run ${crypto.randomUUID()}`
  const command = [process.execPath, 'server/main.ts', 'users', 'add', login, '--admin', '--database', place.database]
  const child = Bun.spawn(command, { cwd: project, stdin: Buffer.from(`${password}\n`), stdout: 'ignore', stderr: 'pipe' })
  const words = await new Response(child.stderr).text()
  if ((await child.exited) !== 0) throw new Error(`no admin could be made: ${words}`)
  const entered = await post(`${origin}/api/v1/auth/login`, { login, password })
  const cookies = entered.headers.getSetCookie().map((line) => line.split(';', 1)[0])
  const admin = { cookie: cookies.join('; ') }
  const made = await post(`${origin}/api/v1/keys`, { name: login, scopes: ['predict', 'read'] }, admin)
  const { key } = (await made.json()) as { key: string }
  return { admin, machine: { authorization: `Bearer ${key}` } }
}

async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}: ${await response.text()}`)
  return response
}
