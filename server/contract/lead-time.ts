/** How long a routing takes from release to receipt. */
import { type Static, Type } from '@sinclair/typebox'

/** How long one lot takes, by the middle estimates. */
export const LeadTime = Type.Object({
  lot: Type.Integer(),
  /** In-house: set-up + run × lot (batch steps: once a lot) + queue + wait + move, minutes. */
  minutes: Type.Number(),
  /** Outsourced: the partners' lead times, days. */
  outsourcedDays: Type.Number(),
  /** Steps without any time, in-house or outsourced: the sums leave them out. */
  stepsWithoutTime: Type.Integer(),
})
export type LeadTime = Static<typeof LeadTime>
