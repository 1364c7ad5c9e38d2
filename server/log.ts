/**
 * The logs of one process, one JSON document a line: a file beside the database that rotates (100 MB, ten of them), written in the
 * background so that no request waits for the disk. What a person must see at once goes to standard error as well.
 */
import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { getRotatingFileSink } from '@logtape/file'
import { configure, dispose, getLogger, type LogRecord, type Sink } from '@logtape/logtape'
import type { AccessRecord } from './http/access-log'

export interface Log {
  access: (record: AccessRecord) => void
  /** What happened to the process or its model. */
  event: (event: { event: string } & Record<string, unknown>) => void
  /** An error of our own: its stack goes to the log only. */
  failure: (error: unknown, requestId: string) => void
  /** Writes out what is buffered. */
  close: () => Promise<void>
}

export interface LogOptions {
  /** Folder of the log files; null writes none. */
  directory: string | null
  level: 'debug' | 'info' | 'warning' | 'error'
  /** Part of the file's name: processes never share a file. */
  worker: number
}

const fileBytesMax = 100_000_000
const filesMax = 10

export async function openLog({ directory, level, worker }: LogOptions): Promise<Log> {
  let sequence = 0
  const line = (record: LogRecord) =>
    `${JSON.stringify({ ts: new Date(record.timestamp).toISOString(), level: record.level, worker, pid: process.pid, ...record.properties })}\n`
  const standardError: Sink = (record) => {
    if (record.level === 'warning' || record.level === 'error' || record.level === 'fatal') process.stderr.write(line(record))
  }
  const sinks: Record<string, Sink> = { standardError }
  if (directory !== null && canWrite(directory)) {
    sinks.file = getRotatingFileSink(join(directory, `routewright-${worker}.ndjson`), {
      maxSize: fileBytesMax,
      maxFiles: filesMax,
      bufferSize: 65_536,
      flushInterval: 1_000,
      nonBlocking: true,
      formatter: line,
    })
  }
  await configure({
    sinks,
    reset: true,
    loggers: [
      { category: ['routewright', 'access'], sinks: sinks.file ? ['file'] : [], lowestLevel: level, parentSinks: 'override' },
      { category: ['routewright', 'app'], sinks: Object.keys(sinks), lowestLevel: level, parentSinks: 'override' },
      { category: ['logtape', 'meta'], sinks: ['standardError'], lowestLevel: 'warning' },
    ],
  })
  const access = getLogger(['routewright', 'access'])
  const app = getLogger(['routewright', 'app'])
  return {
    access: (record) =>
      access.info('http.request', {
        seq: sequence++,
        event: 'http.request',
        request_id: record.requestId,
        method: record.method,
        route: record.route,
        status: record.status,
        latency_ms: record.latencyMs,
        active_version: record.activeVersion,
        epoch: record.epoch,
        'user_agent.original': record.userAgent,
      }),
    event: (event) => app.info(event.event, { seq: sequence++, ...event }),
    failure: (error, requestId) =>
      app.error('error', {
        seq: sequence++,
        event: 'error',
        request_id: requestId,
        error: error instanceof Error ? (error.stack ?? error.message) : 'not an Error',
      }),
    close: dispose,
  }
}

/** A disk that is full or read-only must not keep predictions from being served. */
function canWrite(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true })
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    process.stderr.write(`warning: no log is written, ${directory} is not writable\n`)
    return false
  }
}
