/** One scale for all bars of a prediction, so that lengths compare across steps and candidates. Pure. */
import type { Candidate } from '../../server/contract/predict'
import type { TimeEstimate } from '../../server/contract/time-estimate'

export interface TimeScale {
  /** Minutes at the right edge. */
  maxMinutes: number
  /** Minutes of the ticks, 0 first. */
  tickMinutes: number[]
}
/** Percent of the scale's width. `cut` when the whisker runs out of it. */
export interface Whisker {
  from: number
  middle: number
  to: number
  cut: boolean
}

/** A whisker may be this much longer than the longest bar; what lies beyond is cut and marked, its number stays readable. */
const WHISKER_ROOM = 1.5
/** Minutes; less than this is nothing. */
const NOTHING = 1e-6

const niceStep = (rough: number): number => {
  const power = 10 ** Math.floor(Math.log10(rough))
  const lead = rough / power
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10)
}

/** Set-up and run of every in-house step; outsourced ones count in days and have no bar on this scale. */
export function barEstimates(candidates: readonly Candidate[]): TimeEstimate[] {
  return candidates.flatMap((candidate) =>
    candidate.steps
      .filter((step) => step.inside !== false)
      .flatMap((step) => [step.setupMinutes, step.runMinutes].filter((estimate) => estimate !== null)),
  )
}

/** `minutesPerUnit` (60 for hours) makes the ticks round in the unit shown. Null when there is nothing to draw. */
export function timeScale(
  estimates: readonly TimeEstimate[],
  { minutesPerUnit = 1, ticks = 4 }: { minutesPerUnit?: number; ticks?: number } = {},
): TimeScale | null {
  const longestBar = Math.max(0, ...estimates.map((estimate) => estimate.p50))
  const longestWhisker = Math.max(0, ...estimates.map((estimate) => estimate.p90))
  const reach = longestBar > NOTHING ? Math.min(longestWhisker, longestBar * WHISKER_ROOM) : longestWhisker
  if (!(reach > NOTHING) || !Number.isFinite(reach)) return null
  const step = niceStep(reach / minutesPerUnit / ticks) * minutesPerUnit
  const maxMinutes = Math.max(reach, longestBar)
  const tickMinutes = Array.from({ length: Math.floor(maxMinutes / step + 1e-9) + 1 }, (_, index) => index * step)
  return { maxMinutes, tickMinutes }
}

export function whisker(estimate: Pick<TimeEstimate, 'p10' | 'p50' | 'p90'>, scale: TimeScale): Whisker {
  const percent = (minutes: number) => Math.min(100, Math.max(0, (minutes / scale.maxMinutes) * 100))
  return {
    from: percent(estimate.p10),
    middle: percent(estimate.p50),
    to: percent(estimate.p90),
    cut: estimate.p90 > scale.maxMinutes * (1 + 1e-9),
  }
}
