/** The life of a serving process: listen, open the model, say so, and stop in good order. */
import { dirname, join } from 'node:path'
import { version as programVersion } from '../package.json'
import { createApp } from './app'
import type { Env } from './env'
import { Admission } from './http/admission'
import { serveApp } from './http/server'
import { createSite } from './http/site'
import { openLog } from './log'
import { openServices } from './services'
import { onStopSignal } from './stop-signal'

/** What a process says when it is ready; a line of JSON with `--json`, a message to the supervisor from a worker. */
export interface ReadyLine {
  url: string
  /** Of the model that serves; null when no version is active. */
  version: string | null
  pid: number
  /** From the start of the process. */
  readyMs: number
}

/** Requests that are under way when a process is told to stop have this long to finish. */
const drainMsMax = 15_000

/** Serves until SIGTERM or SIGINT; a second one ends the process at once. Throws `busy` when the port is taken. */
export async function serve(env: Env, { json }: { json: boolean }): Promise<void> {
  const stopped = untilStopped()
  const log = openLog({
    directory: env.logsDirectory ?? join(dirname(env.databasePath), 'logs'),
    level: env.logLevel,
    worker: env.worker,
  })
  process.on('SIGHUP', log.reopen)
  const services = openServices({ ...env, isStopping: stopped.asked, report: log.event, reportFailure: (error) => log.failure(error, '') })
  const admission = new Admission()
  const app = createApp({
    services: services.features,
    authenticate: () => null,
    admission,
    site: createSite(env.uiDirectory),
    writeAccess: log.access,
    report: log.failure,
  })
  const server = serveApp(app, { port: env.port, host: env.host, shared: env.worker > 0, admission })
  try {
    const boot = await services.start()
    for (const { version, code, reason } of boot.fallbacks) {
      log.event({ event: 'model.passed_over', version, code, reason })
      if (env.worker <= 1) process.stderr.write(`warning: version ${version} cannot be served (${code}): ${reason}\n`)
    }
    const ready: ReadyLine = {
      url: server.url.href,
      version: boot.opened?.version ?? null,
      pid: process.pid,
      readyMs: Math.round(performance.now()),
    }
    log.event({ event: 'process.ready', ...ready })
    announce(ready, env, { json })
    await stopped.signal
    log.event({ event: 'process.stopping' })
    await drain(server)
  } finally {
    await server.stop(true)
    await services.close()
    await log.close()
  }
}

/** The first order asks to stop, the second ends at once. A worker whose supervisor is gone stops too. */
function untilStopped(): { asked: () => boolean; signal: Promise<void> } {
  let asked = false
  const signal = new Promise<void>((resolve) => {
    const stop = () => {
      asked = true
      resolve()
    }
    onStopSignal(stop, () => process.exit(1))
    process.once('disconnect', stop)
  })
  return { asked: () => asked, signal }
}

/** No new connections; what is under way is finished, at most 15 s. */
async function drain(server: Bun.Server<undefined>): Promise<void> {
  void server.stop(false)
  const deadline = performance.now() + drainMsMax
  while (server.pendingRequests > 0 && performance.now() < deadline) await Bun.sleep(10)
}

function announce(ready: ReadyLine, { host, worker }: Env, { json }: { json: boolean }): void {
  if (worker > 0) process.send?.(ready)
  else if (json) process.stdout.write(`${JSON.stringify(ready)}\n`)
  else process.stdout.write(`${inWords(ready)}\n`)
  if (worker === 0) warnOpenHost(host)
}

/** The line for a person. */
export function inWords({ url, version, readyMs }: ReadyLine): string {
  const serving = version === null ? 'no version can be served yet: train one and activate it' : `version ${version}`
  return `Routewright ${programVersion} on ${url} (${serving}; ready in ${(readyMs / 1000).toFixed(1)} s)`
}

/** There are no accounts yet: whoever reaches the port may use it. */
export function warnOpenHost(host: string): void {
  if (['127.0.0.1', 'localhost', '::1'].includes(host)) return
  process.stderr.write(`warning: everybody who reaches ${host} can use this server; there are no accounts yet\n`)
}
