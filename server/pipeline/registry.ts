/**
 * Registering, opening and switching versions: what the disk holds and what the database says, brought together. A version is
 * opened only after its manifest is the registered one and every file is what the manifest says.
 */
import { type FileStamp, readManifest, type Stamps, verifyFiles } from '../artifacts/file-check'
import { withdrawVersion } from '../artifacts/version-directory'
import { versionDirectory } from '../artifacts/version-name'
import type { Manifest } from '../contract/manifest'
import type { ProblemCode } from '../contract/problem'
import type { ActivationKind, ModelState, ModelVersion, Quality } from '../contract/version'
import { DomainError } from '../domain/error'
import { findStamp, saveStamps } from '../store/file-stamp'
import { activateVersion, epochMoved, failVersion, getVersion, readState, registerVersion } from '../store/model-version'
import type { Db } from '../store/open'
import { forgetAnnouncement, listAbandonedVersions } from '../store/training-run'
import { gateActivation, passed } from './activation-gate'

/** Opens a verified version and puts golden queries to it; throws when it does not answer as it should. */
export type Prepare<T> = (directory: string, manifest: Manifest, options: { epoch: number }) => Promise<T>
/** Lets go of a model that was prepared and is not used after all. */
export type Discard<T> = (model: T) => void | Promise<void>

export interface Opened<T> {
  version: string
  directory: string
  manifest: Manifest
  epoch: number
  model: T
}

export interface OpenInput<T> {
  version: string
  /** Stands in every answer of the model. */
  epoch: number
  prepare: Prepare<T>
  now?: Date
  /** Files verified before and untouched since are not read again; false reads every byte. */
  trustStamps?: boolean
}

/**
 * Verifies a registered version and opens it. Changes nothing but stamps.
 * Throws `version_unknown`, `artifact_missing`, `artifact_corrupt`, `manifest_invalid`, and what `prepare` throws.
 */
export async function openVersion<T>(
  db: Db,
  modelsDirectory: string,
  { version, epoch, prepare, now = new Date(), trustStamps = true }: OpenInput<T>,
): Promise<Opened<T>> {
  const { directory, manifest } = await verifyVersion(db, modelsDirectory, { version, now, trustStamps })
  return { version, directory, manifest, epoch, model: await prepare(directory, manifest, { epoch }) }
}

/**
 * The first half of `openVersion`: its manifest is the registered one and every file is what it says. Throws as that.
 * @returns also how many bytes were read; the others were vouched for by stamps
 */
export async function verifyVersion(
  db: Db,
  modelsDirectory: string,
  { version, now, trustStamps }: { version: string; now: Date; trustStamps: boolean },
): Promise<{ directory: string; manifest: Manifest; hashedBytes: number }> {
  const { manifestSha256 } = getVersion(db, version)
  const directory = await versionDirectory(modelsDirectory, version)
  const { manifest } = await readManifest(directory, { version, sha256: manifestSha256 })
  const { hashedBytes } = await verifyFiles(directory, manifest, { stamps: stampsOf(db), now, trust: trustStamps })
  return { directory, manifest, hashedBytes }
}

export interface RegisterVersionInput {
  version: string
  quality?: Quality | null
  /** Training run that made the version; without one it came from elsewhere. */
  run?: number
  who: string
  now?: Date
}

/** A trainer waits this long for the database rather than lose its work, ms. */
const TRAINER_WAIT_MS = 30_000

/**
 * Registers a published folder, inactive, after checking every file. A training run that may not register takes its folder back.
 * Throws like `openVersion`, and `version_conflict` (registered already), `training_locked` (the run was overtaken).
 */
export async function register(db: Db, modelsDirectory: string, input: RegisterVersionInput): Promise<ModelVersion> {
  const { version, quality, run, who, now = new Date() } = input
  try {
    const directory = await versionDirectory(modelsDirectory, version)
    const { manifest, text, sha256 } = await readManifest(directory, { version })
    await verifyFiles(directory, manifest, { stamps: stampsOf(db), now, trust: false })
    const waitMs = run === undefined ? undefined : TRAINER_WAIT_MS
    return await registerVersion(db, { manifest, manifestText: text, manifestSha256: sha256, quality, run, who, now, waitMs })
  } catch (error) {
    const taken = error instanceof DomainError && error.code === 'version_conflict'
    if (run !== undefined && !taken) await withdrawVersion(modelsDirectory, version)
    throw error
  }
}

/**
 * Removes versions that a training run published and did not live to register. Only the holder of the trainer's lock may call
 * it, after `startTrainingRun`. Returns their names.
 */
export async function sweepAbandoned(db: Db, modelsDirectory: string): Promise<string[]> {
  const abandoned = listAbandonedVersions(db)
  for (const { run, version } of abandoned) {
    await withdrawVersion(modelsDirectory, version)
    await forgetAnnouncement(db, { run })
  }
  return abandoned.map(({ version }) => version)
}

export interface ActivateInput<T> {
  version: string
  who: string
  why: string
  /** The epoch that the asker saw; the current one when absent. */
  ifEpoch?: number
  prepare: Prepare<T>
  discard?: Discard<T>
  kind?: ActivationKind
  /** Lets a clearly worse version through; `why` must say why. */
  force?: boolean
  now?: Date
}
export interface Switched<T> extends Opened<T> {
  state: ModelState
  /** What the comparison with the version before could not say, or was overruled in; null when there is nothing to say. */
  warning: string | null
}

/**
 * Makes a version the active one, after reading every byte and opening it. When it does not pass, it is marked `failed` with the
 * reason and the active version stays as it is. A clearly worse one is refused unmarked: it may be forced, with a reason.
 * Throws `version_conflict` when another change came first or it is active already, `quality_worse`, `bad_request` (forced
 * without a reason), and what `openVersion` throws.
 */
export async function activate<T>(db: Db, modelsDirectory: string, input: ActivateInput<T>): Promise<Switched<T>> {
  const { version, who, why, prepare, discard, kind = 'activate', force = false, now = new Date() } = input
  const { epoch, active } = checkOrder(db, input)
  let opened: Opened<T>
  try {
    opened = await openVersion(db, modelsDirectory, { version, epoch: epoch + 1, prepare, now, trustStamps: false })
  } catch (error) {
    const failure = failureOf(error)
    if (!isTransient(failure.code)) await failVersion(db, { version, ...failure, who, now })
    throw error
  }
  try {
    // going back to what served before is a way out of trouble: nobody is asked for figures then
    const gate = kind === 'activate' ? await gateActivation(db, modelsDirectory, { version, active, force }) : passed
    const reason = [why, gate.note].filter((text) => text !== '').join(' ')
    const state = await activateVersion(db, { version, kind, who, why: reason, ifEpoch: epoch, now })
    return { ...opened, state, warning: gate.warning }
  } catch (error) {
    await discard?.(opened.model)
    throw error
  }
}

/** What can be said against a switch before anything is read. Throws `bad_request`, `version_conflict`, `version_unknown`. */
export function checkOrder(db: Db, order: { version: string; why: string; force?: boolean; ifEpoch?: number }): ModelState {
  if (order.force && order.why.trim() === '') throw new DomainError('bad_request', 'a version is forced only with a reason')
  const state = readState(db)
  if (order.ifEpoch !== undefined && order.ifEpoch !== state.epoch) throw epochMoved(state.epoch)
  getVersion(db, order.version)
  if (order.version === state.active) throw new DomainError('version_conflict', `version ${order.version} is active already`)
  return state
}

/** Goes back to the version that served before, with the same checks. Throws `not_found` when there is none. */
export async function rollback<T>(
  db: Db,
  modelsDirectory: string,
  input: Omit<ActivateInput<T>, 'version' | 'kind'> & { kind?: 'rollback' | 'auto_rollback' },
): Promise<Switched<T>> {
  const { previous, epoch } = readState(db)
  if (previous === null) throw new DomainError('not_found', 'there is no previous version to go back to')
  return activate(db, modelsDirectory, { kind: 'rollback', ifEpoch: epoch, ...input, version: previous })
}

/** Stamps of verified files, kept in the database. One that cannot be kept costs a reading, never an opening. */
export function stampsOf(db: Db): Stamps {
  const save = async (stamps: FileStamp[]) => {
    try {
      await saveStamps(db, stamps)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
    }
  }
  return { find: (path) => findStamp(db, path), save }
}

/** Why a version did not open, fit to be shown and kept. Unforeseen errors give away no more than that. */
export function failureOf(error: unknown): { code: ProblemCode; reason: string } {
  if (!(error instanceof DomainError)) return { code: 'engine_failed', reason: 'the version could not be opened' }
  const where = (error.details ?? []).map(({ path, message }) => `${path}: ${message}`).slice(0, 5)
  return { code: error.code, reason: [error.message, ...where].join('; ').slice(0, 1_000) }
}

/** Problems of the moment say nothing about the version. */
export function isTransient(code: ProblemCode): boolean {
  return [
    'busy',
    'deadline_exceeded',
    'database_unavailable',
    'storage_full',
    'version_unknown',
    'version_conflict',
    'memory_short',
  ].includes(code)
}
