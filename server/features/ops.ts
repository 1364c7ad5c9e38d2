/** Is it alive, may it get requests, and what do its parts say. */
import { Elysia } from 'elysia'
import { Health, Live, Ready } from '../contract/health'
import type { Access } from '../http/access'

export interface OpsServices {
  live: () => Live
  ready: () => Ready
  /** Asks every part; at most once a second. */
  health: () => Promise<Health>
}

const tags = ['operations']

export const opsRoutes = (access: Access, { live, ready, health }: OpsServices) =>
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
    .get('/health', () => health(), {
      role: 'public',
      response: { 200: Health, 503: Health },
      detail: { tags, summary: 'Every part was asked: index, database, disk' },
    })

/** Not ready and `fail` are 503 for the load balancer; `warn` is none of its business. */
const statusOf = (answer: unknown) => {
  const { status, ready } = answer as { status?: string; ready?: boolean }
  return status === 'fail' || ready === false ? 503 : 200
}
