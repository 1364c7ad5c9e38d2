/** When a schedule's pattern is due. */
import { Cron } from 'croner'
import { DomainError } from '../../domain/error'

/** Throws `invalid_value` for a pattern that is none, or that never comes. */
export function checkPattern(cron: string): void {
  let next: Date | null
  try {
    // five fields: seconds would let a schedule fill the queue by itself
    next = new Cron(cron, { mode: '5-part' }).nextRun()
  } catch (cause) {
    throw wrongPattern('a pattern has five fields: minute, hour, day, month, weekday', cause)
  }
  if (next === null) throw wrongPattern('this time never comes')
}

/** The next time after `after`; null when none comes. The pattern was checked. */
export const nextTime = (cron: string, after: Date): Date | null => new Cron(cron, { mode: '5-part' }).nextRun(after)

/** The last time that came between the two, the later included; null when none did. What was missed comes once, not many times. */
export function lastDue(cron: string, after: Date, now: Date): Date | null {
  const [last] = new Cron(cron, { mode: '5-part' }).previousRuns(1, new Date(now.getTime() + 1))
  return last !== undefined && last.getTime() > after.getTime() && last.getTime() <= now.getTime() ? last : null
}

const wrongPattern = (message: string, cause?: unknown) =>
  new DomainError('invalid_value', 'the schedule is not as the contract says', { details: [{ path: '/cron', message }], cause })
