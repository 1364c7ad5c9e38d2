/** The calls of the operators' screens: versions, configuration, dashboard, training, audit. Types come from the contract. */
import type { Activated, ActivateRequest, ActivationIntentList, WorkerList } from '../../server/contract/activation'
import type { AuditChain, AuditList } from '../../server/contract/audit'
import type { Dashboard, Slo, SlowRequestList } from '../../server/contract/dashboard'
import type { Health } from '../../server/contract/health'
import type { QualityComparison } from '../../server/contract/quality'
import type { ConfigDiff, ConfigHistory, ConfigPresets, CurrentConfig } from '../../server/contract/runtime-config'
import type {
  JobLog,
  JobRequest,
  ScheduleRequest,
  TrainingJob,
  TrainingJobList,
  TrainingSchedule,
  TrainingScheduleList,
} from '../../server/contract/training-job'
import type { ModelList, ModelState, ModelVersion } from '../../server/contract/version'
import { call } from './call'

/** A switch answers only when every worker serves the new version; large ones are hashed in full first. */
const SWITCH_MS = 180_000
const SLOW_MAX = 200

export interface DashboardQuery {
  /** ISO 8601. */
  from: string
  to: string
  /** A route's template; all of predicting when absent. */
  route?: string
}

const query = (values: Record<string, string | number | null | undefined>) => {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '')
  return given.length ? `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}` : ''
}
const at = encodeURIComponent

export const opsApi = {
  /** Also renews a session that ran out, without asking the person. */
  active: () => call<ModelState>('/api/v1/models/active', { session: 'refresh' }),
  models: (signal?: AbortSignal) => call<ModelList>('/api/v1/models', { signal }),
  /** Is `a` worse than `b`? */
  compare: (a: string, b: string, signal?: AbortSignal) => call<QualityComparison>(`/api/v1/models/compare${query({ a, b })}`, { signal }),
  activate: (version: string, body: ActivateRequest) =>
    call<Activated>(`/api/v1/models/${at(version)}/activate`, { body, silenceMs: SWITCH_MS }),
  rollback: (body: { why: string; ifEpoch?: number }) => call<Activated>('/api/v1/models/rollback', { body, silenceMs: SWITCH_MS }),
  setNotes: (version: string, notes: string) => call<ModelVersion>(`/api/v1/models/${at(version)}`, { method: 'PATCH', body: { notes } }),
  removeVersion: (version: string) => call<unknown>(`/api/v1/models/${at(version)}`, { method: 'DELETE' }),
  switches: (signal?: AbortSignal) => call<ActivationIntentList>('/api/v1/models/switches', { signal }),
  workers: (signal?: AbortSignal) => call<WorkerList>('/api/v1/workers', { signal }),

  config: (signal?: AbortSignal) => call<CurrentConfig>('/api/v1/config', { signal }),
  presets: (signal?: AbortSignal) => call<ConfigPresets>('/api/v1/config/presets', { signal }),
  history: (signal?: AbortSignal) => call<ConfigHistory>('/api/v1/config/history', { signal }),
  diff: (from: number, to: number, signal?: AbortSignal) => call<ConfigDiff>(`/api/v1/config/diff${query({ from, to })}`, { signal }),
  /** @param revision that the person saw; 412 `stale_revision` when another one is valid by now */
  patchConfig: (patch: object, { revision, note }: { revision: number; note: string }) =>
    call<CurrentConfig>(`/api/v1/config${query({ note })}`, { method: 'PATCH', body: patch, ifMatch: revision }),
  revertConfig: (revision: number, { seen, note }: { seen: number; note: string }) =>
    call<CurrentConfig>('/api/v1/config/revert', { body: { revision, note }, ifMatch: seen }),

  dashboard: (asked: DashboardQuery, signal?: AbortSignal) => call<Dashboard>(`/api/v1/ops/dashboard${query({ ...asked })}`, { signal }),
  slow: (signal?: AbortSignal) => call<SlowRequestList>(`/api/v1/ops/slow${query({ limit: SLOW_MAX })}`, { signal }),
  slo: (signal?: AbortSignal) => call<Slo>('/api/v1/ops/slo', { signal }),
  /** A failing health is 503 with the same body. */
  health: (signal?: AbortSignal) => call<Health>('/health', { signal, alsoStatus: 503 }),

  jobs: (signal?: AbortSignal) => call<TrainingJobList>('/api/v1/training/jobs', { signal }),
  enqueue: (body: JobRequest) => call<TrainingJob>('/api/v1/training/jobs', { body }),
  cancelJob: (id: number) => call<TrainingJob>(`/api/v1/training/jobs/${id}/cancel`, { body: {} }),
  retryJob: (id: number) => call<TrainingJob>(`/api/v1/training/jobs/${id}/retry`, { body: {} }),
  jobLog: (id: number, signal?: AbortSignal) => call<JobLog>(`/api/v1/training/jobs/${id}/log`, { signal }),
  schedules: (signal?: AbortSignal) => call<TrainingScheduleList>('/api/v1/training/schedules', { signal }),
  putSchedule: (name: string, body: ScheduleRequest) =>
    call<TrainingSchedule>(`/api/v1/training/schedules/${at(name)}`, { method: 'PUT', body }),
  removeSchedule: (name: string) => call<unknown>(`/api/v1/training/schedules/${at(name)}`, { method: 'DELETE' }),

  audit: (asked: { before?: number | null; action?: string; actor?: string; limit?: number }, signal?: AbortSignal) =>
    call<AuditList>(`/api/v1/audit${query(asked)}`, { signal }),
  auditChain: (signal?: AbortSignal) => call<AuditChain>('/api/v1/audit/chain', { signal }),
}
