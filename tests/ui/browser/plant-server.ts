/**
 * The product itself for the browser: the server named by ROUTEWRIGHT_URL (with an admin's ROUTEWRIGHT_LOGIN and ROUTEWRIGHT_PASSWORD),
 * or one started here on a small sample plant that is generated and trained for this run. The screens must be built
 * (`bun run build:ui`).
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Account, makeKey, setUpAdmin } from './account'

export interface ProductServer {
  url: string
  /** The link of the first admin, while nobody is one. */
  setupUrl: string | undefined
  stop: () => Promise<void>
}
export interface PlantServer extends Omit<ProductServer, 'setupUrl'> {
  admin: Account
  /** For what a test asks beside the browser. */
  headers: Record<string, string>
  /** An item that has a routing. */
  item: string
  /** An item that has none yet. */
  newItem: string
}

const root = join(import.meta.dir, '../../..')
const ITEMS = 1_500
const admin: Account = { login: 'admin', password: 'turning milling grinding' }

async function routewright(...args: string[]): Promise<void> {
  const child = Bun.spawn([process.execPath, 'server/main.ts', ...args, '--json'], {
    cwd: root,
    stdout: 'pipe',
    stderr: 'pipe',
    stdin: 'ignore',
  })
  const [, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  if ((await child.exited) !== 0) throw new Error(`routewright ${args[0]} failed: ${errors.slice(-2_000)}`)
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true })
    if (text.includes('\n')) break
  }
  return text.split('\n')[0]
}

/** Serves what lies in `folder`, which may be empty: then there is no version and no account. */
export async function startServer(folder: string): Promise<ProductServer> {
  if (!existsSync(join(root, 'ui/dist/index.html'))) throw new Error('the screens are not built: bun run build:ui')
  const server = Bun.spawn([process.execPath, 'server/main.ts', 'serve', '--port', '0', ...storedIn(folder), '--json'], {
    cwd: root,
    stdout: 'pipe',
    stderr: 'ignore',
    stdin: 'ignore',
  })
  const ready = JSON.parse(await firstLine(server.stdout)) as { url: string; setupUrl?: string }
  return {
    url: ready.url.replace(/\/$/, ''),
    setupUrl: ready.setupUrl,
    stop: async () => {
      server.kill('SIGTERM')
      await server.exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export const emptyFolder = () => mkdtempSync(join(tmpdir(), 'routewright-browser-'))
const storedIn = (folder: string) => ['--models', join(folder, 'models'), '--database', join(folder, 'routewright.sqlite')]

/** An item with a routing, and one that has none. */
async function items(url: string, headers: Record<string, string>): Promise<{ item: string; newItem: string }> {
  const ask = async <T>(path: string) => (await (await fetch(`${url}${path}`, { headers })).json()) as T
  const { example } = await ask<{ example: string | null }>('/api/v1/form')
  const { items } = await ask<{ items: { item: string; routings: number }[] }>('/api/v1/items?limit=100')
  const found = items.find((row) => row.routings > 0)
  if (!found || example === null) throw new Error('the plant of the test has no routed item, or its form no example')
  return { item: found.item, newItem: example }
}

export async function startPlantServer(): Promise<PlantServer> {
  const { ROUTEWRIGHT_URL, ROUTEWRIGHT_LOGIN: login = '', ROUTEWRIGHT_PASSWORD: password = '' } = process.env
  const given = ROUTEWRIGHT_URL?.replace(/\/$/, '')
  if (given) {
    const headers = await makeKey(given, { login, password })
    return { url: given, admin: { login, password }, headers, ...(await items(given, headers)), stop: async () => {} }
  }
  const folder = emptyFolder()
  await routewright('sample', '--out', join(folder, 'plant'), '--items', String(ITEMS), '--seed', '1')
  const mapping = join(folder, 'plant/mapping.json')
  await routewright('train', '--source', join(folder, 'plant'), '--mapping', mapping, ...storedIn(folder), '--activate')
  // A second version to switch to; how good it is matters to nobody here.
  const quick = join(folder, 'quick.yaml')
  writeFileSync(quick, 'heldOut:\n  itemsMax: 0\n')
  await routewright('train', '--source', join(folder, 'plant'), '--mapping', mapping, ...storedIn(folder), '--config', quick)
  const { url, setupUrl, stop } = await startServer(folder)
  if (setupUrl === undefined) throw new Error('the server printed no link of the first start')
  await setUpAdmin(url, setupUrl, admin)
  const headers = await makeKey(url, admin)
  return { url, admin, headers, ...(await items(url, headers)), stop }
}
