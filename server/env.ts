/** The settings of a process, parsed once: flags win over environment variables, these over the defaults. */
import { join } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { DomainError } from './domain/error'

const LogLevel = Type.Union(['debug', 'info', 'warning', 'error'].map((level) => Type.Literal(level as 'info')))

export const Env = Type.Object({
  port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8080 }),
  /** There are no accounts yet: only this machine may ask, unless a host is given. */
  host: Type.String({ minLength: 1, maxLength: 255, default: '127.0.0.1' }),
  modelsDirectory: Type.String({ minLength: 1, default: './models' }),
  databasePath: Type.String({ minLength: 1, default: './data/routewright.sqlite' }),
  /** Processes on the one port; more than one on Linux only. */
  workers: Type.Integer({ minimum: 1, maximum: 256, default: 1 }),
  /** Number of this process among the workers; 0 when it is the only one. Set by the supervisor. */
  worker: Type.Integer({ minimum: 0, maximum: 256, default: 0 }),
  logLevel: LogLevel,
  /** Where the screens were built. */
  uiDirectory: Type.String({ minLength: 1 }),
})
export type Env = Static<typeof Env>

/** Setting → environment variable. */
export const envVariables = {
  port: 'ROUTEWRIGHT_PORT',
  host: 'ROUTEWRIGHT_HOST',
  modelsDirectory: 'ROUTEWRIGHT_MODELS',
  databasePath: 'ROUTEWRIGHT_DATABASE',
  workers: 'ROUTEWRIGHT_WORKERS',
  worker: 'ROUTEWRIGHT_WORKER',
  logLevel: 'ROUTEWRIGHT_LOG_LEVEL',
  uiDirectory: 'ROUTEWRIGHT_UI',
} as const satisfies Record<keyof Env, string>

const defaults = { logLevel: 'info', uiDirectory: join(import.meta.dir, '..', 'ui', 'dist') }

/** Reads all settings. Throws `bad_request` that names each wrong flag or variable, without its value. */
export function parseEnv(variables: Record<string, string | undefined>, flags: { [K in keyof Env]?: string } = {}): Env {
  const given: Record<string, string> = { ...defaults }
  for (const [key, variable] of Object.entries(envVariables)) {
    const value = flags[key as keyof Env] ?? variables[variable]
    if (value !== undefined && value !== '') given[key] = value
  }
  const env = Value.Default(Env, Value.Convert(Env, given))
  if (Value.Check(Env, env)) return env
  const details = [...Value.Errors(Env, env)].map(({ path, message }) => {
    const key = path.slice(1) as keyof Env
    return { path: flags[key] === undefined ? (envVariables[key] ?? path) : `--${key}`, message }
  })
  throw new DomainError('bad_request', 'a setting is wrong', { details })
}
