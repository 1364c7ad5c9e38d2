/** Orders for the trainer (`routewright trainer`): a queue and a schedule. The gateway only writes them down. */
import { type Static, Type } from '@sinclair/typebox'
import { Instant, literals, Nullable, strict } from './schema'
import { trainStages } from './training'

/** A trainer that was not seen for so long is gone, ms. */
export const trainerDeadMs = 10_000
export const jobKinds = ['train', 'rebuild_index'] as const
export type JobKind = (typeof jobKinds)[number]
export const jobStatuses = ['queued', 'running', 'done', 'failed', 'cancelled'] as const
export type JobStatus = (typeof jobStatuses)[number]

/** Paths are looked for below the folders that the trainer was started with, nowhere else. */
export const JobRequest = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('train'),
        source: Type.String({ minLength: 1, maxLength: 500 }),
        mapping: Type.String({ minLength: 1, maxLength: 500 }),
        notes: Type.Optional(Type.String({ maxLength: 2_000 })),
      },
      strict,
    ),
    Type.Object(
      {
        kind: Type.Literal('rebuild_index'),
        version: Type.String(),
        m: Type.Integer({ minimum: 4, maximum: 64 }),
        efConstruction: Type.Integer({ minimum: 16, maximum: 1024 }),
      },
      strict,
    ),
  ],
  { $id: 'JobRequest' },
)
export type JobRequest = Static<typeof JobRequest>

export const JobProgress = Type.Object({
  stage: literals([...trainStages, 'measure'] as const),
  done: Type.Integer(),
  total: Type.Integer(),
})
export type JobProgress = Static<typeof JobProgress>

export const TrainingJob = Type.Object(
  {
    id: Type.Integer(),
    status: literals(jobStatuses),
    request: JobRequest,
    requestedBy: Type.String(),
    schedule: Nullable(Type.String()),
    attempt: Type.Integer(),
    createdAt: Instant,
    startedAt: Nullable(Instant),
    endedAt: Nullable(Instant),
    cancelRequested: Type.Boolean(),
    progress: Nullable(JobProgress),
    version: Nullable(Type.String()),
    failure: Nullable(Type.Object({ code: Type.String(), reason: Type.String() })),
  },
  { $id: 'TrainingJob' },
)
export type TrainingJob = Static<typeof TrainingJob>
export const TrainingJobList = Type.Object(
  {
    jobs: Type.Array(TrainingJob, { maxItems: 200, description: 'The newest first' }),
    /** Whether a trainer lives that takes them. */
    trainer: Type.Object({ alive: Type.Boolean(), seenAt: Nullable(Instant) }),
  },
  { $id: 'TrainingJobList' },
)
export type TrainingJobList = Static<typeof TrainingJobList>
export const JobLog = Type.Object({ lines: Type.Array(Type.String(), { maxItems: 1_000 }), truncated: Type.Boolean() }, { $id: 'JobLog' })
export type JobLog = Static<typeof JobLog>

export const TrainingSchedule = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    /** Five fields, in the machine's time zone. */
    cron: Type.String({ minLength: 1, maxLength: 100 }),
    request: JobRequest,
    enabled: Type.Boolean(),
    nextAt: Nullable(Instant),
    lastEnqueuedAt: Nullable(Instant),
  },
  { $id: 'TrainingSchedule' },
)
export type TrainingSchedule = Static<typeof TrainingSchedule>
export const TrainingScheduleList = Type.Object(
  { schedules: Type.Array(TrainingSchedule, { maxItems: 100 }) },
  { $id: 'TrainingScheduleList' },
)
export type TrainingScheduleList = Static<typeof TrainingScheduleList>
export const ScheduleRequest = Type.Object(
  { cron: Type.String({ minLength: 1, maxLength: 100 }), request: JobRequest, enabled: Type.Boolean() },
  { ...strict, $id: 'ScheduleRequest' },
)
export type ScheduleRequest = Static<typeof ScheduleRequest>
