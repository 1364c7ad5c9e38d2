/**
 * How long from the start of a serving process to its first answered prediction? Beside it, in the same rounds: a bare
 * `Bun.serve` process, the floor of any server on this runtime.
 *
 *     bun bench/cold-start.ts [--items 20000,80000] [--repetitions 5] [--json] [--smoke]
 *
 * First start: no file of the version was ever verified (each is hashed), and the version, the addon and the registry are out of
 * the page cache. Second start: as left by the first.
 */
import { Database } from 'bun:sqlite'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeKey } from './drills/admin-access'
import { routewright } from './drills/routewright-process'
import { judge } from './measure/budgets'
import { freePort, type Place, placeFlags, tail } from './measure/program'
import { median, spread } from './measure/quantiles'
import { beginReport, printReport, type Row, say } from './measure/report'
import { inWorkspace, smokeNote, trainOn, writeSamplePlant } from './measure/sample-plant'
import { round, wholeNumbers } from './measure/values'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '20000,80000' },
    repetitions: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
})
const sizes = values.smoke ? [1_000] : wholeNumbers('items', values.items)
const [repetitions] = values.smoke ? [2] : wholeNumbers('repetitions', values.repetitions)
const pollMs = 2
const startMsMax = 60_000

const head = beginReport('cold-start', 'How long from the start of a serving process to its first answered prediction?')
const notes = ['on Linux the page cache is emptied of the files by `dd iflag=nocache`; the runtime itself is warm, for it runs this bench']
if (values.smoke) notes.push(smokeNote)
const rows: Row[] = []
const promises: Row[] = []
await inWorkspace('cold-start', async (workspace) => {
  for (const items of sizes) {
    say(`sample plant and version of ${items} items`)
    const place = { models: `${workspace.models}-${items}`, database: `${workspace.database}.${items}` }
    const { path } = await writeSamplePlant(workspace.folder, items)
    const { answer: trained } = await trainOn(path, place, { activate: true, smoke: values.smoke })
    const files = readdirSync(trained.directory).map((name) => join(trained.directory, name))
    const { example } = JSON.parse(readFileSync(join(trained.directory, 'form.json'), 'utf8')) as { example: string }
    const bytes = files.reduce((sum, file) => sum + Bun.file(file).size, 0)
    const headers = await makeKey(place.database)
    const times = new Map<string, number[]>()
    const add = (start: string, ms: number) => times.set(start, [...(times.get(start) ?? []), ms])
    for (let repetition = 0; repetition < repetitions; repetition++) {
      say(`${items} items, ${repetition + 1} of ${repetitions}`)
      forgetVerification(place.database)
      const evicted = evict([...files, place.database, join(import.meta.dir, '../native/addon/routewright.node')])
      if (!evicted && repetition === 0) notes.push('the page cache could not be emptied: first starts differ only by the hashing')
      add('first', await startToAnswer(place, example, headers))
      add('second', await startToAnswer(place, example, headers))
      add('bare Bun.serve', await bareStart())
    }
    const floor = median(times.get('bare Bun.serve') ?? [])
    const p50Of = (start: string) => round(spread(times.get(start) ?? []).p50)
    const measured = { 'cold start p50 ms, first start': p50Of('first'), 'cold start p50 ms, second start': p50Of('second') }
    promises.push(...judge(measured, values).map((row) => ({ items, ...row })))
    for (const [start, ms] of times) {
      const { p50, p95, p99, max } = spread(ms)
      rows.push({
        items,
        'version MiB': round(bytes / 2 ** 20),
        start,
        'p50 ms': round(p50),
        'p95 ms': round(p95),
        'p99 ms': round(p99),
        'max ms': round(max),
        'times the floor': round(median(ms) / floor),
      })
    }
  }
})
printReport(
  {
    ...head,
    data: `the product's own sample plant, seed 1, of ${sizes.join(', ')} items; asked for the form's example item`,
    warmUp: 'none; first and second start in turn',
    repetitions: `${repetitions} of each, in turn; with so few, p95 and p99 are the slowest one`,
    sections: [
      { title: 'From spawn to the first 200 of POST /api/v1/predict', rows },
      ...(values.smoke ? [] : [{ title: 'Promises', rows: promises }]),
    ],
    notes,
  },
  values,
)

/** As if the registry had just been restored: stamps that vouch for the files are gone. */
function forgetVerification(database: string): void {
  const db = new Database(database)
  try {
    db.run('delete from file_stamps')
    db.run('pragma wal_checkpoint(truncate)')
  } finally {
    db.close()
  }
}

/** Asks the kernel to drop the files' cached pages. False where that cannot be done. */
function evict(files: string[]): boolean {
  if (process.platform !== 'linux') return false
  Bun.spawnSync(['sync', ...files])
  return files.every((file) => Bun.spawnSync(['dd', `if=${file}`, 'iflag=nocache', 'count=0', 'status=none']).exitCode === 0)
}

/** Milliseconds from spawn until a prediction is answered with 200; the process is gone afterwards. */
async function startToAnswer(place: Place, example: string, headers: Record<string, string>): Promise<number> {
  const port = await freePort()
  const started = performance.now()
  const child = routewright('serve', '--port', String(port), '--workers', '1', ...placeFlags(place), '--json')
  const words = [tail(child.stdout), tail(child.stderr)]
  return untilAnswer(child, words, started, () =>
    fetch(`http://127.0.0.1:${port}/api/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ item: example, ignoreOwnHistory: true }),
    }),
  )
}

async function bareStart(): Promise<number> {
  const port = await freePort()
  const started = performance.now()
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'peers', 'bare-serve.ts'), String(port), '1000'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const words = [tail(child.stdout), tail(child.stderr)]
  return untilAnswer(child, words, started, () => fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' }))
}

async function untilAnswer(child: Bun.Subprocess, words: (() => string)[], started: number, ask: () => Promise<Response>): Promise<number> {
  try {
    for (;;) {
      // before the port listens the connection is refused, before the model is open the answer is 503
      const response = await ask().catch(() => null)
      await response?.arrayBuffer()
      const ms = performance.now() - started
      if (response?.status === 200) return ms
      if (child.exitCode !== null || ms > startMsMax)
        throw new Error(`no answer after ${Math.round(ms)} ms: ${words.map((of) => of()).join(' ')}`)
      await Bun.sleep(pollMs)
    }
  } finally {
    child.kill('SIGTERM')
    await child.exited
  }
}
