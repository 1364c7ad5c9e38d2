/** The operations dashboard: series from minute roll-ups. Where nothing was measured the value is null, never zero. */
import { type Static, Type } from '@sinclair/typebox'
import { Instant, literals, Nullable } from './schema'
import { ActivationKind } from './version'

const Ms = Nullable(Type.Number({ description: 'ms; null: no data' }))
const Share = Nullable(Type.Number({ minimum: 0, maximum: 1, description: 'null: no data' }))

/** Routes that count as predicting: what the objectives are about, and what the dashboard shows when no route is chosen. */
export const predictingRoutes = [
  '/api/v1/predict',
  '/api/v1/predict/batch',
  '/api/v1/predict/counterfactual',
  '/api/v1/similar',
  '/api/v1/search',
  '/api/v1/groups/recommendations',
  '/api/v1/time/summary',
] as const
/** The name of them all together, in `route`. */
export const allPredicting = 'predicting'

/** Of one bucket of time, or of the whole range. */
export const RequestFigures = Type.Object({
  /** 0 only while the server ran and nobody asked; null while nothing was recorded. */
  requests: Nullable(Type.Integer()),
  p50Ms: Ms,
  p95Ms: Ms,
  p99Ms: Ms,
  /** Answers with 5xx among all. 4xx do not count. */
  errorShare: Share,
  /** Refused under overload. */
  shedShare: Share,
  /** Answers from the cache among those that may come from it. */
  hitShare: Share,
})
export type RequestFigures = Static<typeof RequestFigures>

export const Annotation = Type.Object({
  at: Instant,
  kind: literals(['version', 'config'] as const),
  /** The version, or the revision. */
  label: Type.String(),
  activation: Nullable(ActivationKind),
  who: Type.String(),
  why: Type.String(),
})
export type Annotation = Static<typeof Annotation>

export const Dashboard = Type.Object(
  {
    from: Instant,
    to: Instant,
    bucketMinutes: Type.Integer(),
    /** Which routes count: all of predicting, or one. */
    route: Type.String(),
    total: RequestFigures,
    series: Type.Array(Type.Intersect([Type.Object({ at: Instant }), RequestFigures]), { maxItems: 1_500 }),
    /** By route, the most asked first. */
    routes: Type.Array(Type.Intersect([Type.Object({ route: Type.String() }), RequestFigures]), { maxItems: 100 }),
    annotations: Type.Array(Annotation, { maxItems: 200 }),
    now: Type.Object({ version: Nullable(Type.String()), epoch: Type.Integer(), configRevision: Type.Integer(), workers: Type.Integer() }),
  },
  { $id: 'Dashboard' },
)
export type Dashboard = Static<typeof Dashboard>

export const SlowRequest = Type.Object(
  {
    at: Instant,
    requestId: Type.String(),
    route: Type.String(),
    status: Type.Integer(),
    latencyMs: Type.Number(),
    thresholdMs: Type.Number(),
    version: Nullable(Type.String()),
    epoch: Nullable(Type.Integer()),
    configRevision: Nullable(Type.Integer()),
    /** Stage → ms: queue, parse, validate, encode, search, compose, times, serialize. */
    stages: Type.Record(Type.String(), Type.Number()),
    /** ef_search, k, loop lag, requests under way; never what was asked. */
    details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  },
  { $id: 'SlowRequest' },
)
export type SlowRequest = Static<typeof SlowRequest>
export const SlowRequestList = Type.Object({ requests: Type.Array(SlowRequest, { maxItems: 200 }) }, { $id: 'SlowRequestList' })
export type SlowRequestList = Static<typeof SlowRequestList>

/** Burn rates of the objectives, over several windows: 1 uses up the budget exactly in time. */
export const Slo = Type.Object(
  {
    objectives: Type.Array(
      Type.Object({
        name: literals(['availability', 'latency_2s', 'latency_1s', 'latency_200ms_hits'] as const),
        target: Type.Number(),
        /** Share of good answers of the last 3 days; null below 100 answers. */
        good: Share,
        windows: Type.Array(Type.Object({ minutes: Type.Integer(), burnRate: Nullable(Type.Number()), events: Type.Integer() })),
        alert: literals(['none', 'ticket', 'page', 'no_data'] as const),
      }),
    ),
  },
  { $id: 'Slo' },
)
export type Slo = Static<typeof Slo>
