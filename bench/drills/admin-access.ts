/** How drills come in: an admin for what changes something, a key for what only asks. The one place of drills that knows of log-in. */
import { join } from 'node:path'

const project = join(import.meta.dir, '..', '..')
const login = 'drill'
const password = 'a drill, and nothing but a drill'

/** Makes the admin of a fresh database. */
export async function makeAdmin(database: string): Promise<void> {
  await run(['users', 'add', login, '--admin', '--database', database, '--json'], `${password}\n`)
}

/** Makes a key that may ask; returns the headers of its requests. */
export async function makeKey(database: string): Promise<Record<string, string>> {
  const { key } = JSON.parse(await run(['keys', 'create', 'drill', '--scopes', 'predict,read,export', '--database', database, '--json']))
  return { authorization: `Bearer ${key}` }
}

/** Headers of an admin's requests; they last for some minutes. */
export async function adminHeaders(url: string): Promise<Record<string, string>> {
  const answer = await fetch(new URL('/api/v1/auth/login', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password }),
  })
  if (!answer.ok) throw new Error(`log-in was refused: ${answer.status} ${await answer.text()}`)
  const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0])
  return { cookie: cookie.join('; ') }
}

async function run(args: string[], input = ''): Promise<string> {
  const child = Bun.spawn([process.execPath, 'server/main.ts', ...args], {
    cwd: project,
    stdin: new Blob([input]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  if ((await child.exited) !== 0) throw new Error(`${args.slice(0, 2).join(' ')} failed: ${err.trim()}`)
  return out
}
