/** Time summaries of the active version by operation and resource. Their p10 … p90 are quantiles of the samples. */
import { type Static, Type } from '@sinclair/typebox'
import { Nullable } from './schema'
import { TimeEstimate } from './time-estimate'
import { RequestedTimes } from './time-strategy'

export const TimeSummaryRequest = Type.Object(
  {
    operation: Type.String({ minLength: 1, maxLength: 256 }),
    resource: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    timeStrategy: Type.Optional(RequestedTimes),
  },
  { additionalProperties: false, $id: 'TimeSummaryRequest' },
)
export type TimeSummaryRequest = Static<typeof TimeSummaryRequest>

export const TimeSummary = Type.Object(
  {
    operation: Type.String(),
    operationName: Nullable(Type.String()),
    resource: Nullable(Type.String()),
    setupMinutes: Nullable(TimeEstimate),
    runMinutes: Nullable(TimeEstimate),
    queueMinutes: Nullable(TimeEstimate),
    waitMinutes: Nullable(TimeEstimate),
    moveMinutes: Nullable(TimeEstimate),
    /** Resources that ran the operation, most frequent first. */
    resources: Type.Array(Type.Object({ resource: Type.String(), resourceName: Nullable(Type.String()), steps: Type.Integer() }), {
      maxItems: 50,
    }),
    version: Type.String(),
    configRev: Type.Integer(),
  },
  { $id: 'TimeSummary' },
)
export type TimeSummary = Static<typeof TimeSummary>
