/**
 * Does every bench still work? Runs each one small, one after the other, and ends with a table; exit code 1 when one of them
 * failed. Times never fail it: no figure of a smoke run means anything.
 *
 *     bun bench/smoke.ts [--only predict,train] [--json]
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Served, serveProduct } from './measure/program'
import { beginReport, printReport, type Row, say } from './measure/report'
import { inWorkspace, trainOn, writeSamplePlant } from './measure/sample-plant'

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean', default: false } } })
const project = join(import.meta.dir, '..')
/** A bench that hangs must not hang the rest. */
const msMax = 120_000

/** Name, script below bench/ and flags; a function of the server for those that ask a server. */
const benches: [name: string, script: string, flags: string[] | ((served: Served) => string[])][] = [
  ['search', 'search.ts', ['--smoke', '--json']],
  ['filters', 'filters.ts', ['--smoke', '--json']],
  ['floor', 'floor.ts', ['--smoke', '--json']],
  ['growth', 'growth.ts', ['--smoke', '--json']],
  ['statistics', 'statistics.ts', ['--smoke', '--json']],
  ['extract', 'extract.ts', ['5000', '1']],
  ['train', 'train.ts', ['--smoke', '--json']],
  ['cold-start', 'cold-start.ts', ['--smoke', '--json']],
  ['predict', 'predict.ts', ['--smoke', '--json']],
  ['end-to-end', 'end-to-end.ts', ['--smoke', '--json']],
  ['quality', 'quality/run.ts', ['--smoke', '--json']],
  ['faithfulness', 'faithfulness.ts', ['--smoke', '--json']],
  ['weights', 'weights.ts', ['--smoke', '--json']],
  ['abstention', 'abstention.ts', ['--smoke', '--json']],
  ['mappings', 'quality/check-mappings.ts', ['capp', 'fabricad', 'smt2020']],
  [
    'bad-requests',
    'http/bad-requests.ts',
    ({ origin, headers }) => ['--url', origin, '--key', headers.authorization.replace('Bearer ', ''), '--json'],
  ],
  ['drill: kill training', 'drills/kill-training.ts', ['--rounds', '1', '--items', '100', '--json']],
  ['drill: login timing', 'drills/login-timing.ts', ['--small', '--json']],
  ['drill: guessing', 'drills/guessing.ts', ['--small', '--json']],
  ['drill: login flood', 'drills/login-flood.ts', ['--small', '--json']],
  ['drill: flip artifacts', 'drills/flip-artifacts.ts', ['--items', '100', '--json']],
  ['drill: switch under load', 'drills/switch-under-load.ts', ['--small', '--json']],
  ['drill: bad versions', 'drills/bad-versions.ts', ['--small', '--json']],
  ['drill: overload', 'drills/overload.ts', ['--small', '--json']],
  ['drill: rolling restart', 'drills/rolling-restart.ts', ['--small', '--json']],
]

const only = values.only?.split(',')
const unknown = only?.filter((name) => !benches.some(([known]) => known === name)) ?? []
if (unknown.length > 0) throw new Error(`no such bench: ${unknown.join(', ')}`)
const head = beginReport('smoke', 'Does every bench still work?')
const rows: Row[] = []
for (const [name, script, flags] of benches) {
  if (only !== undefined && !only.includes(name)) continue
  say(`${name} …`)
  const started = performance.now()
  const problem = await attempt(script, flags)
  const seconds = Math.round((performance.now() - started) / 100) / 10
  say(`${name}: ${problem === null ? 'ok' : 'FAILED'} in ${seconds} s`)
  rows.push({
    bench: name,
    command: `bun bench/${script}`,
    result: problem === null ? 'ok' : 'FAILED',
    seconds,
    ...(problem && { problem }),
  })
}
printReport(
  {
    ...head,
    data: 'sample plants of a few hundred items; ../shared/data where it is there',
    warmUp: 'none',
    repetitions: '1',
    sections: [{ title: 'Benches', rows }],
    notes: ['smoke: no figure of such a run means anything'],
  },
  values,
)
process.exitCode = rows.every(({ result }) => result === 'ok') ? 0 : 1

/** Null when it worked, else its last words. */
async function attempt(script: string, flags: string[] | ((served: Served) => string[])): Promise<string | null> {
  if (!existsSync(join(import.meta.dir, script))) return 'the file does not exist'
  try {
    return Array.isArray(flags) ? await run(script, flags) : await againstServer((served) => run(script, flags(served)))
  } catch (error) {
    return (error as Error).message
  }
}

async function run(script: string, flags: string[]): Promise<string | null> {
  // a group of its own, so that its servers end with it
  const command = [process.execPath, join('bench', script), ...flags]
  const child = Bun.spawn(command, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let stopped: string | null = null
  const stop = (why: string) => {
    stopped = why
    process.kill(-child.pid, 'SIGTERM')
  }
  const late = setTimeout(() => stop(`no end after ${msMax / 1000} s`), msMax)
  const interrupted = () => {
    stop('interrupted')
    process.exit(130)
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  const code = await child.exited
  clearTimeout(late)
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  if (stopped !== null) return stopped
  if (code === 0 && out.trim() !== '') return null
  const words = (err.trim() || out.trim()).split('\n').slice(-6).join(' | ').slice(-600)
  return `exit code ${code}: ${words}`
}

function againstServer(ask: (served: Served) => Promise<string | null>): Promise<string | null> {
  return inWorkspace('smoke', async (workspace) => {
    const { path } = await writeSamplePlant(workspace.folder, 200)
    await trainOn(path, workspace, { activate: true, smoke: true })
    const served = await serveProduct('routewright', workspace)
    try {
      return await ask(served)
    } finally {
      await served.stop()
    }
  })
}
