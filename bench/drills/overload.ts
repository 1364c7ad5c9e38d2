/**
 * Ten times more than can be answered, for a minute: what is still answered, how fast, and does everything else live on?
 *
 *     bun bench/drills/overload.ts [--items 20000] [--workers 1] [--times 10] [--seconds 60] [--json] [--small]
 *
 * The peak is what clients get that ask again when they are answered; then requests leave on a fixed schedule from another process,
 * whether the earlier ones were answered or not. Nothing is kept of answers, so that every one is calculated.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { finish, freePort, type Place, placeFlags, tail } from '../measure/program'
import { spread } from '../measure/quantiles'
import { makeQuestions } from '../measure/questions'
import { inWorkspace, trainOn, writeSamplePlant } from '../measure/sample-plant'
import { makeKey } from './admin-access'
import type { FloodOrder, FloodResult } from './flood-client'
import { routewright } from './routewright-process'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '20000' },
    workers: { type: 'string', default: '1' },
    times: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '60' },
    /** Folder of versions and database to serve instead of a plant of its own. */
    models: { type: 'string' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
  },
})
const items = values.small ? 1_000 : Number(values.items)
const seconds = values.small ? 5 : Number(values.seconds)
const peakSeconds = Math.min(10, seconds)
const peakConnections = 32
const deadlineMs = 2_000
const liveMsMax = 50
const say = (line: string) => process.stderr.write(`${line}\n`)
const tenths = (value: number) => Math.round(value * 10) / 10

function flood(order: FloodOrder): Promise<FloodResult> {
  return new Promise((resolve, reject) => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, 'flood-client.ts')], {
      stdio: ['ignore', 'inherit', 'inherit'],
      serialization: 'advanced',
      ipc: (message: FloodResult, client) => {
        resolve(message)
        client.disconnect()
      },
      onExit: (_child, code) => reject(new Error(`the client ended with ${code}`)),
    })
    child.send(order)
  })
}

function servingOf(supervisor: number): string[] {
  const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').trim()
  return children === '' ? [String(supervisor)] : children.split(' ')
}

/** Processor time that the processes which serve have used, s. */
function processorOf(supervisor: number): number {
  const ticks = servingOf(supervisor).map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return Number(fields[11]) + Number(fields[12])
  })
  return ticks.reduce((sum, ticks) => sum + ticks, 0) / 100
}

/** Resident memory of the processes that serve, MB. */
function memoryOf(supervisor: number): number[] {
  return servingOf(supervisor).map((pid) =>
    Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024),
  )
}

/** Asks over a new connection each time, so that every worker is reached. */
function watchLive(origin: string) {
  const ms: number[] = []
  let failed = 0
  const ask = async () => {
    const startedAt = performance.now()
    const answer = await fetch(`${origin}/livez`, { headers: { connection: 'close' } }).catch(() => null)
    if (answer?.status !== 200) failed++
    ms.push(performance.now() - startedAt)
  }
  const timer = setInterval(() => void ask(), 100)
  return () => {
    clearInterval(timer)
    return { ms, failed }
  }
}

async function overload(place: Place, questionsPath: string) {
  await finish('config', 'set', 'cache.answersMax', '0', '--database', place.database)
  const headers = await makeKey(place.database)
  const port = await freePort()
  const child = routewright('serve', '--port', String(port), '--workers', values.workers, ...placeFlags(place), '--json')
  const lastWords = tail(child.stderr)
  try {
    const { done } = await child.stdout.getReader().read()
    if (done) throw new Error(`the server did not start: ${lastWords()}`)
    const origin = `http://127.0.0.1:${port}`
    const order = { origin, path: '/api/v1/predict', headers, bodiesPath: questionsPath }
    say(`peak: ${peakConnections} connections, ${peakSeconds} s`)
    const processorAt = [processorOf(child.pid)]
    const peak = await flood({ ...order, connections: peakConnections, rate: null, warmUpSeconds: 3, seconds: peakSeconds })
    const peakRate = peak.latenciesMs.length / peakSeconds
    const rate = Math.round(peakRate * Number(values.times))
    processorAt.push(processorOf(child.pid))
    const memoryBefore = memoryOf(child.pid)
    say(`${Math.round(peakRate)} answers/s; now ${rate} requests/s for ${seconds} s`)
    const stopWatching = watchLive(origin)
    const flooded = await flood({ ...order, connections: 1_000, rate, warmUpSeconds: 2, seconds })
    const live = stopWatching()
    processorAt.push(processorOf(child.pid))
    const memoryAfter = memoryOf(child.pid)
    const after = await flood({ ...order, connections: peakConnections, rate: null, warmUpSeconds: 1, seconds: Math.min(5, seconds) })
    const accepted = spread([...flooded.latenciesMs])
    const alive = spread(live.ms)
    const goodput = flooded.latenciesMs.length / seconds
    // on a machine that others use too, the servers' own time says more than the clock
    const perSecond = (rate: number, from: number, wholeSeconds: number) =>
      (rate * wholeSeconds) / (processorAt[from + 1] - processorAt[from])
    const peakPerProcessor = perSecond(peakRate, 0, peakSeconds + 3)
    const floodPerProcessor = perSecond(goodput, 1, seconds + 2)
    const row = {
      workers: Number(values.workers),
      'peak/s': Math.round(peakRate),
      'peak p50 ms': tenths(spread([...peak.latenciesMs]).p50),
      'offered/s': Math.round((flooded.sent + flooded.unsent) / seconds),
      'sent/s': Math.round(flooded.sent / seconds),
      'answered/s': Math.round(goodput),
      'share of the peak': Math.round((goodput / peakRate) * 1000) / 1000,
      'share of the peak per second of the servers': Math.round((floodPerProcessor / peakPerProcessor) * 1000) / 1000,
      'answers per second of the servers at the peak': Math.round(peakPerProcessor),
      answers: flooded.counts,
      'accepted p50 ms': tenths(accepted.p50),
      'accepted p99 ms': tenths(accepted.p99),
      'livez p50 ms': tenths(alive.p50),
      'livez p99 ms': tenths(alive.p99),
      'livez max ms': tenths(alive.max),
      'livez failed': live.failed,
      'memory before MB': memoryBefore,
      'memory after MB': memoryAfter,
      'peak after/s': Math.round(after.latenciesMs.length / Math.min(5, seconds)),
    }
    const good = goodput >= 0.9 * peakRate && accepted.p99 <= deadlineMs && alive.p99 <= liveMsMax && live.failed === 0
    return { row, good }
  } finally {
    child.kill('SIGTERM')
    await child.exited
  }
}

await inWorkspace('overload', async (workspace) => {
  const place =
    values.models !== undefined && values.database !== undefined ? { models: values.models, database: values.database } : workspace
  let directory: string
  if (place === workspace) {
    say(`sample plant and version of ${items} items`)
    const { path } = await writeSamplePlant(workspace.folder, items)
    directory = (await trainOn(path, place, { activate: true, smoke: values.small })).answer.directory
  } else {
    const { answer } = await finish<{ state: { active: string } }>('models', 'list', ...placeFlags(place))
    directory = join(place.models, answer.state.active)
  }
  const questions = await makeQuestions(workspace.folder, directory, { wanted: 20_000, k: 10 })
  const { row, good } = await overload(place, questions.predictPath)
  if (values.json) process.stdout.write(`${JSON.stringify({ ...row, good })}\n`)
  else {
    for (const [name, value] of Object.entries(row))
      console.log(`${name.padEnd(46)} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    console.log(good ? 'good' : 'NOT GOOD')
    console.log('client and server share the processor: the peak is measured with a light client, the flood with a heavy one')
  }
  process.exitCode = good || values.small ? 0 : 1
})
