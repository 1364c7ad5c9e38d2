/** How long one lot takes through a routing, by the middle estimates of its steps. */
import type { LeadTime } from '../contract/lead-time'

type Middle = { p50: number } | null

/** What a lead time reads of a step. Minutes per lot, run per piece; days for partners. */
export interface LeadTimeStep {
  /** false: outsourced; unknown counts as in-house. */
  inside: boolean | null
  /** true: its run is for the whole lot. */
  batch: boolean | null
  leadTimeDays: number | null
  setupMinutes: Middle
  runMinutes: Middle
  queueMinutes: Middle
  waitMinutes: Middle
  moveMinutes: Middle
}

/**
 * In-house: set-up + run × lot (batch steps: run once) + queue + wait + move. Outsourced: the partner's days and nothing else.
 * @param lot pieces, at least 1
 * @returns null when no step has any time
 */
export function leadTimeOf(steps: readonly LeadTimeStep[], lot: number): LeadTime | null {
  let minutes = 0
  let outsourcedDays = 0
  let stepsWithoutTime = 0
  for (const step of steps) {
    const { setupMinutes, runMinutes, queueMinutes, waitMinutes, moveMinutes } = step
    if (step.inside === false) {
      if (step.leadTimeDays === null) stepsWithoutTime++
      else outsourcedDays += step.leadTimeDays
    } else if ([setupMinutes, runMinutes, queueMinutes, waitMinutes, moveMinutes].every((time) => time === null)) stepsWithoutTime++
    else {
      const pieces = step.batch === true ? 1 : lot
      minutes += middle(setupMinutes) + middle(runMinutes) * pieces + middle(queueMinutes) + middle(waitMinutes) + middle(moveMinutes)
    }
  }
  return stepsWithoutTime === steps.length
    ? null
    : { lot, minutes: round(minutes), outsourcedDays: round(outsourcedDays), stepsWithoutTime }
}

const middle = (time: Middle): number => time?.p50 ?? 0
const round = (value: number): number => Math.round(value * 10_000) / 10_000
