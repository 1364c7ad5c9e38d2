/** Versions of the model as the registry knows them. */
import { type Static, Type } from '@sinclair/typebox'
import { ManifestBody } from './manifest'
import { Instant, literals, Nullable } from './schema'

/** registered: published, never served. active: serving. retired: served before. failed: did not pass its checks. */
export const versionStatuses = ['registered', 'active', 'retired', 'failed'] as const
export const VersionStatus = literals(versionStatuses)
export type VersionStatus = Static<typeof VersionStatus>

export const activationKinds = ['activate', 'rollback', 'auto_rollback', 'boot_fallback'] as const
export const ActivationKind = literals(activationKinds)
export type ActivationKind = Static<typeof ActivationKind>

/** Evaluation figures: metric → value. */
export const Quality = Type.Record(Type.String(), Type.Number())
export type Quality = Static<typeof Quality>

export const ModelVersion = Type.Object(
  {
    version: Type.String(),
    status: VersionStatus,
    notes: Type.String(),
    counts: ManifestBody.properties.counts,
    /** Preset of ef_search → recall@k against exact search. */
    recall: ManifestBody.properties.recall,
    quality: Nullable(Quality),
    /** Of all files without the manifest. */
    bytes: Type.Integer(),
    manifestSha256: Type.String(),
    createdAt: Instant,
    registeredAt: Instant,
    /** When it last became active. */
    activatedAt: Nullable(Instant),
    /** Why it was refused; only with status failed. */
    failure: Nullable(Type.Object({ code: Type.String(), reason: Type.String() })),
  },
  { $id: 'ModelVersion' },
)
export type ModelVersion = Static<typeof ModelVersion>

/** Which version serves. The epoch grows by one with every change and stands in every answer. */
export const ModelState = Type.Object(
  { active: Nullable(Type.String()), previous: Nullable(Type.String()), epoch: Type.Integer(), changedAt: Nullable(Instant) },
  { $id: 'ModelState' },
)
export type ModelState = Static<typeof ModelState>

/** One line of the ledger. */
export const Activation = Type.Object(
  {
    epoch: Type.Integer(),
    kind: ActivationKind,
    from: Nullable(Type.String()),
    to: Type.String(),
    who: Type.String(),
    why: Type.String(),
    at: Instant,
  },
  { $id: 'Activation' },
)
export type Activation = Static<typeof Activation>

export const ModelList = Type.Object(
  { state: ModelState, versions: Type.Array(ModelVersion), ledger: Type.Array(Activation, { description: 'Newest first, at most 100' }) },
  { $id: 'ModelList' },
)
export type ModelList = Static<typeof ModelList>

/** What `models check` found about one version. `skipped`: a folder whose name is no version's. */
export const checkStatuses = ['ok', 'corrupt', 'missing', 'manifest written', 'unregistered', 'skipped'] as const
export const ModelCheck = Type.Object(
  {
    version: Type.String(),
    status: literals(checkStatuses),
    files: Type.Integer(),
    bytes: Type.Integer(),
    reason: Nullable(Type.String()),
  },
  { $id: 'ModelCheck' },
)
export type ModelCheck = Static<typeof ModelCheck>
