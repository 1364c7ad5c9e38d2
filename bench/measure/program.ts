/** The product as processes: a command run to its end, and a server on a port of its own. Must not import the server's code. */
import { makeKey } from '../drills/admin-access'
import { routewright } from '../drills/routewright-process'

/** Where versions lie: the flags of every command. */
export interface Place {
  models: string
  database: string
}
export const placeFlags = ({ models, database }: Place): string[] => ['--models', models, '--database', database]

/** Runs a command with `--json` and returns the last line of its answer and its seconds. Throws with its last words. */
export async function finish<T>(...args: string[]): Promise<{ answer: T; seconds: number }> {
  const started = performance.now()
  const child = routewright(...args, '--json')
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  const code = await child.exited
  const seconds = (performance.now() - started) / 1000
  if (code !== 0) throw new Error(`routewright ${args[0]} ended with ${code}: ${err.trim().split('\n').slice(-3).join(' | ')}`)
  return { answer: JSON.parse(out.trim().split('\n').at(-1) ?? 'null') as T, seconds }
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const { port } = probe
  await probe.stop(true)
  return port as number
}

export interface Served {
  name: string
  origin: string
  /** Of whoever may ask: a machine's key; a peer wants none. */
  headers: Record<string, string>
  /** Of the process, which may have others below it. */
  pid: number
  stop(): Promise<void>
}

/** A server that answers; `workers` processes on its port; `logs`: folder of its logs, else beside the database. Throws with its last words when it does not come up. */
export async function serveProduct(
  name: string,
  place: Place,
  { workers = 1, logs }: { workers?: number; logs?: string } = {},
): Promise<Served> {
  const port = await freePort()
  const logFlags = logs === undefined ? [] : ['--logs', logs]
  const child = routewright('serve', '--port', String(port), '--workers', String(workers), ...logFlags, ...placeFlags(place), '--json')
  const err = tail(child.stderr)
  const reader = child.stdout.getReader()
  const decoder = new TextDecoder()
  let out = ''
  while (!out.includes('\n')) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`serve ended before it was ready: ${err()}`)
    out += decoder.decode(value)
  }
  const stop = async () => {
    child.kill('SIGTERM')
    await child.exited
  }
  return { name, origin: `http://127.0.0.1:${port}`, headers: await makeKey(place.database), pid: child.pid, stop }
}

/** Reads a stream to its end, so that nobody waits for a full pipe, and keeps its last 2,000 characters. */
export function tail(stream: ReadableStream<Uint8Array>): () => string {
  let text = ''
  const decoder = new TextDecoder()
  void (async () => {
    for await (const chunk of stream) text = (text + decoder.decode(chunk)).slice(-2_000)
  })()
  return () => text.trim()
}
