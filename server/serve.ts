/** The life of a serving process: listen, open the model, say so, and stop in good order. */
import { dirname, join } from 'node:path'
import { version as programVersion } from '../package.json'
import { createApp } from './app'
import type { Env } from './env'
import { Admission } from './http/admission'
import { createClients } from './http/client'
import { createCookies } from './http/cookies'
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
  /** Where the first admin is made, once, while nobody is one. A secret: it stands in no log. */
  setupUrl?: string
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
  const clients = createClients(env.trustedProxies.split(',').filter(Boolean))
  const cookies = createCookies({ clientOf: clients.of, plainAllowed: isLoopback(env.host) || env.insecureCookies === 1 })
  const services = openServices({
    ...env,
    isStopping: stopped.asked,
    accessToken: (request) => cookies.read(request, 'session'),
    report: log.event,
    reportSecurity: log.security,
    reportFailure: (error) => log.failure(error, ''),
  })
  const admission = new Admission()
  const app = createApp({
    services: services.features,
    authenticate: services.authenticate,
    web: { clientOf: clients.of, cookies },
    admission,
    site: createSite(env.uiDirectory),
    writeAccess: log.access,
    report: log.failure,
  })
  let stopAnchor = () => {}
  const server = serveApp(app, { port: env.port, host: env.host, shared: env.worker > 0, admission })
  clients.listen(server)
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
    if (env.worker <= 1) stopAnchor = services.anchorAudit(log.event)
    const setupToken = env.worker <= 1 && env.restarts === 0 ? await services.openSetup() : null
    announce({ ...ready, ...(setupToken === null ? {} : { setupUrl: setupUrl(ready.url, setupToken) }) }, env, { json })
    await stopped.signal
    log.event({ event: 'process.stopping' })
    await drain(server)
  } finally {
    stopAnchor()
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

function announce(ready: ReadyLine, env: Env, { json }: { json: boolean }): void {
  const { worker } = env
  if (worker > 0) process.send?.(ready)
  else if (json) process.stdout.write(`${JSON.stringify(ready)}\n`)
  else process.stdout.write(`${inWords(ready)}\n`)
  if (worker === 0) warnOpenHost(env)
}

/** The line for a person. */
export function inWords({ url, version, readyMs, setupUrl, workers }: ReadyLine & { workers?: number }): string {
  const serving = version === null ? 'no version can be served yet: train one and activate it' : `version ${version}`
  const line = `Routewright ${programVersion} on ${url} (${serving}; ready in ${(readyMs / 1000).toFixed(1)} s)${workers === undefined ? '' : `, ${workers} workers`}`
  return setupUrl === undefined ? line : `${line}\nNobody is an admin yet. Open this link, it works once: ${setupUrl}`
}

/** The part after # never leaves the browser. A server that listens on all addresses is reached here by this machine's own. */
export function setupUrl(base: string, token: string): string {
  const url = new URL('/setup', base)
  if (['0.0.0.0', '[::]'].includes(url.hostname)) url.hostname = 'localhost'
  url.hash = `token=${token}`
  return url.href
}

const isLoopback = (host: string) => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)

/** Without TLS nobody can log in from elsewhere; whoever chose to do without should see it. */
export function warnOpenHost({ host, trustedProxies, insecureCookies }: Env): void {
  if (isLoopback(host)) return
  const say = (text: string) => void process.stderr.write(`warning: ${text}\n`)
  if (insecureCookies === 1) say(`passwords and cookies travel in the clear to ${host}: --insecure-cookies`)
  else if (trustedProxies === '')
    say(`people can log in over https only: put a proxy with TLS before ${host} and name it by --trusted-proxy`)
}
