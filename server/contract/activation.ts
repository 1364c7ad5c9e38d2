/** A switch of versions across all workers: its steps, and the worker's answers. */
import { type Static, Type } from '@sinclair/typebox'
import { Instant, literals, Nullable, strict } from './schema'
import { ActivationKind, ModelState } from './version'

/** probation: it serves and is watched; settled: it passed; rolled_back: it was taken back. */
export const intentStatuses = ['preparing', 'probation', 'settled', 'rolled_back', 'aborted', 'failed'] as const
export type IntentStatus = (typeof intentStatuses)[number]

/** verify: every byte hashed. prepare: every worker opened it and asked the golden queries. gate: quality and memory. commit: the
 * epoch was compared and set. swap: every worker serves it. drain: nobody uses the old one any more. probation: watched. */
export const activationSteps = ['verify', 'prepare', 'gate', 'commit', 'swap', 'drain', 'probation'] as const
/** What a step says of itself, with the numbers that belong to it; shares are 0 to 1. */
export const stepNoteCodes = [
  'files_read', // bytes
  'files_unchanged',
  'workers_ready', // ready, all
  'workers_late', // behind, all
  'not_worse',
  'not_compared',
  'no_figures',
  'forced',
  'going_back',
  'epoch', // epoch
  'drained',
  'draining', // batches
  'watched', // requests, failed
  'requests_failed', // requests, failed
  'answers_empty', // share, requests, before
  'answers_slow', // share, requests, before
] as const
export type StepNoteCode = (typeof stepNoteCodes)[number]

export const ActivationStep = Type.Object({
  step: literals(activationSteps),
  status: literals(['waiting', 'running', 'done', 'failed', 'skipped'] as const),
  /** Of this step so far; null while it waits. */
  ms: Nullable(Type.Number()),
  /** `2 of 2 workers`, why it failed; plain words for a person, in English. */
  note: Type.String(),
  /** The same for screens in other languages; absent where there is nothing but the words. */
  told: Type.Optional(Type.Object({ code: literals(stepNoteCodes), values: Type.Record(Type.String(), Type.Number()) })),
})
export type ActivationStep = Static<typeof ActivationStep>

export const ActivationIntent = Type.Object(
  {
    id: Type.Integer(),
    version: Type.String(),
    kind: ActivationKind,
    status: literals(intentStatuses),
    ifEpoch: Type.Integer(),
    who: Type.String(),
    why: Type.String(),
    startedAt: Instant,
    endedAt: Nullable(Instant),
    failure: Nullable(Type.Object({ code: Type.String(), reason: Type.String() })),
    steps: Type.Array(ActivationStep),
  },
  { $id: 'ActivationIntent' },
)
export type ActivationIntent = Static<typeof ActivationIntent>
export const ActivationIntentList = Type.Object(
  { intents: Type.Array(ActivationIntent, { maxItems: 50 }) },
  { $id: 'ActivationIntentList' },
)
export type ActivationIntentList = Static<typeof ActivationIntentList>

export const ActivateRequest = Type.Object(
  {
    why: Type.String({ maxLength: 500, default: '' }),
    /** The epoch that the asker saw; 409 `version_conflict` when it moved. */
    ifEpoch: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Lets a clearly worse version through; `why` must then say why. */
    force: Type.Optional(Type.Boolean()),
  },
  { ...strict, $id: 'ActivateRequest' },
)
export type ActivateRequest = Static<typeof ActivateRequest>
/** The answer to a switch: every live worker serves the new version. */
export const Activated = Type.Object(
  { state: ModelState, intent: ActivationIntent, warning: Nullable(Type.String()) },
  { $id: 'Activated' },
)
export type Activated = Static<typeof Activated>

export const NotesRequest = Type.Object({ notes: Type.String({ maxLength: 4_000 }) }, { ...strict, $id: 'NotesRequest' })

/** A serving process as the others see it. */
export const WorkerState = Type.Object(
  {
    worker: Type.Integer(),
    pid: Type.Integer(),
    startedAt: Instant,
    seenAt: Instant,
    alive: Type.Boolean(),
    version: Nullable(Type.String()),
    epoch: Type.Integer(),
    configRevision: Type.Integer(),
    mapped: Type.Array(Type.String()),
    /** Answers under way from a version that it serves no more. */
    draining: Type.Integer(),
    stopping: Type.Boolean(),
  },
  { $id: 'WorkerState' },
)
export type WorkerState = Static<typeof WorkerState>
export const WorkerList = Type.Object({ workers: Type.Array(WorkerState, { maxItems: 256 }) }, { $id: 'WorkerList' })
export type WorkerList = Static<typeof WorkerList>

/** Files that could not be removed at once are removed later. */
export const Deleted = Type.Object({ version: Type.String(), filesRemoved: Type.Boolean() }, { $id: 'Deleted' })
export type Deleted = Static<typeof Deleted>
