/**
 * Which version a starting server serves: the active one, else the one before it, else the newest that passes its checks. A
 * change is written into the ledger; when nothing passes, nothing is changed and the server starts without a model.
 */
import { isAlive } from '../artifacts/process-life'
import type { ProblemCode } from '../contract/problem'
import { DomainError } from '../domain/error'
import { beginBoot, endBoot } from '../store/boot-attempt'
import { activateVersion, failVersion, listVersions, readState } from '../store/model-version'
import type { Db } from '../store/open'
import { type Discard, failureOf, isTransient, type Opened, openVersion, type Prepare } from './registry'

export interface Fallback {
  version: string
  code: ProblemCode
  reason: string
}
export interface Boot<T> {
  /** null when no version is active, or none passes. */
  opened: Opened<T> | null
  /** Versions that were tried first and why each was passed over; empty when the active one serves. */
  fallbacks: Fallback[]
}
export interface BootInput<T> {
  prepare: Prepare<T>
  discard?: Discard<T>
  /** false: open what a server would serve, change nothing in the registry (commands that only read). */
  record?: boolean
  pid?: number
  now?: Date
}

/** After this many starts in a row that did not survive opening the active version, it is passed over. */
export const DEAD_STARTS_MAX = 3
/** Workers of one start that die together count once. */
const ONE_START_MS = 10_000
const ROUNDS_MAX = 5

/** Opens what shall serve. Never throws for a version's fault; throws `database_unavailable` when the registry cannot be read. */
export async function bootVersion<T>(db: Db, modelsDirectory: string, input: BootInput<T>): Promise<Boot<T>> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const boot = await bootOnce(db, modelsDirectory, input)
    if (boot) return boot
  }
  throw new DomainError('version_conflict', 'the active version keeps changing; start again')
}

/** One try; null when another process changed the active version meanwhile. */
async function bootOnce<T>(
  db: Db,
  modelsDirectory: string,
  { prepare, discard, record = true, pid = process.pid, now = new Date() }: BootInput<T>,
): Promise<Boot<T> | null> {
  const { active, previous, epoch } = readState(db)
  if (active === null) return { opened: null, fallbacks: [] }
  const attempt = record ? await noteStart(db, { version: active, pid, now }) : unrecordedStart
  const fallbacks: Fallback[] = []
  let opened: Opened<T> | null = null
  for (const version of candidates(db, active, previous)) {
    if (version === active && attempt.deadStarts >= DEAD_STARTS_MAX) {
      fallbacks.push({ version, code: 'engine_failed', reason: `${attempt.deadStarts} starts ended while opening it` })
      continue
    }
    try {
      opened = await openVersion(db, modelsDirectory, { version, epoch: version === active || !record ? epoch : epoch + 1, prepare, now })
      break
    } catch (error) {
      fallbacks.push({ version, ...failureOf(error) })
    }
  }
  await attempt.strike()
  if (record && opened && opened.version !== active) {
    const stays = await recordFallback(db, { version: opened.version, epoch, fallbacks, now })
    if (!stays) {
      await discard?.(opened.model)
      return null
    }
  }
  return { opened, fallbacks }
}

/** The active version, the one before, those that served before (newest first), those that never did (newest first). */
function candidates(db: Db, active: string, previous: string | null): string[] {
  const sound = listVersions(db).filter(({ status }) => status !== 'failed')
  const served = sound.filter(({ activatedAt }) => activatedAt !== null).sort((a, b) => (a.activatedAt! < b.activatedAt! ? 1 : -1))
  const names = [...served, ...sound.filter(({ activatedAt }) => activatedAt === null)].map(({ version }) => version)
  return [...new Set([active, ...(previous !== null && names.includes(previous) ? [previous] : []), ...names])]
}

/** Makes the fallback the active version and marks those that failed. False when another process came first. */
async function recordFallback(
  db: Db,
  { version, epoch, fallbacks, now }: { version: string; epoch: number; fallbacks: Fallback[]; now: Date },
): Promise<boolean> {
  const [first, ...others] = fallbacks
  const why = fallbacks.map((one) => `${one.version}: ${one.reason}`).join(' | ')
  try {
    const failure = { code: first.code, reason: first.reason }
    await activateVersion(db, { version, kind: 'boot_fallback', who: 'boot', why, ifEpoch: epoch, now, failure })
    for (const { version: name, code, reason } of others) {
      if (!isTransient(code)) await failVersion(db, { version: name, code, reason, who: 'boot', now })
    }
    return true
  } catch (error) {
    if (error instanceof DomainError && error.code === 'version_conflict') return false
    // A database that cannot be written now is no reason not to serve.
    if (error instanceof DomainError) return true
    throw error
  }
}

const unrecordedStart = { deadStarts: 0, strike: async () => {} }

/** Notes this start and counts the ones before it whose process is gone. */
async function noteStart(db: Db, { version, pid, now }: { version: string; pid: number; now: Date }) {
  try {
    const { id, open } = await beginBoot(db, { version, pid, now })
    // A row of one's own number is of an earlier process: in a container every start has the same.
    const dead = open.filter((row) => row.pid === pid || !isAlive(row.pid))
    const deadStarts = new Set(dead.map(({ at }) => Math.floor(at / ONE_START_MS))).size
    const strike = () => endBoot(db, [id, ...dead.map((row) => row.id)]).catch(unlessDomainError)
    return { deadStarts, strike }
  } catch (error) {
    unlessDomainError(error)
    return unrecordedStart
  }
}

/** Counting starts is a precaution: a database that cannot be written now must not keep the server from serving. */
function unlessDomainError(error: unknown): void {
  if (!(error instanceof DomainError)) throw error
}
