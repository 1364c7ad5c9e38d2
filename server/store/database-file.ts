/**
 * Whether the database that a process has open is still the one under its name. A file that was deleted or replaced goes on to take
 * writes that nobody will ever see: they are refused then (write-transaction.ts), and health says so.
 */
import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Db } from './open'

export interface DatabaseFile {
  /** Another file, or none, lies where this one was opened. */
  isReplaced: () => boolean
  /** Bytes of the write-ahead log when it was last looked at. */
  walBytes: () => number
  /** Looks now. */
  look: () => Promise<void>
  stop: () => void
}

const LOOK_MS = 5_000

/** Remembers the file and looks at it each five seconds. `:memory:` is never replaced. */
export function watchDatabaseFile(path: string, { lookMs = LOOK_MS }: { lookMs?: number } = {}): DatabaseFile {
  const opened = path === ':memory:' ? null : identityOf(path)
  let replaced = false
  let walBytes = 0
  const look = async () => {
    if (opened === null) return
    const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => error)
    // a folder that cannot be looked at (a network share that is away) says nothing about the file
    if (!(found instanceof Error)) replaced = `${found.dev}:${found.ino}` !== opened
    else if (found.code === 'ENOENT') replaced = true
    walBytes = (await stat(`${path}-wal`).catch(() => null))?.size ?? 0
  }
  const timer = setInterval(() => void look(), lookMs)
  timer.unref()
  void look()
  return { isReplaced: () => replaced, walBytes: () => walBytes, look, stop: () => clearInterval(timer) }
}

function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return null
  }
}

/** From now on writes are refused while another file lies under the name, and those that give up waiting are counted. */
export function guardStore(db: Db, file: Pick<DatabaseFile, 'isReplaced'>): Db {
  return Object.assign(db, { $guard: { isReplaced: file.isReplaced, busy: 0 } })
}
