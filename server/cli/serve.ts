/** `routewright serve`: one serving process, or on Linux several on one port. */
import { defineCommand } from 'citty'
import { DomainError } from '../domain/error'
import { parseEnv } from '../env'

export const serveCommand = defineCommand({
  meta: { name: 'serve', description: 'Serve the API and the screens until it is told to stop (SIGTERM, Ctrl-C)' },
  args: {
    port: { type: 'string', valueHint: 'N', description: 'Port, 8080 when absent; 0 takes a free one' },
    host: { type: 'string', valueHint: 'ADDRESS', description: 'Address to listen on; 127.0.0.1 (this machine only) when absent' },
    models: { type: 'string', valueHint: 'DIR', description: 'Folder of the versions, ./models when absent' },
    database: { type: 'string', valueHint: 'FILE', description: 'Database, ./data/routewright.sqlite when absent' },
    logs: { type: 'string', valueHint: 'DIR', description: 'Folder of the log files, logs beside the database when absent' },
    workers: { type: 'string', valueHint: 'N', description: 'Processes that share the port (Linux); one a core when absent' },
    drain: { type: 'string', valueHint: 'MS', description: 'Told to stop, serve on for so long: twice the interval of a load balancer' },
    'trusted-proxy': { type: 'string', valueHint: 'LIST', description: 'Proxies whose word about the client counts: 10.0.0.5,fd00::/8' },
    'insecure-cookies': { type: 'boolean', description: 'Let people log in without TLS, also from other machines' },
    json: { type: 'boolean', description: 'One line of JSON when ready: url, version, pid, readyMs' },
  },
  async run({ args, rawArgs }) {
    const env = parseEnv(process.env, {
      // A worker was started with the same flags; the port that the supervisor found for all counts (`--port 0`).
      port: Number(process.env.ROUTEWRIGHT_WORKER ?? 0) > 0 ? undefined : args.port,
      host: args.host,
      modelsDirectory: args.models,
      databasePath: args.database,
      logsDirectory: args.logs,
      workers: args.workers,
      drainMs: args.drain,
      trustedProxies: everyValue(rawArgs, '--trusted-proxy'),
      insecureCookies: args['insecure-cookies'] ? '1' : undefined,
    })
    if (env.workers > 1 && process.platform !== 'linux') throw new DomainError('bad_request', 'several workers on one port need Linux')
    const json = args.json === true
    const workers = env.worker > 0 || env.workers > 0 ? env.workers : await ownWorkers()
    // Loaded here, so that the help does not wait for the engine, and the supervisor never does.
    if (workers > 1 && env.worker === 0) await (await import('../supervisor')).superviseWorkers({ ...env, workers }, { json })
    else await (await import('../serve')).serve(env, { json })
  },
})

async function ownWorkers(): Promise<number> {
  const { thisMachine, workerCount } = await import('../worker-count')
  return workerCount(thisMachine())
}

/** A flag that may be given several times; undefined where it is not given. */
function everyValue(rawArgs: string[], flag: string): string | undefined {
  const values = rawArgs.flatMap((arg, at) =>
    arg === flag ? [rawArgs[at + 1] ?? ''] : arg.startsWith(`${flag}=`) ? [arg.slice(flag.length + 1)] : [],
  )
  return values.length === 0 ? undefined : values.join(',')
}
