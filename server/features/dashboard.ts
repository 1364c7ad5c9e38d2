/** Figures of the service for its admins: series, slow requests, objectives; and the metrics for Prometheus. */
import { Elysia, t } from 'elysia'
import { Dashboard, Slo, SlowRequestList } from '../contract/dashboard'
import type { Access } from '../http/access'
import { problemResponses } from '../http/problems'

export interface DashboardServices {
  /** Throws `invalid_value` when the range cannot be shown. */
  dashboard: (query: { from?: Date; to?: Date; route?: string }) => Promise<Dashboard>
  slow: (query: { limit?: number }) => SlowRequestList
  slo: () => Promise<Slo>
  /** In Prometheus' text format. */
  metrics: () => Promise<string>
}

const tags = ['operations']
const Instant = t.Optional(t.String({ format: 'date-time', description: 'RFC 3339' }))
const date = (text: string | undefined) => (text === undefined ? undefined : new Date(text))

export const dashboardRoutes = (access: Access, { dashboard, slow, slo, metrics }: DashboardServices) =>
  new Elysia()
    .use(access)
    .get('/api/v1/ops/dashboard', ({ query }) => dashboard({ from: date(query.from), to: date(query.to), route: query.route }), {
      role: 'admin',
      query: t.Object({ from: Instant, to: Instant, route: t.Optional(t.String({ minLength: 1, maxLength: 256 })) }),
      response: { 200: Dashboard, ...problemResponses(400, 401, 403, 422, 503) },
      detail: {
        tags,
        summary: 'Requests, latencies, errors and hits over time',
        description: 'The last 24 hours when no range is given. Where nothing was recorded the value is null, never zero.',
      },
    })
    .get('/api/v1/ops/slow', ({ query }) => slow(query), {
      role: 'admin',
      query: t.Object({ limit: t.Optional(t.Integer({ minimum: 1, maximum: 200 })) }),
      response: { 200: SlowRequestList, ...problemResponses(400, 401, 403, 422, 503) },
      detail: { tags, summary: 'Slow requests with their stages, the newest first' },
    })
    .get('/api/v1/ops/slo', () => slo(), {
      role: 'admin',
      response: { 200: Slo, ...problemResponses(401, 403, 503) },
      detail: { tags, summary: 'Objectives and how fast their budgets are used up' },
    })
    .get(
      '/metrics',
      async ({ set }) => {
        const text = await metrics()
        set.headers['content-type'] = 'text/plain; version=0.0.4; charset=utf-8'
        set.headers['cache-control'] = 'no-store'
        return text
      },
      {
        role: 'user:read',
        response: { 200: t.String(), ...problemResponses(401, 403) },
        detail: { tags, summary: 'Metrics of all workers in the text format of Prometheus' },
      },
    )
