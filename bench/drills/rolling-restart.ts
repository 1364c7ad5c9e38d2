/**
 * Two servers behind Caddy, restarted in turn with SIGTERM while clients ask without a pause: no request may fail.
 *
 *     bun bench/drills/rolling-restart.ts [--rounds 10] [--items 4000] [--connections 16] [--json] [--small]
 *
 * Needs `caddy` (2.6 was used; on Debian `apt-get install caddy`).
 */
import { writeFileSync } from 'node:fs'
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
    rounds: { type: 'string', default: '10' },
    items: { type: 'string', default: '4000' },
    connections: { type: 'string', default: '16' },
    models: { type: 'string' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
  },
})
const rounds = values.small ? 2 : Number(values.rounds)
const items = values.small ? 1_000 : Number(values.items)
/** Of Caddy's questions after `/readyz`, ms. A server drains for twice as long and its timeout. */
const healthIntervalMs = 250
const drainMs = 1_000
/** Whoever restarts servers in turn waits until the load balancer has seen the last one come back. */
const seenMs = 2_000
const say = (line: string) => process.stderr.write(`${line}\n`)

interface Running {
  stop: () => Promise<number>
}

async function start(at: Place, port: number): Promise<Running> {
  const child = routewright('serve', '--port', String(port), '--workers', '1', '--drain', String(drainMs), ...placeFlags(at), '--json')
  const lastWords = tail(child.stderr)
  const { done } = await child.stdout.getReader().read()
  if (done) throw new Error(`the server did not start: ${lastWords()}`)
  return {
    stop: () => {
      child.kill('SIGTERM')
      return child.exited
    },
  }
}

/** Caddy as the README shows it: active health checks, and another try for what found no server; predictions change nothing. */
const caddyfile = (port: number, upstreams: number[]) => `{
	admin off
	auto_https off
	log {
		level ERROR
	}
}
http://127.0.0.1:${port} {
	reverse_proxy ${upstreams.map((upstream) => `127.0.0.1:${upstream}`).join(' ')} {
		lb_policy round_robin
		lb_try_duration 5s
		lb_try_interval 50ms
		lb_retry_match {
			method POST
			path /api/v1/predict /api/v1/similar /api/v1/groups/*
		}
		health_uri /readyz
		health_interval ${healthIntervalMs}ms
		health_timeout 2s
	}
}
`

async function startCaddy(folder: string, port: number, upstreams: number[]): Promise<() => Promise<void>> {
  const config = join(folder, 'Caddyfile')
  writeFileSync(config, caddyfile(port, upstreams))
  const child = Bun.spawn(['caddy', 'run', '--adapter', 'caddyfile', '--config', config], {
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lastWords = tail(child.stderr)
  for (let times = 0; times < 200; times++) {
    const answer = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => null)
    if (answer?.status === 200) {
      return async () => {
        child.kill('SIGTERM')
        await child.exited
      }
    }
    if (child.exitCode !== null) break
    await Bun.sleep(50)
  }
  throw new Error(`caddy does not serve: ${lastWords()}`)
}

function flood(order: FloodOrder): Promise<FloodResult> {
  const { promise, resolve, reject } = Promise.withResolvers<FloodResult>()
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
  return promise
}

async function isReady(port: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.status === 200
}

if (Bun.which('caddy') === null) {
  say('skipped: caddy is not there; on Debian: apt-get install caddy')
  process.exit(0)
}
await inWorkspace('rolling-restart', async (workspace) => {
  let at: Place = workspace
  let directory: string
  if (values.models !== undefined && values.database !== undefined) {
    at = { models: values.models, database: values.database }
    const { answer } = await finish<{ state: { active: string } }>('models', 'list', ...placeFlags(at))
    directory = join(values.models, answer.state.active)
  } else {
    say(`sample plant and version of ${items} items`)
    const { path } = await writeSamplePlant(workspace.folder, items)
    directory = (await trainOn(path, workspace, { activate: true, smoke: values.small })).answer.directory
  }
  const { predictPath } = await makeQuestions(workspace.folder, directory, { wanted: 2_000, k: 10 })
  const headers = await makeKey(at.database)
  const ports = [await freePort(), await freePort()]
  const servers = [await start(at, ports[0]), await start(at, ports[1])]
  const front = await freePort()
  let stopCaddy = async () => {}
  const exits: number[] = []
  const restartMs: number[] = []
  try {
    stopCaddy = await startCaddy(workspace.folder, front, ports)
    // longer than any run: the clients are told to stop by the end of theirs
    const perRestartMs = drainMs + seenMs + 3_000
    const load = flood({
      origin: `http://127.0.0.1:${front}`,
      path: '/api/v1/predict',
      headers,
      bodiesPath: predictPath,
      connections: Number(values.connections),
      rate: null,
      warmUpSeconds: 1,
      seconds: Math.ceil((2 * rounds * perRestartMs) / 1000) + 2,
    })
    let isOver = false
    void load.then(() => {
      isOver = true
    })
    await Bun.sleep(2_000)
    for (let restart = 0; restart < 2 * rounds && !isOver; restart++) {
      const one = restart % 2
      const startedAt = performance.now()
      exits.push(await servers[one].stop())
      servers[one] = await start(at, ports[one])
      while (!(await isReady(ports[one]))) await Bun.sleep(50)
      restartMs.push(performance.now() - startedAt)
      // until Caddy has seen that it is back
      await Bun.sleep(seenMs)
      say(`restart ${restart + 1} of ${2 * rounds}`)
    }
    const { counts, latenciesMs } = await load
    const requests = Object.values(counts).reduce((sum, number) => sum + number, 0)
    const { p50, p99, max } = spread([...latenciesMs])
    const failed = requests - (counts['200'] ?? 0)
    const row = {
      restarts: exits.length,
      exits: [...new Set(exits)],
      'restart ms': Math.round(spread(restartMs).p50),
      requests,
      failed,
      answers: counts,
      'p50 ms': Math.round(p50 * 10) / 10,
      'p99 ms': Math.round(p99 * 10) / 10,
      'max ms': Math.round(max * 10) / 10,
    }
    const good = failed === 0 && requests > 0 && exits.length > 0 && exits.every((code) => code === 0)
    if (values.json) process.stdout.write(`${JSON.stringify({ ...row, good })}\n`)
    else {
      for (const [key, value] of Object.entries(row))
        console.log(`${key.padEnd(12)} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
      console.log(good ? 'good' : 'NOT GOOD')
    }
    process.exitCode = good || (values.small && requests > 0) ? 0 : 1
  } finally {
    await stopCaddy()
    await Promise.all(servers.map((server) => server.stop()))
  }
})
