/**
 * Kills a training run with SIGKILL at random moments and looks at what is left: versions, registry, lock, folders, and
 * whether the active version still answers. `bun bench/drills/kill-training.ts [--rounds 10] [--items 4000] [--json]`
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { acquireTrainerLock } from '../../server/artifacts/trainer-lock'
import { sweepStaging } from '../../server/artifacts/version-directory'
import { listVersions } from '../../server/store/model-version'
import { closeStore, openStore } from '../../server/store/open'
import { routewright, startServer } from './routewright-process'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    items: { type: 'string', default: '4000' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const folder = mkdtempSync(join(tmpdir(), 'routewright-kill-'))
const sample = join(folder, 'sample')
const models = join(folder, 'models')
const database = join(folder, 'registry.sqlite')
const place = ['--models', models, '--database', database]
const trainArgs = ['train', '--source', sample, '--mapping', join(sample, 'mapping.json'), ...place, '--json']

/** What a run that died left behind. */
function remains(): { versions: number; folders: string[]; staging: number; lockFree: boolean } {
  const db = openStore(database)
  const versions = listVersions(db).length
  closeStore(db)
  const folders = readdirSync(models).filter((name) => !name.startsWith('.'))
  const staging = existsSync(join(models, '.staging')) ? readdirSync(join(models, '.staging')).length : 0
  let lockFree = false
  try {
    acquireTrainerLock(models, {
      holder: { pid: process.pid, host: 'drill', startedAt: new Date().toISOString(), command: 'drill' },
    }).release()
    lockFree = true
  } catch {
    // still held: reported as it is
  }
  return { versions, folders, staging, lockFree }
}

try {
  await routewright('sample', '--out', sample, '--items', values.items, '--json').exited
  const started = performance.now()
  const first = routewright(...trainArgs, '--activate')
  if ((await first.exited) !== 0) throw new Error(await new Response(first.stderr).text())
  const wholeMs = performance.now() - started
  const server = await startServer(...place)
  const rows: Record<string, unknown>[] = []
  for (let round = 0; round < rounds; round++) {
    // from the start of the process to a little before its end
    const afterMs = Math.round(wholeMs * (0.05 + 0.9 * Math.random()))
    const child = routewright(...trainArgs)
    let stage = '-'
    const reading = (async () => {
      for await (const chunk of child.stderr) stage = new TextDecoder().decode(chunk).trim().split('\n').at(-1) ?? stage
    })()
    await Bun.sleep(afterMs)
    child.kill('SIGKILL')
    await child.exited
    await reading
    const left = remains()
    const answer = await fetch(`${server.url}/api/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...server.headers },
      body: JSON.stringify({ item: server.example }),
    })
    rows.push({
      round: round + 1,
      afterMs,
      stage,
      versions: left.versions,
      folders: left.folders.length,
      stagingLeft: left.staging,
      lockFree: left.lockFree,
      answer: answer.status,
    })
  }
  const swept = await sweepStaging(models)
  const last = routewright(...trainArgs)
  const lastCode = await last.exited
  const after = remains()
  await server.stop()
  const good =
    rows.every((row) => row.versions === 1 && row.folders === 1 && row.lockFree && row.answer === 200) &&
    lastCode === 0 &&
    after.staging === 0
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, swept, after, good })}\n`)
  else {
    console.table(rows)
    console.log(
      `swept ${swept} staging folders; the next training ended with ${lastCode}: ${after.versions} versions, ${after.staging} staging folders; ${good ? 'good' : 'NOT GOOD'}`,
    )
  }
  process.exitCode = good ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
