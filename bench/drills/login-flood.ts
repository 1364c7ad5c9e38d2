/**
 * What does a flood of bad log-ins cost predictions? 500 clients log in with wrong passwords, each again a second after its answer,
 * beside predictions over HTTP; windows with and without the flood in turn. Prints the latency of predictions in both, and what
 * became of the log-ins. Ends with 1 when a prediction failed, or (not with --small) p99 rose by more than a fifth.
 *
 *     bun bench/drills/login-flood.ts [--items 2000] [--clients 500] [--seconds 10] [--rounds 5] [--connections 2] [--small] [--json]
 */
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startLoadGenerator } from '../measure/load'
import { serveProduct } from '../measure/program'
import { median, spread } from '../measure/quantiles'
import { beginReport, printReport, type Row, say } from '../measure/report'
import { inWorkspace, trainOn, writeSamplePlant } from '../measure/sample-plant'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '2000' },
    clients: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '2' },
    small: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const { small } = values
const items = small ? 300 : Number(values.items)
const clients = small ? 50 : Number(values.clients)
const seconds = small ? 2 : Number(values.seconds)
const rounds = small ? 1 : Number(values.rounds)
const thinkMs = 1_000
const riseMax = 0.2

const head = beginReport('login-flood', 'What does a flood of bad log-ins cost predictions?')
const good = await inWorkspace('login-flood', async (workspace) => {
  say('sample plant, training')
  const { path } = await writeSamplePlant(workspace.folder, items)
  await trainOn(path, workspace, { activate: true, smoke: small })
  const served = await serveProduct('routewright', workspace)
  const load = startLoadGenerator()
  try {
    const page = await fetch(`${served.origin}/api/v1/items?limit=100`, { headers: served.headers })
    const known = ((await page.json()) as { items: { item: string }[] }).items
    const bodiesPath = join(workspace.folder, 'questions.ndjson')
    await Bun.write(bodiesPath, differentQuestions(known.map(({ item }) => item)).join('\n'))
    const connections = Number(values.connections)
    const { origin, headers } = served
    const window = (first: number) =>
      load.run({ origin, headers, path: '/api/v1/predict', bodiesPath, connections, first, warmUpSeconds: 1, seconds })
    const quiet: number[][] = []
    const flooded: number[][] = []
    const failures: Record<string, number> = {}
    const logins = new Map<string, number>()
    let next = 0
    for (let round = 0; round < rounds; round++) {
      for (const withFlood of round % 2 === 0 ? [false, true] : [true, false]) {
        say(`round ${round + 1} of ${rounds}: ${withFlood ? 'flood' : 'quiet'}`)
        const stop = withFlood ? startFlood(served.origin, logins) : async () => {}
        const result = await window(next)
        await stop()
        next = result.next
        ;(withFlood ? flooded : quiet).push([...result.latenciesMs])
        for (const [reason, count] of Object.entries(result.failures)) failures[reason] = (failures[reason] ?? 0) + count
      }
    }
    const p99 = (windows: number[][]) => median(windows.map((one) => spread(one).p99))
    const rise = p99(flooded) / p99(quiet) - 1
    const held = Object.keys(failures).length === 0 && flooded.every((one) => one.length > 0) && (small || rise <= riseMax)
    const row = (name: string, windows: number[][]): Row => {
      const all = spread(windows.flat())
      return {
        window: name,
        predictions: windows.flat().length,
        p50ms: round(all.p50),
        p95ms: round(all.p95),
        'p99ms, median of windows': round(p99(windows)),
        maxms: round(all.max),
      }
    }
    printReport(
      {
        ...head,
        data: `sample plant of ${items} items, 1 worker, ${values.connections} connections predict all the time; no question comes again while its answer is kept`,
        warmUp: '1 s before each window',
        repetitions: `${rounds} windows of ${seconds} s with and without, in turn`,
        sections: [
          { title: 'Latency of predictions', rows: [row('quiet', quiet), row(`${clients} clients log in wrongly`, flooded)] },
          { title: 'What became of the log-ins', rows: [...logins].sort().map(([answer, count]) => ({ answer, count })) },
        ],
        notes: [
          `p99 ${rise >= 0 ? 'rose' : 'fell'} by ${Math.round(Math.abs(rise) * 1000) / 10} % (at most ${riseMax * 100} %)`,
          `failed predictions: ${JSON.stringify(failures)}`,
          'the flood is sent by this process on the same machine: its own work is in the figures',
        ],
      },
      values,
    )
    return held
  } finally {
    await load.stop()
    await served.stop()
  }
})
process.exitCode = good ? 0 : 1

/** Of about the same cost, and more than the answers that a worker keeps. */
function differentQuestions(known: string[]): string[] {
  const span = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at)
  return span(90, 21).flatMap((efSearch) =>
    span(5, 11).flatMap((topK) => known.map((item) => JSON.stringify({ item, ignoreOwnHistory: true, efSearch, topK }))),
  )
}

/** Returns what ends it; it ends when every answer is there. */
function startFlood(origin: string, counts: Map<string, number>): () => Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  let stopped = false
  const client = async (number: number) => {
    await Bun.sleep((number * thinkMs) / clients)
    for (let turn = 0; !stopped; turn++) {
      const outcome = await logIn(origin, agent, `user${(number * 7 + turn) % 1_000}`)
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
      if (!stopped) await Bun.sleep(thinkMs)
    }
  }
  const running = Promise.all(Array.from({ length: clients }, (_, number) => client(number)))
  return async () => {
    stopped = true
    await running
    agent.destroy()
  }
}

function logIn(origin: string, agent: Agent, login: string): Promise<string> {
  const body = JSON.stringify({ login, password: 'not the password of anybody' })
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve) => {
    const sent = request(`${origin}/api/v1/auth/login`, { method: 'POST', agent, headers, timeout: 10_000 }, (response) => {
      response.resume()
      response.on('end', () => resolve(String(response.statusCode)))
      response.on('error', () => resolve('broken'))
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve('no answer'))
    sent.end(body)
  })
}

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
