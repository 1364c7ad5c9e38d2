/** Several serving processes on one port (Linux): started, started again when they die, stopped together. Serves nothing itself. */
import { join } from 'node:path'
import { DomainError } from './domain/error'
import { type Env, envVariables } from './env'
import { freePort } from './http/port'
import { inWords, type ReadyLine, warnOpenHost } from './ready-line'
import { repairAtStart } from './repair'
import { onStopSignal } from './stop-signal'

interface Worker {
  process: Bun.Subprocess
  readyAt: number | null
}

/** The first death is an accident and mended at once; after the next ones the supervisor waits, longer each time. */
const backoffMsMin = 500
const backoffMsMax = 30_000
/** A worker that lived so long starts again without delay. */
const settledMs = 60_000

/** Runs `env.workers` workers until SIGTERM or SIGINT. Ends with a worker's exit code when it fails before it was ever ready. */
export async function superviseWorkers(asked: Env, { json }: { json: boolean }): Promise<void> {
  // Workers share the port with whoever shares it: another server of the same user would silently get half of the requests.
  const env = { ...asked, port: await freePort(asked) }
  repairAtStart(env.databasePath)
  const workers = new Map<number, Worker>()
  const supervisor = { stopping: false }
  let announced = false
  /** Made by the first worker, once. */
  let setupUrl: string | undefined
  const onReady = (ready: ReadyLine) => {
    setupUrl ??= ready.setupUrl
    if (announced || [...workers.values()].some(({ readyAt }) => readyAt === null)) return
    announced = true
    const line = { ...ready, setupUrl, pid: process.pid, readyMs: Math.round(performance.now()), workers: env.workers }
    process.stdout.write(`${json ? JSON.stringify(line) : inWords(line)}\n`)
    warnOpenHost(env)
  }
  const signalAll = (signal: NodeJS.Signals) => {
    supervisor.stopping = true
    for (const { process } of workers.values()) process.kill(signal)
  }
  onStopSignal(
    () => signalAll('SIGTERM'),
    () => signalAll('SIGKILL'),
  )
  // the logs are the workers'; from a terminal that is closed it means what it always meant
  if (!process.stdin.isTTY) {
    process.on('SIGHUP', () => {
      for (const { process, readyAt } of workers.values()) if (readyAt !== null) process.kill('SIGHUP')
    })
  }
  const keep = async (number: number) => {
    for (let restarts = 0, backoffMs = 0; !supervisor.stopping; restarts++) {
      const startedAt = performance.now()
      const worker = startWorker(env, { number, restarts }, (ready) => {
        worker.readyAt = performance.now()
        onReady(ready)
      })
      workers.set(number, worker)
      const exitCode = await worker.process.exited
      if (supervisor.stopping) return
      if (worker.readyAt === null && !announced) {
        signalAll('SIGTERM')
        throw new DomainError('internal', `worker ${number} ended with ${exitCode} before it was ready`)
      }
      if (performance.now() - startedAt > settledMs) backoffMs = 0
      process.stderr.write(`${JSON.stringify({ event: 'worker.died', worker: number, exitCode, restartMs: backoffMs })}\n`)
      await Bun.sleep(backoffMs)
      backoffMs = Math.min(Math.max(2 * backoffMs, backoffMsMin), backoffMsMax)
    }
  }
  await Promise.all(Array.from({ length: env.workers }, (_, index) => keep(index + 1)))
}

function startWorker(env: Env, { number, restarts }: { number: number; restarts: number }, onReady: (ready: ReadyLine) => void): Worker {
  // by name, and with the settings as they were read: what started us may have been another command (`bun start`)
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'main.ts'), 'serve'], {
    env: { ...process.env, ...envVariables({ ...env, worker: number, restarts }) },
    stdio: ['ignore', 'inherit', 'inherit'],
    ipc: (message) => onReady(message as ReadyLine),
  })
  return { process: child, readyAt: null }
}
