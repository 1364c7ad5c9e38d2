/** The life of a serving process: listen, open the model, say so, and stop in good order. */
import { dirname, join } from 'node:path'
import { createApp } from './app'
import { drain } from './drain'
import type { Env } from './env'
import type { AccessRecord } from './http/access-log'
import { Admission } from './http/admission'
import { createClients } from './http/client'
import { createCookies } from './http/cookies'
import { EventStreams } from './http/event-stream'
import { createFastLane } from './http/fast-lane'
import { admissionFigures, streamFigure } from './http/figures'
import { LoginDoor } from './http/login-door'
import { createRefusalLog } from './http/refusal-log'
import { serveApp } from './http/server'
import { createSite } from './http/site'
import { openLog } from './log'
import { inWords, isLoopback, type ReadyLine, setupUrl, warnOpenHost } from './ready-line'
import { repairAtStart } from './repair'
import { openServices } from './services'
import { onStopSignal } from './stop-signal'

/** Serves until SIGTERM or SIGINT; a second one ends the process at once. Throws `busy` when the port is taken. */
export async function serve(env: Env, { json }: { json: boolean }): Promise<void> {
  const stopped = untilStopped()
  if (env.worker === 0) repairAtStart(env.databasePath)
  const bootId = crypto.randomUUID()
  const log = openLog({
    bootId,
    directory: env.logsDirectory ?? join(dirname(env.databasePath), 'logs'),
    level: env.logLevel,
    worker: env.worker,
  })
  // from a terminal that is closed it means what it always meant
  if (!process.stdin.isTTY) process.on('SIGHUP', log.reopen)
  const clients = createClients(env.trustedProxies.split(',').filter(Boolean))
  const cookies = createCookies({ clientOf: clients.of, plainAllowed: isLoopback(env.host) || env.insecureCookies === 1 })
  const admission = new Admission({ onRefused: (request, answer) => onRefused(request, answer) })
  const loginDoor = new LoginDoor({
    addressOf: (request) => clients.of(request).address,
    keyOf: (address) => services.addressKey(address),
    onRefused: (request, answer) => onRefused(request, answer),
  })
  const services = openServices({
    ...env,
    bootId,
    figures: [...admissionFigures(() => admission.status()), streamFigure(() => streams.count)],
    log,
    isStopping: stopped.asked,
    accessToken: (request) => cookies.read(request, 'session'),
    report: log.event,
    reportSecurity: log.security,
    onLoginBlocked: (key, waitMs) => loginDoor.block(key, waitMs),
    reportFailure: (error) => log.failure(error, ''),
  })
  const streams = new EventStreams({ authenticate: services.authenticate })
  const writeAccess = (record: AccessRecord) => {
    log.access(record)
    services.observe(record)
  }
  const onRefused = createRefusalLog({ write: writeAccess, count: services.observe, addressOf: (request) => clients.of(request).address })
  const app = createApp({
    services: services.features,
    authenticate: services.authenticate,
    web: { clientOf: clients.of, cookies },
    admission,
    streams,
    site: createSite(env.uiDirectory),
    writeAccess,
    report: log.failure,
  })
  let stopAnchor = () => {}
  const fastLane = createFastLane({
    authenticate: services.authenticate,
    clientOf: clients.of,
    repeat: services.features.repeat,
    search: services.features.searchVector,
    writeAccess,
    admission,
  })
  const doors = { admission, fastLane, loginDoor }
  const server = serveApp(app, { port: env.port, host: env.host, shared: env.worker > 0, ...doors, isStopping: stopped.asked })
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
    await drain({ server, graceMs: env.drainMs, endStreams: () => streams.end() })
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

function announce(ready: ReadyLine, env: Env, { json }: { json: boolean }): void {
  const { worker } = env
  if (worker > 0) process.send?.(ready)
  else if (json) process.stdout.write(`${JSON.stringify(ready)}\n`)
  else process.stdout.write(`${inWords(ready)}\n`)
  if (worker === 0) warnOpenHost(env)
}
