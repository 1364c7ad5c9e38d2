/**
 * What breaks around a server while it predicts: the disk of the database full, that of the logs full, the database's disk
 * refusing every write (as a disk that turned read-only does), the database locked by another program, the folder of the logs
 * gone, the folder of the models unmounted, a worker killed. Each for some seconds under load; then all is given back, and the
 * time is taken until a write succeeds again. The same processes serve from the first to the last line.
 *
 *     bun bench/drills/faults.ts [--items 4000] [--workers 2] [--seconds 12] [--locked 30] [--only disk,lock] [--json]
 *
 * Needs Linux and root (loop mounts, strace). What cannot be done on a machine is said in its line, and ends the drill with 1.
 */
import { Database } from 'bun:sqlite'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { finish, freePort, placeFlags, tail } from '../measure/program'
import { beginReport, printReport, type Row, say } from '../measure/report'
import { inWorkspace, trainOn, writeSamplePlant } from '../measure/sample-plant'
import { type LoopDisk, makeLoopDisk } from './faults/loop-disk'
import { type Stretch, startWatch, type Watch } from './faults/watch'
import { routewright } from './routewright-process'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '4000' },
    workers: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '12' },
    locked: { type: 'string', default: '30' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const only = values.only?.split(',')
const CONNECTIONS = 8
const RECOVERY_SECONDS_MAX = 30

interface Scene {
  disks: { state: LoopDisk; logs: LoopDisk; models: LoopDisk }
  database: string
  /** The processes that serve, not their supervisor. */
  workers: () => number[]
}
interface Fault {
  name: string
  /** A word of `--only`. */
  word: string
  seconds: number
  begin: (scene: Scene) => Promise<void> | void
  end: (scene: Scene) => Promise<void> | void
  /** What must hold beside: predictions go on. */
  writesFail: boolean
}

const children = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)

/** Programs that are part of a fault. */
const helpers: Bun.Subprocess[] = []
const endHelpers = async () => {
  for (const helper of helpers.splice(0)) {
    helper.kill('SIGINT')
    await helper.exited
  }
}
let holder: Database | null = null

const faults: Fault[] = [
  {
    name: 'nothing is wrong',
    word: 'none',
    seconds,
    begin: () => {},
    end: () => {},
    writesFail: false,
  },
  {
    name: "the database's disk is full",
    word: 'disk',
    seconds,
    begin: ({ disks }) => disks.state.fill(),
    end: ({ disks }) => disks.state.free(),
    writesFail: true,
  },
  {
    name: "the logs' disk is full",
    word: 'logs-disk',
    seconds,
    begin: ({ disks }) => disks.logs.fill(),
    end: ({ disks }) => disks.logs.free(),
    writesFail: false,
  },
  {
    name: "the database's disk refuses writes (EROFS)",
    word: 'read-only',
    seconds,
    begin: async ({ workers, database }) => {
      for (const pid of workers()) {
        const paths = ['', '-wal', '-shm'].flatMap((end) => ['-P', `${database}${end}`])
        const calls = 'pwrite64,ftruncate,fsync,fdatasync'
        helpers.push(
          Bun.spawn(
            [
              'strace',
              '-f',
              '-q',
              '-o',
              '/dev/null',
              ...paths,
              '-e',
              `trace=${calls}`,
              '-e',
              `inject=${calls}:error=EROFS`,
              '-p',
              String(pid),
            ],
            {
              stdout: 'ignore',
              stderr: 'ignore',
            },
          ),
        )
      }
      await Bun.sleep(1_000)
      if (helpers.some(({ exitCode }) => exitCode !== null)) throw new Error('strace could not be attached')
    },
    end: endHelpers,
    writesFail: true,
  },
  {
    name: `the database is locked for ${values.locked} s`,
    word: 'lock',
    seconds: Number(values.locked),
    begin: ({ database }) => {
      holder = new Database(database)
      holder.run('PRAGMA busy_timeout = 5000')
      holder.run('BEGIN IMMEDIATE')
    },
    end: () => {
      holder?.run('ROLLBACK')
      holder?.close()
      holder = null
    },
    writesFail: true,
  },
  {
    name: 'the folder of the logs is gone',
    word: 'logs-gone',
    seconds,
    begin: ({ disks }) => {
      for (const name of readdirSync(disks.logs.path)) rmSync(join(disks.logs.path, name), { recursive: true, force: true })
      disks.logs.detach()
      rmSync(disks.logs.path, { recursive: true, force: true })
    },
    end: () => {},
    writesFail: false,
  },
  {
    name: 'the folder of the models is unmounted',
    word: 'models',
    seconds,
    begin: ({ disks }) => disks.models.detach(),
    end: ({ disks }) => disks.models.attach(),
    writesFail: false,
  },
  {
    name: 'a worker is killed (-9)',
    word: 'kill',
    seconds,
    begin: ({ workers }) => void process.kill(workers()[0], 'SIGKILL'),
    end: () => {},
    writesFail: false,
  },
]

/** Bytes of the access logs, so that their growth is seen. */
function logBytes(folder: string): number {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('access'))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

const listed = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([what, count]) => `${what} × ${count}`)
    .join(', ') || 'none'

/** A check whose words change is named once. */
const told = (lines: string[]) =>
  [...new Map(lines.map((line) => [line.split(':').slice(0, 2).join(':'), line.slice(0, 80)])).values()].join(' · ') || 'pass'

async function play(fault: Fault, scene: Scene, watch: Watch): Promise<Row> {
  say(`${fault.name} …`)
  watch.cut()
  const logsFolder = scene.disks.logs.path
  const logsBefore = logBytes(logsFolder)
  let during: Stretch
  try {
    await fault.begin(scene)
    await Bun.sleep(fault.seconds * 1_000)
  } catch (problem) {
    return { fault: fault.name, verdict: `NOT RUN: ${String(problem).slice(0, 120)}` }
  } finally {
    during = watch.cut()
    await fault.end(scene)
  }
  const recovered = await watch.writesAgain(RECOVERY_SECONDS_MAX)
  await Bun.sleep(3_000)
  const after = watch.cut()
  const failed = Object.values(during.failures).reduce((sum, count) => sum + count, 0)
  // a killed worker takes along what it was just answering
  const allowed = fault.word === 'kill' ? CONNECTIONS : 0
  const writesOk = !fault.writesFail || Object.keys(during.writes).some((answer) => /^(503|507) /.test(answer))
  const good = during.predictions > 0 && failed <= allowed && writesOk && recovered !== null
  return {
    fault: fault.name,
    'predictions/s': Math.round(during.predictions / fault.seconds),
    failed: listed(during.failures),
    'p50 ms': during.p50Ms,
    'p99 ms': during.p99Ms,
    writes: listed(during.writes),
    'slowest write ms': Math.round(during.writeMsMax),
    'livez max ms': Math.round(during.liveMsMax),
    health: told(during.health),
    'writes again after s': recovered,
    'after: predictions/s': Math.round(after.predictions / (3 + (recovered ?? 0))),
    'after: health': told(after.health),
    'log grew, bytes': Math.max(0, logBytes(logsFolder) - (fault.word === 'logs-gone' ? 0 : logsBefore)),
    verdict: good ? 'yes' : 'NO',
  }
}

const head = beginReport('faults', 'Do predictions go on while something around the server breaks, and does all recover by itself?')
await inWorkspace('faults', async (workspace) => {
  const disks: LoopDisk[] = []
  const disk = (name: string, megabytes: number) => {
    const made = makeLoopDisk(workspace.folder, name, megabytes)
    disks.push(made)
    return made
  }
  try {
    const scene = { state: disk('state', 64), logs: disk('logs', 1_000), models: disk('versions', 1_500) }
    const place = { models: join(scene.models.path, 'models'), database: join(scene.state.path, 'registry.sqlite') }
    say(`sample plant of ${values.items} items …`)
    const { path } = await writeSamplePlant(workspace.folder, Number(values.items))
    await trainOn(path, place, { activate: true })
    const { answer } = await finish<{ key: string }>(
      'keys',
      'create',
      'drill',
      '--scopes',
      'predict,read,export',
      '--database',
      place.database,
    )
    // each prediction is calculated: kept answers would hide what a fault does to them
    await finish('config', 'set', 'cache.answersMax', '0', '--database', place.database)
    const headers = { authorization: `Bearer ${answer.key}` }
    const port = await freePort()
    const server = routewright(
      'serve',
      '--port',
      String(port),
      '--workers',
      values.workers,
      '--logs',
      scene.logs.path,
      ...placeFlags(place),
      '--json',
    )
    const lastWords = tail(server.stderr)
    const origin = `http://127.0.0.1:${port}`
    await Promise.race([server.stdout.getReader().read(), server.exited])
    if (server.exitCode !== null) throw new Error(`serve ended before it was ready: ${lastWords()}`)
    const { items } = (await (await fetch(`${origin}/api/v1/items?limit=100`, { headers })).json()) as { items: { item: string }[] }
    const questions = items.map(({ item }) => ({ item, ignoreOwnHistory: true }))
    const workers = () => (Number(values.workers) > 1 ? children(server.pid) : [server.pid])
    const watch = startWatch({ origin, headers, questions, connections: CONNECTIONS })
    await Bun.sleep(3_000)
    const rows: Row[] = []
    const first = workers()
    for (const fault of faults) {
      if (only !== undefined && !only.includes(fault.word)) continue
      rows.push(await play(fault, { disks: scene, database: place.database, workers }, watch))
    }
    const same = workers().filter((pid) => first.includes(pid)).length
    await watch.stop()
    server.kill('SIGTERM')
    const exitCode = await server.exited
    const all = rows.every(({ verdict }) => verdict === 'yes')
    printReport(
      {
        ...head,
        data: `sample plant, ${values.items} items, ${values.workers} workers, ${CONNECTIONS} connections that predict without a pause, one write a second`,
        warmUp: '3 s',
        repetitions: `each fault once, ${seconds} s (locked: ${values.locked} s)`,
        sections: rows.map((row) => ({
          title: String(row.fault),
          rows: Object.entries(row)
            .slice(1)
            .map(([what, value]) => ({ what, value })),
        })),
        notes: [
          `${same} of ${first.length} workers are the processes of the beginning; the server ended with ${exitCode}`,
          `all as promised: ${all ? 'yes' : 'NO'}`,
        ],
      },
      { json: values.json },
    )
    if (!all) process.exitCode = 1
  } finally {
    await endHelpers()
    for (const each of disks) each.remove()
  }
})
