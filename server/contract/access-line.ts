/**
 * A line of the access log: one JSON object a request, with the names of OpenTelemetry where they exist. The list is closed: a line
 * with another key is a mistake that a test finds. Nothing in it is what a client asked; names of people are not in it either.
 */
import { type Static, Type } from '@sinclair/typebox'
import { literals, Nullable } from './schema'

/** hit: from the cache. miss: computed and kept. coalesced: waited for the same question of another. bypass: may not be kept. */
export const cacheUses = ['hit', 'miss', 'coalesced', 'bypass'] as const
export type CacheUse = (typeof cacheUses)[number]

const logLevels = ['debug', 'info', 'warning', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/** What every line of every stream says first. */
export const lineHead = {
  ts: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$', description: 'RFC 3339, UTC, microseconds' }),
  /** Of the stream and process: a gap is a lost line. */
  seq: Type.Integer({ minimum: 0 }),
  level: literals(logLevels),
  event: Type.String(),
  worker: Type.Integer(),
  pid: Type.Integer(),
  /** Random, of this life of the process. */
  boot_id: Type.String(),
} as const

export const AccessLine = Type.Object(
  {
    ...lineHead,
    event: Type.Literal('http.request'),
    request_id: Type.String({ maxLength: 64 }),
    trace_id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    span_id: Type.String({ pattern: '^[0-9a-f]{16}$' }),
    /** The caller's trace is recorded by its own system. */
    sampled: Type.Boolean(),
    method: Type.String({ maxLength: 16 }),
    /** Template, for example `/api/v1/items/:code`; `-` when no route matched. Never the path. */
    route: Type.String({ maxLength: 256 }),
    status: Type.Integer(),
    /** Code of the problem. */
    'error.type': Nullable(Type.String()),
    latency_ms: Type.Number(),
    stages: Type.Record(Type.String({ pattern: '^[a-z_]{1,32}$' }), Type.Number()),
    active_version: Nullable(Type.String()),
    epoch: Nullable(Type.Integer()),
    config_rev: Nullable(Type.Integer()),
    ef_search: Nullable(Type.Integer()),
    /** As the request names it; null where it is left to the configuration. */
    k: Nullable(Type.Integer()),
    cache_hit: Nullable(literals(cacheUses)),
    bytes_in: Nullable(Type.Integer()),
    /** null for what is streamed. */
    bytes_out: Nullable(Type.Integer()),
    user_id: Nullable(Type.String({ maxLength: 80 })),
    role: Nullable(Type.String()),
    'client.address': Nullable(Type.String({ maxLength: 64 })),
    'user_agent.original': Type.String({ maxLength: 256 }),
    aborted: Type.Boolean(),
  },
  { additionalProperties: false, $id: 'AccessLine' },
)
export type AccessLine = Static<typeof AccessLine>

/** What becomes of the log lines of a process; health and metrics tell it. */
export interface LogStatus {
  /** Lines lost since the start of the process. */
  dropped: number
  waitingBytes: number
  /** Why files cannot be written now, as errno; null when they can. */
  problem: string | null
}
