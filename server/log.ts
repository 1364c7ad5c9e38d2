/**
 * The logs of one process, one JSON document a line, in four streams of their own files: `access` (every request), `app` (what happens
 * to the process), `slow`, `security`. (The audit is in the database.) No request waits for the disk, see log-file.ts. What a person must
 * see at once goes to standard error as well.
 */
import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AccessLine, LogLevel, LogStatus } from './contract/access-line'
import type { AccessRecord } from './http/access-log'
import { describeError } from './log-error'
import { type LogFile, openLogFile } from './log-file'

export const logStreams = ['access', 'app', 'slow', 'security'] as const
export type LogStream = (typeof logStreams)[number]
/** With plain data; no secrets, nothing that a client submitted. */
export interface LogEvent {
  event: string
  level?: LogLevel
}

export interface Log {
  /** Of this life of the process. */
  bootId: string
  access: (record: AccessRecord) => void
  /** What happened to the process or its model. */
  event: <E extends LogEvent>(event: E) => void
  /** Logins, refusals, changes of rights. */
  security: <E extends LogEvent>(event: E) => void
  slow: <E extends LogEvent>(event: E) => void
  /** An error of our own: its stack goes to the log only. */
  failure: (error: unknown, requestId: string) => void
  status: () => LogStatus
  /** Opens all files by their names again: SIGHUP, after a tool outside has renamed them. */
  reopen: () => void
  /** Writes out what is buffered. */
  close: () => Promise<void>
}

export interface LogOptions {
  /** Folder of the log files; null writes none. */
  directory: string | null
  level: LogLevel
  /** Part of the file's name: processes never share a file. */
  worker: number
  bootId?: string
  now?: () => number
}

const weights = { debug: 0, info: 1, warning: 2, error: 3 } as const satisfies Record<LogLevel, number>
/** The access log has a line a request, the others hardly any. */
const bytesMax = { access: 64_000_000, app: 16_000_000, slow: 16_000_000, security: 16_000_000 } as const satisfies Record<
  LogStream,
  number
>

export const newBootId = () => crypto.getRandomValues(new Uint8Array(8)).toHex()

export function openLog({ directory, level, worker, bootId = newBootId(), now = Date.now }: LogOptions): Log {
  const clock = microsecondClock(now)
  if (directory !== null) warnUnwritable(directory)
  const open = (stream: LogStream): Sink => ({
    file: directory === null ? null : openLogFile({ path: join(directory, `${stream}-${worker}.ndjson`), bytesMax: bytesMax[stream] }),
    next: 0,
  })
  const sinks = { access: open('access'), app: open('app'), slow: open('slow'), security: open('security') }
  const files = Object.values(sinks).flatMap(({ file }) => file ?? [])
  const ofProcess = JSON.stringify({ worker, pid: process.pid, boot_id: bootId }).slice(1, -1)
  const write = (stream: LogStream, of: LogLevel, fields: LogEvent & Record<string, unknown>) => {
    if (weights[of] < weights[level]) return
    const sink = sinks[stream]
    const line = `{"ts":"${clock()}","seq":${sink.next++},"level":"${of}",${ofProcess},${JSON.stringify(fields).slice(1)}\n`
    sink.file?.write(line)
    if (weights[of] >= weights.warning && (stream === 'app' || stream === 'security')) process.stderr.write(line)
  }
  const event =
    (stream: LogStream) =>
    <E extends LogEvent>({ level: of = 'info', ...fields }: E) =>
      write(stream, of, fields)
  return {
    bootId,
    access: (record) => write('access', record.status >= 500 ? 'warning' : 'info', accessFields(record)),
    event: event('app'),
    security: event('security'),
    slow: event('slow'),
    failure: (error, requestId) => write('app', 'error', { event: 'error', request_id: requestId, error: describeError(error) }),
    status: () => statusOf(files),
    reopen: () => {
      for (const file of files) file.reopen()
    },
    close: async () => {
      await Promise.all(files.map((file) => file.close()))
    },
  }
}

/** No reason not to start, and writing begins when the folder is there; but somebody should know. */
function warnUnwritable(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true })
    accessSync(directory, constants.W_OK)
  } catch {
    process.stderr.write(`warning: no log is written as long as ${directory} is not writable\n`)
  }
}

interface Sink {
  file: LogFile | null
  next: number
}

function statusOf(files: LogFile[]): LogStatus {
  const all = files.map((file) => file.status())
  const sum = (key: 'dropped' | 'waitingBytes') => all.reduce((total, one) => total + one[key], 0)
  return {
    dropped: sum('dropped'),
    waitingBytes: sum('waitingBytes'),
    problem: all.find(({ problem }) => problem !== null)?.problem ?? null,
  }
}

type AccessFields = Omit<AccessLine, 'ts' | 'seq' | 'level' | 'worker' | 'pid' | 'boot_id'>

const accessFields = (record: AccessRecord): AccessFields => ({
  event: 'http.request',
  request_id: record.requestId,
  trace_id: record.traceId,
  span_id: record.spanId,
  sampled: record.sampled,
  method: record.method,
  route: record.route,
  status: record.status,
  'error.type': record.problem,
  latency_ms: record.latencyMs,
  stages: record.stages,
  active_version: record.activeVersion,
  epoch: record.epoch,
  config_rev: record.configRevision,
  ef_search: record.efSearch,
  k: record.k,
  cache_hit: record.cache,
  bytes_in: record.bytesIn,
  bytes_out: record.bytesOut,
  user_id: record.userId,
  role: record.role,
  'client.address': record.client,
  'user_agent.original': record.userAgent,
  aborted: record.aborted,
})

/** Wall-clock times in microseconds: the system's milliseconds, between them the monotonic clock, so that lines of one ms keep their order. */
function microsecondClock(now: () => number): () => string {
  let anchorMs = now()
  let anchor = performance.now()
  let last = { at: Number.NaN, text: '' }
  return () => {
    const wall = now()
    let micros = (performance.now() - anchor) * 1_000
    if (Math.abs(anchorMs + micros / 1_000 - wall) > 1.5) {
      anchorMs = wall
      anchor = performance.now()
      micros = 0
    }
    const ms = Math.floor(micros / 1_000)
    // many lines are of one millisecond
    if (last.at !== anchorMs + ms) last = { at: anchorMs + ms, text: new Date(anchorMs + ms).toISOString().slice(0, 23) }
    return `${last.text}${String(Math.floor(micros - ms * 1_000)).padStart(3, '0')}Z`
  }
}
