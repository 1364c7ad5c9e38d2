/** A plant of 300 items, two versions trained on it, and serving processes over them: the real command line, files and sockets. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReadyLine } from '../../server/ready-line'

const main = join(import.meta.dir, '../../server/main.ts')

/** Runs one command to its end. */
export async function routewright(...args: string[]) {
  const child = Bun.spawn([process.execPath, main, ...args], { stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr, exitCode] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited])
  return { stdout, stderr, exitCode }
}

async function must(...args: string[]) {
  const { stdout, stderr, exitCode } = await routewright(...args)
  if (exitCode !== 0) throw new Error(`${args[0]} ended with ${exitCode}: ${stderr}`)
  return stdout
}

export interface Plant {
  store: string[]
  /** Two versions; the first is active. */
  versions: [string, string]
  /** A key of a machine with every scope. */
  key: string
  remove: () => void
}

export async function trainTwice(): Promise<Plant> {
  const directory = mkdtempSync(join(tmpdir(), 'routewright-serve-'))
  const store = ['--models', join(directory, 'models'), '--database', join(directory, 'db.sqlite')]
  const versions: string[] = []
  for (const seed of ['1', '2']) {
    const out = join(directory, seed)
    await must('sample', '--items', '300', '--seed', seed, '--out', out)
    const first = seed === '1' ? ['--activate'] : []
    const report = await must('train', '--source', out, '--mapping', join(out, 'mapping.json'), ...store, ...first, '--json')
    versions.push(JSON.parse(report.trimEnd().split('\n').at(-1)!).version)
  }
  return {
    store,
    versions: versions as [string, string],
    key: await createKey(store),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Made by the command line, as an operator does. */
export async function createKey(store: string[]): Promise<string> {
  const database = store.slice(store.indexOf('--database'), store.indexOf('--database') + 2)
  const { key } = JSON.parse(await must('keys', 'create', 'tests', '--scopes', 'predict,read,export', ...database, '--json'))
  return key
}

const started: Bun.Subprocess[] = []

/** Ends what a failed test left running; a supervisor takes its workers along. */
export async function stopLeftOver(): Promise<void> {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await child.exited
  }
}

/** One process, where nobody asks for more. */
const single = (args: string[]) => (args.includes('--workers') ? [] : ['--workers', '1'])

/** Starts `serve` and waits for its line. Calls carry the plant's key, unless they bring headers of who asks. */
export async function startServer({ store, key }: Pick<Plant, 'store'> & { key?: string }, ...args: string[]) {
  const child = Bun.spawn([process.execPath, main, 'serve', '--port', '0', ...single(args), ...store, '--json', ...args], {
    stdout: 'pipe',
    stderr: 'pipe',
  })
  started.push(child)
  const reader = child.stdout.getReader()
  let text = ''
  while (!text.includes('\n')) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`serve ended with ${await child.exited}: ${await new Response(child.stderr).text()}`)
    text += new TextDecoder().decode(value)
  }
  const ready: ReadyLine = JSON.parse(text)
  const call = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (key !== undefined && !headers.has('authorization') && !headers.has('cookie')) headers.set('authorization', `Bearer ${key}`)
    return fetch(new URL(path, ready.url), { ...init, headers })
  }
  const post = (path: string, body: unknown, init: RequestInit = {}) =>
    call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' }, ...init })
  const stop = async () => {
    child.kill('SIGTERM')
    return child.exited
  }
  return { child, ready, call, post, stop }
}

/** Waits until something holds; false when it did not in time. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await Bun.sleep(20)) if (await holds()) return true
  return false
}

export const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
