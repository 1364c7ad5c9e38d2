/** Orders for the trainer and its schedule. Written down here, run by `routewright trainer`. */
import { Type } from '@sinclair/typebox'
import { Elysia, t } from 'elysia'
import { limits } from '../contract/limits'
import {
  JobLog,
  JobRequest,
  ScheduleRequest,
  TrainingJob,
  TrainingJobList,
  TrainingSchedule,
  TrainingScheduleList,
} from '../contract/training-job'
import { word } from '../contract/word'
import type { Access } from '../http/access'
import { actorOf } from '../http/actor'
import { jsonBody } from '../http/json-body'
import { problemResponses } from '../http/problems'

export interface TrainingServices {
  training: {
    listJobs: (limit: number) => TrainingJobList
    /** Throws `job_unknown`. */
    getJob: (id: number) => TrainingJob
    /** Throws `version_unknown`, `job_conflict`. */
    order: (request: JobRequest, who: string) => Promise<TrainingJob>
    /** Throws `job_unknown`, `job_conflict`. */
    cancel: (id: number, who: string) => Promise<TrainingJob>
    retry: (id: number, who: string) => Promise<TrainingJob>
    readLog: (id: number) => Promise<JobLog>
    listSchedules: () => TrainingScheduleList
    /** Throws `invalid_value`, `version_unknown`, `job_conflict`. */
    putSchedule: (name: string, request: ScheduleRequest, who: string) => Promise<TrainingSchedule>
    /** Throws `schedule_unknown`. */
    deleteSchedule: (name: string, who: string) => Promise<void>
  }
}

const tags = ['training']
const writes = problemResponses(400, 401, 403, 404, 409, 413, 415, 422, 503, 507)
const reads = problemResponses(400, 401, 403, 404, 422, 503)
const parse = jsonBody(limits.predictBodyBytesMax)
const jobParams = t.Object({ id: t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })
const nameParams = t.Object({
  name: t.String({ minLength: 1, maxLength: limits.nameCharactersMax, pattern: `^[${word}][${word} ._-]*$` }),
})
/** Elysia's types read a union of mapped literals as never; the schemas themselves are as they are. */
const Job = Type.Unsafe<TrainingJob>(TrainingJob)

export const trainingRoutes = (access: Access, { training }: TrainingServices) =>
  new Elysia({ prefix: '/api/v1/training' })
    .use(access)
    .get('/jobs', ({ query }) => training.listJobs(query.limit), {
      role: 'admin',
      query: t.Object({ limit: t.Integer({ minimum: 1, maximum: 200, default: 50 }) }),
      response: { 200: TrainingJobList, ...reads },
      detail: { tags, summary: 'Orders, the newest first, and whether a trainer lives' },
    })
    .post(
      '/jobs',
      async (context) => {
        context.set.status = 202
        return training.order(context.body, actorOf(context).name)
      },
      {
        role: 'admin',
        parse,
        body: JobRequest,
        response: { 202: Job, ...writes },
        detail: { tags, summary: 'Order a training or another index', description: 'It waits for `routewright trainer`.' },
      },
    )
    .get('/jobs/:id', ({ params }) => training.getJob(params.id), {
      role: 'admin',
      params: jobParams,
      response: { 200: Job, ...reads },
      detail: { tags, summary: 'One order' },
    })
    .get('/jobs/:id/log', ({ params }) => training.readLog(params.id), {
      role: 'admin',
      params: jobParams,
      response: { 200: JobLog, ...reads },
      detail: { tags, summary: 'The last lines of what it wrote' },
    })
    .post('/jobs/:id/cancel', (context) => training.cancel(context.params.id, actorOf(context).name), {
      role: 'admin',
      params: jobParams,
      response: { 200: Job, ...writes },
      detail: { tags, summary: 'Cancel an order', description: 'One that runs ends as soon as the trainer sees it; no version is left.' },
    })
    .post(
      '/jobs/:id/retry',
      async (context) => {
        context.set.status = 202
        return training.retry(context.params.id, actorOf(context).name)
      },
      {
        role: 'admin',
        params: jobParams,
        response: { 202: Job, ...writes },
        detail: { tags, summary: 'Order the same again' },
      },
    )
    .get('/schedules', () => training.listSchedules(), {
      role: 'admin',
      response: { 200: TrainingScheduleList, ...reads },
      detail: { tags, summary: 'What is ordered when' },
    })
    .put('/schedules/:name', (context) => training.putSchedule(context.params.name, context.body, actorOf(context).name), {
      role: 'admin',
      params: nameParams,
      parse,
      body: ScheduleRequest,
      response: { 200: TrainingSchedule, ...writes },
      detail: {
        tags,
        summary: 'Write a schedule',
        description: 'Five fields of cron, in the time zone of the machine. What was missed comes once.',
      },
    })
    .delete(
      '/schedules/:name',
      async (context) => {
        await training.deleteSchedule(context.params.name, actorOf(context).name)
        context.set.status = 204
      },
      {
        role: 'admin',
        params: nameParams,
        response: { 204: t.Void(), ...writes },
        detail: { tags, summary: 'Delete a schedule' },
      },
    )
