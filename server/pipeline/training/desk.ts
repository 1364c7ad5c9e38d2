/** Where orders for the trainer are written down and asked about. */
import {
  type JobLog,
  type JobRequest,
  type ScheduleRequest,
  type TrainingJob,
  type TrainingJobList,
  type TrainingSchedule,
  type TrainingScheduleList,
  trainerDeadMs,
} from '../../contract/training-job'
import { getVersion } from '../../store/model-version'
import type { Db } from '../../store/open'
import { readTrainer } from '../../store/trainer-state'
import { cancelJob, enqueueJob, getJob, listJobs, retryJob } from '../../store/training-job'
import { deleteSchedule, listSchedules, putSchedule, type StoredSchedule } from '../../store/training-schedule'
import { readJobLog } from './job-log'
import { checkPattern, nextTime } from './schedule'

export function createTrainingDesk({ db, logsDirectory, now = () => new Date() }: { db: Db; logsDirectory: string; now?: () => Date }) {
  const shown = ({ name, cron, request, enabled, lastEnqueuedAt }: StoredSchedule): TrainingSchedule => ({
    name,
    cron,
    request,
    enabled,
    nextAt: enabled ? (nextTime(cron, now())?.toISOString() ?? null) : null,
    lastEnqueuedAt: lastEnqueuedAt === null ? null : new Date(lastEnqueuedAt).toISOString(),
  })
  const check = (request: JobRequest) => {
    if (request.kind === 'rebuild_index') getVersion(db, request.version)
  }
  return {
    listJobs: (limit: number): TrainingJobList => {
      const trainer = readTrainer(db)
      const alive = trainer !== null && now().getTime() - trainer.seenAt < trainerDeadMs
      return { jobs: listJobs(db, { limit }), trainer: { alive, seenAt: trainer && new Date(trainer.seenAt).toISOString() } }
    },
    getJob: (id: number): TrainingJob => getJob(db, id),
    /** Throws `version_unknown` (rebuild of none), `job_conflict`. */
    order: async (request: JobRequest, who: string): Promise<TrainingJob> => {
      check(request)
      return enqueueJob(db, { request, who, now: now() })
    },
    cancel: (id: number, who: string): Promise<TrainingJob> => cancelJob(db, { id, who, now: now() }),
    retry: (id: number, who: string): Promise<TrainingJob> => retryJob(db, { id, who, now: now() }),
    readLog: async (id: number): Promise<JobLog> => readJobLog(logsDirectory, getJob(db, id).id),
    listSchedules: (): TrainingScheduleList => ({ schedules: listSchedules(db).map(shown) }),
    /** Throws `invalid_value` for a pattern that is none, `version_unknown`, `job_conflict`. */
    putSchedule: async (name: string, { cron, request, enabled }: ScheduleRequest, who: string): Promise<TrainingSchedule> => {
      checkPattern(cron)
      check(request)
      return shown(await putSchedule(db, { name, cron, request, enabled, who, now: now() }))
    },
    deleteSchedule: (name: string, who: string): Promise<void> => deleteSchedule(db, { name, who, now: now() }),
  }
}
export type TrainingDesk = ReturnType<typeof createTrainingDesk>
