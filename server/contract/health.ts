/** Health of one process, after the draft `application/health+json`: what was really asked, when, and what it said. */
import { type Static, Type } from '@sinclair/typebox'

export const HealthStatus = Type.Union([Type.Literal('pass'), Type.Literal('warn'), Type.Literal('fail')])
export type HealthStatus = Static<typeof HealthStatus>

export const HealthCheck = Type.Object({
  status: HealthStatus,
  /** Which one, where there are several. */
  componentId: Type.Optional(Type.String()),
  /** RFC 3339, when it was asked. */
  time: Type.String(),
  observedValue: Type.Optional(Type.Union([Type.Number(), Type.String()])),
  observedUnit: Type.Optional(Type.String()),
  /** Why it is not `pass`. */
  output: Type.Optional(Type.String()),
  affectedEndpoints: Type.Optional(Type.Array(Type.String())),
})
export type HealthCheck = Static<typeof HealthCheck>

export const Health = Type.Object(
  {
    /** `fail` when predictions cannot be answered; a dependency that they do not need makes `warn` only. */
    status: HealthStatus,
    version: Type.String({ description: 'Of the program' }),
    releaseId: Type.Union([Type.String(), Type.Null()], { description: 'Version of the model that serves' }),
    /** `component:measurement` → checks. */
    checks: Type.Record(Type.String(), Type.Array(HealthCheck)),
  },
  { $id: 'Health' },
)
export type Health = Static<typeof Health>

/** What those learn who may not read the details. */
const HealthSummary = Type.Object({ status: HealthStatus }, { additionalProperties: false, $id: 'HealthSummary' })
export const HealthAnswer = Type.Union([Health, HealthSummary])
export type HealthAnswer = Static<typeof HealthAnswer>

export const Live = Type.Object({ status: HealthStatus, uptimeSeconds: Type.Number() }, { $id: 'Live' })
export type Live = Static<typeof Live>

export const Ready = Type.Object(
  {
    ready: Type.Boolean(),
    /** Why not; null when ready. */
    reason: Type.Union([Type.String(), Type.Null()]),
    version: Type.Union([Type.String(), Type.Null()]),
    epoch: Type.Union([Type.Integer(), Type.Null()]),
  },
  { $id: 'Ready' },
)
export type Ready = Static<typeof Ready>
