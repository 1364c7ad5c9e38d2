/**
 * One trainer at a time per models folder. The lock is an exclusive transaction on a small database, held open: the operating
 * system frees it the moment its holder dies, kill -9 included, so there is no stale lock to clean up.
 *
 * Never open `.lock.sqlite` by any other way in a process that holds the lock: closing any descriptor of a file drops all of
 * the process's POSIX locks on it.
 */
import { Database } from 'bun:sqlite'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { DomainError } from '../domain/error'
import { isAlive } from './process-life'

const LOCK_NAME = '.lock.sqlite'
const HOLDER_NAME = '.lock.json'

export const LockHolder = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  host: Type.String({ minLength: 1, maxLength: 255 }),
  /** ISO 8601. */
  startedAt: Type.String({ minLength: 1, maxLength: 40 }),
  command: Type.String({ maxLength: 400 }),
})
export type LockHolder = Static<typeof LockHolder>

export interface TrainerLock {
  holder: LockHolder
  /** Frees the lock; harmless when called twice. */
  release(): void
}

/**
 * Takes the lock or throws `training_locked` at once, naming the holder. The caller sweeps the staging folder next
 * (`sweepStaging`) and releases the lock when done, or by dying.
 */
export function acquireTrainerLock(modelsDirectory: string, { holder }: { holder: LockHolder }): TrainerLock {
  mkdirSync(modelsDirectory, { recursive: true })
  const database = new Database(join(modelsDirectory, LOCK_NAME), { create: true })
  try {
    database.run('PRAGMA busy_timeout = 0')
    database.run('BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    throw lockProblem(modelsDirectory, holder.host, cause)
  }
  writeHolder(modelsDirectory, holder)
  let held = true
  return {
    holder,
    release() {
      if (!held) return
      held = false
      rmSync(join(modelsDirectory, HOLDER_NAME), { force: true })
      database.run('ROLLBACK')
      database.close()
    },
  }
}

/** Who says they hold the lock; null without a readable note. Only information: the lock itself decides. */
export function readHolder(modelsDirectory: string): LockHolder | null {
  try {
    const value: unknown = JSON.parse(readFileSync(join(modelsDirectory, HOLDER_NAME), 'utf8').slice(0, 4_000))
    return Value.Check(LockHolder, value) ? value : null
  } catch {
    // No note, or a note being replaced: the answer is the same, nobody has introduced themselves.
    return null
  }
}

function writeHolder(modelsDirectory: string, { pid, host, startedAt, command }: LockHolder): void {
  const note: LockHolder = { pid, host: host.slice(0, 255) || 'unknown', startedAt, command: command.slice(0, 400) }
  const draft = join(modelsDirectory, `${HOLDER_NAME}.${pid}.tmp`)
  writeFileSync(draft, JSON.stringify(note))
  renameSync(draft, join(modelsDirectory, HOLDER_NAME))
}

function lockProblem(modelsDirectory: string, host: string, cause: unknown): DomainError {
  const code = (cause as { code?: string }).code
  if (!code?.startsWith('SQLITE_BUSY')) {
    return new DomainError('database_unavailable', `the lock in the models folder cannot be used (${code ?? 'unknown reason'})`, { cause })
  }
  const holder = livingHolder(modelsDirectory, host)
  const who = holder
    ? `process ${holder.pid} on ${holder.host} since ${holder.startedAt} (${holder.command})`
    : 'by a process that has only just started'
  const details = holder ? [{ path: 'holder', message: JSON.stringify(holder) }] : undefined
  return new DomainError('training_locked', `a training runs already: ${who}`, { details, cause })
}

/** A killed trainer leaves its note behind; its successor writes a new one within milliseconds of taking the lock. */
function livingHolder(modelsDirectory: string, host: string): LockHolder | null {
  for (let attempt = 0; attempt < 10; attempt++) {
    const holder = readHolder(modelsDirectory)
    if (holder && (holder.host !== host || isAlive(holder.pid))) return holder
    Bun.sleepSync(10)
  }
  return null
}
