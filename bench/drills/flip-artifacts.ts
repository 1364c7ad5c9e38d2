/**
 * Flips one byte in each file of a new version in turn and tries to activate it while another version serves: each time the
 * file must be named, the server must live and the active version must answer. Then the byte is put back and the version
 * activates. `bun bench/drills/flip-artifacts.ts [--items 4000] [--json]`
 */
import { chmodSync, closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { routewright, startServer } from './routewright-process'

const { values } = parseArgs({ options: { items: { type: 'string', default: '4000' }, json: { type: 'boolean', default: false } } })
const folder = mkdtempSync(join(tmpdir(), 'routewright-flip-'))
const sample = join(folder, 'sample')
const models = join(folder, 'models')
const database = join(folder, 'registry.sqlite')
const place = ['--models', models, '--database', database]

async function finish(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = routewright(...args)
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, out, err }
}

async function trained(...more: string[]): Promise<string> {
  const { code, out, err } = await finish(
    'train',
    '--source',
    sample,
    '--mapping',
    join(sample, 'mapping.json'),
    ...place,
    '--json',
    ...more,
  )
  if (code !== 0) throw new Error(err)
  return JSON.parse(out).version
}

/** Inverts one bit of the byte in the middle. */
function flip(path: string): void {
  chmodSync(path, 0o644)
  const file = openSync(path, 'r+')
  const at = statSync(path).size >> 1
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, at)
  byte[0] ^= 1
  writeSync(file, byte, 0, 1, at)
  closeSync(file)
  chmodSync(path, 0o444)
}

try {
  await finish('sample', '--out', sample, '--items', values.items, '--json')
  const serving = await trained('--activate')
  const next = await trained()
  const server = await startServer(...place)
  const directory = join(models, next)
  const rows: Record<string, unknown>[] = []
  for (const name of readdirSync(directory).sort()) {
    chmodSync(directory, 0o755)
    flip(join(directory, name))
    const { code, err } = await finish('models', 'activate', next, ...place, '--why', 'drill', '--json')
    const problem = JSON.parse(err.trim().split('\n').at(-1) || '{}')
    const answer = await fetch(`${server.url}/api/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...server.headers },
      body: JSON.stringify({ item: server.example }),
    })
    const { version } = (await answer.json()) as { version: string }
    const alive = await fetch(`${server.url}/livez`)
    flip(join(directory, name))
    const named = JSON.stringify(problem.details ?? '').includes(name) || String(problem.message).includes(name)
    rows.push({
      file: name,
      bytes: statSync(join(directory, name)).size,
      exit: code,
      code: problem.code,
      named,
      livez: alive.status,
      answer: answer.status,
      serving: version === serving,
    })
  }
  const { code } = await finish('models', 'activate', next, ...place, '--why', 'drill: all bytes as they were', '--json')
  await server.stop()
  const good = rows.every((row) => row.exit !== 0 && row.named && row.livez === 200 && row.answer === 200 && row.serving) && code === 0
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, good })}\n`)
  else {
    console.table(rows)
    console.log(`put back as it was, the version activates with exit code ${code}; ${good ? 'good' : 'NOT GOOD'}`)
  }
  process.exitCode = good ? 0 : 1
} finally {
  for (const name of readdirSync(models)) if (!name.startsWith('.')) chmodSync(join(models, name), 0o755)
  rmSync(folder, { recursive: true, force: true })
}
