/** Is it alive, may it get requests, and what do its parts say. */
import { Elysia } from 'elysia'
import { type Health, HealthAnswer, Live, Ready } from '../contract/health'
import type { Access } from '../http/access'
import type { MayReadDetails } from '../http/details-access'

export interface OpsServices {
  live: () => Live
  ready: () => Ready
  /** Asks every part; at most once a second. */
  health: () => Promise<Health>
}

const tags = ['operations']

export const opsRoutes = (access: Access, mayReadDetails: MayReadDetails, { live, ready, health }: OpsServices) =>
  new Elysia()
    .use(access)
    .onAfterHandle({ as: 'local' }, ({ responseValue, set }) => {
      set.headers['cache-control'] = 'no-store'
      set.headers['content-type'] = 'application/health+json; charset=utf-8'
      set.status = statusOf(responseValue)
    })
    .get('/livez', () => live(), {
      role: 'public',
      response: { 200: Live, 503: Live },
      detail: { tags, summary: 'Alive: the event loop turns' },
    })
    .get('/readyz', () => ready(), {
      role: 'public',
      response: { 200: Ready, 503: Ready },
      detail: { tags, summary: 'Ready: a model is loaded and the process is not stopping' },
    })
    .get('/health', async ({ request }) => told(await health(), await mayReadDetails(request)), {
      role: 'public',
      response: { 200: HealthAnswer, 503: HealthAnswer },
      detail: {
        tags,
        summary: 'Every part was asked: index, database, disk, logs, workers',
        description: 'The parts are told to admins, to keys that may read, and on the machine itself; others learn the status.',
      },
    })

/** Not ready and `fail` are 503 for the load balancer; `warn` is none of its business. */
const statusOf = (answer: unknown) => {
  const { status, ready } = answer as { status?: string; ready?: boolean }
  return status === 'fail' || ready === false ? 503 : 200
}

const told = (health: Health, details: boolean): HealthAnswer => (details ? health : { status: health.status })
