/**
 * The product itself for the browser: the server named by ROUTEWRIGHT_URL, or one started here on a small sample plant that is
 * generated and trained for this run. The screens must be built (`bun run build:ui`).
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface PlantServer {
  url: string
  /** An item that has a routing. */
  item: string
  /** An item that has none yet. */
  newItem: string
  stop: () => Promise<void>
}

const root = join(import.meta.dir, '../../..')
const ITEMS = 1_500

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

async function exampleItem(url: string): Promise<string> {
  const { example } = (await (await fetch(`${url}/api/v1/form`)).json()) as { example: string | null }
  if (example === null) throw new Error('the form of the test has no example')
  return example
}

async function routedItem(url: string): Promise<string> {
  const { items } = (await (await fetch(`${url}/api/v1/items?limit=100`)).json()) as { items: { item: string; routings: number }[] }
  const found = items.find((row) => row.routings > 0)
  if (!found) throw new Error('the plant of the test has no routed item')
  return found.item
}

export async function startPlantServer(): Promise<PlantServer> {
  const given = process.env.ROUTEWRIGHT_URL?.replace(/\/$/, '')
  if (given) return { url: given, item: await routedItem(given), newItem: await exampleItem(given), stop: async () => {} }

  if (!existsSync(join(root, 'ui/dist/index.html'))) throw new Error('the screens are not built: bun run build:ui')
  const folder = mkdtempSync(join(tmpdir(), 'routewright-browser-'))
  const stored = ['--models', join(folder, 'models'), '--database', join(folder, 'routewright.sqlite')]
  await routewright('sample', '--out', join(folder, 'plant'), '--items', String(ITEMS), '--seed', '1')
  await routewright('train', '--source', join(folder, 'plant'), '--mapping', join(folder, 'plant/mapping.json'), ...stored, '--activate')
  const server = Bun.spawn([process.execPath, 'server/main.ts', 'serve', '--port', '0', '--workers', '1', ...stored, '--json'], {
    cwd: root,
    stdout: 'pipe',
    stderr: 'ignore',
    stdin: 'ignore',
  })
  const url = (JSON.parse(await firstLine(server.stdout)) as { url: string }).url.replace(/\/$/, '')
  return {
    url,
    item: await routedItem(url),
    newItem: await exampleItem(url),
    stop: async () => {
      server.kill('SIGTERM')
      await server.exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
