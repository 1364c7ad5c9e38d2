/** The settings of a process, parsed once: flags win over environment variables, these over the defaults. */
import { join } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { DomainError } from './domain/error'

const LogLevel = Type.Union(['debug', 'info', 'warning', 'error'].map((level) => Type.Literal(level as 'info')))

export const Env = Type.Object({
  port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8080 }),
  /** Only this machine may ask, unless a host is given. */
  host: Type.String({ minLength: 1, maxLength: 255, default: '127.0.0.1' }),
  modelsDirectory: Type.String({ minLength: 1, default: './models' }),
  databasePath: Type.String({ minLength: 1, default: './data/routewright.sqlite' }),
  /** Processes on the one port, more than one on Linux only; 0: as many as the machine has cores and memory for. */
  workers: Type.Integer({ minimum: 0, maximum: 256, default: 0 }),
  /** Number of this process among the workers; 0 when it is the only one. Set by the supervisor. */
  worker: Type.Integer({ minimum: 0, maximum: 256, default: 0 }),
  /** How often the supervisor has started this worker again. Set by the supervisor. */
  restarts: Type.Integer({ minimum: 0, maximum: 999_999_999, default: 0 }),
  /** Told to stop, a process goes on serving for so long while it says that it is not ready: twice the load balancer's interval. */
  drainMs: Type.Integer({ minimum: 0, maximum: 600_000, default: 0 }),
  /** Every so many-th kept answer is calculated anew and compared; 0 never. */
  cacheShadowEvery: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 }),
  /** Addresses or networks whose word about the client counts, separated by commas: `10.0.0.5,fd00::/8`. */
  trustedProxies: Type.String({ maxLength: 4_000, default: '' }),
  /** 1: cookies without TLS, also from other machines. */
  insecureCookies: Type.Integer({ minimum: 0, maximum: 1, default: 0 }),
  logLevel: LogLevel,
  /** Folder of the log files; `logs` beside the database when absent. */
  logsDirectory: Type.Optional(Type.String({ minLength: 1 })),
  /** Where the screens were built. */
  uiDirectory: Type.String({ minLength: 1 }),
})
export type Env = Static<typeof Env>

/** Setting → its environment variable and its flag. */
const names = {
  port: { variable: 'ROUTEWRIGHT_PORT', flag: '--port' },
  host: { variable: 'ROUTEWRIGHT_HOST', flag: '--host' },
  modelsDirectory: { variable: 'ROUTEWRIGHT_MODELS', flag: '--models' },
  databasePath: { variable: 'ROUTEWRIGHT_DATABASE', flag: '--database' },
  workers: { variable: 'ROUTEWRIGHT_WORKERS', flag: '--workers' },
  worker: { variable: 'ROUTEWRIGHT_WORKER', flag: '--worker' },
  restarts: { variable: 'ROUTEWRIGHT_RESTARTS', flag: '--restarts' },
  drainMs: { variable: 'ROUTEWRIGHT_DRAIN_MS', flag: '--drain' },
  cacheShadowEvery: { variable: 'ROUTEWRIGHT_CACHE_SHADOW_EVERY', flag: '--cache-shadow-every' },
  trustedProxies: { variable: 'ROUTEWRIGHT_TRUSTED_PROXIES', flag: '--trusted-proxy' },
  insecureCookies: { variable: 'ROUTEWRIGHT_INSECURE_COOKIES', flag: '--insecure-cookies' },
  logLevel: { variable: 'ROUTEWRIGHT_LOG_LEVEL', flag: '--log-level' },
  logsDirectory: { variable: 'ROUTEWRIGHT_LOGS', flag: '--logs' },
  uiDirectory: { variable: 'ROUTEWRIGHT_UI', flag: '--ui' },
} as const satisfies Record<keyof Env, { variable: string; flag: string }>

const defaults = { logLevel: 'info', uiDirectory: join(import.meta.dir, '..', 'ui', 'dist') }

/** Reads all settings. Throws `bad_request` that names each wrong flag or variable, without its value. */
export function parseEnv(variables: Record<string, string | undefined>, flags: { [K in keyof Env]?: string } = {}): Env {
  const given: Record<string, string | number> = { ...defaults }
  for (const [key, { variable }] of Object.entries(names)) {
    const value = flags[key as keyof Env] ?? variables[variable]
    if (value !== undefined && value !== '') given[key] = isCount(key, value) ? Number(value) : value
  }
  const env = Value.Default(Env, given)
  if (Value.Check(Env, env)) return env
  const details = [...Value.Errors(Env, env)].map(({ path, message }) => {
    const key = path.slice(1) as keyof Env
    return { path: flags[key] === undefined ? names[key].variable : names[key].flag, message }
  })
  throw new DomainError('bad_request', 'a setting is wrong', { details })
}

/** The same settings for a process that is started with them: variable → value. */
export function envVariables(env: Env): Record<string, string> {
  const entries = Object.entries(names).map(([key, { variable }]) => [variable, env[key as keyof Env]] as const)
  return Object.fromEntries(entries.flatMap(([variable, value]) => (value === undefined ? [] : [[variable, String(value)]])))
}

/** Half a port is no port: only digits become a number, all else is refused by the schema. */
const isCount = (key: string, value: string) => Env.properties[key as keyof Env].type === 'integer' && /^\d{1,9}$/.test(value)
