/** The product as a process of its own, for drills: commands, and a server on a free port. */
import { join } from 'node:path'
import { makeKey } from './admin-access'

const project = join(import.meta.dir, '..', '..')

/** Starts `routewright …`; standard output and error are pipes. */
export function routewright(...args: string[]) {
  return Bun.spawn([process.execPath, 'server/main.ts', ...args], { cwd: project, stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' })
}

export interface DrillServer {
  url: string
  pid: number
  /** Key of an item that the first model knows. */
  example: string
  /** Of requests that may ask. */
  headers: Record<string, string>
  stop(): Promise<number>
}

/** A server that is ready to answer. Throws with its last words when it does not start. */
export async function startServer(...args: string[]): Promise<DrillServer> {
  const child = routewright('serve', '--port', '0', ...(args.includes('--workers') ? [] : ['--workers', '1']), ...args, '--json')
  const reader = child.stdout.getReader()
  let text = ''
  while (!text.includes('\n')) {
    const { done, value } = await reader.read()
    if (done) throw new Error(await new Response(child.stderr).text())
    text += new TextDecoder().decode(value)
  }
  void (async () => {
    while (!(await reader.read()).done);
  })()
  void (async () => {
    for await (const _ of child.stderr);
  })()
  const { url } = JSON.parse(text.split('\n')[0]) as { url: string }
  const headers = await makeKey(args[args.indexOf('--database') + 1])
  const { example } = (await (await fetch(`${url}/api/v1/form`, { headers })).json()) as { example: string }
  return {
    url,
    pid: child.pid,
    example,
    headers,
    stop: () => {
      child.kill('SIGTERM')
      return child.exited
    },
  }
}
