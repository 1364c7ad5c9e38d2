/** Calibrating time intervals on held-out items. */
import type { Learned } from '../contract/learned'

/** A held-out time beside its estimate. */
export interface TimeResidual {
  kind: string
  level: string
  actual: number
  p50: number
  sd: number
}

const RESIDUALS_MIN = 40
const SPREAD_FLOOR = 0.05

/** Factors that make p10 … p90 hold 80 % of the held-out times, per kind and level; pooled over levels where one has too few. */
export function calibrateIntervals(residuals: TimeResidual[]): Learned['intervals'] {
  const intervals: Learned['intervals'] = {}
  for (const kind of new Set(residuals.map((residual) => residual.kind))) {
    const ofKind = residuals.filter((residual) => residual.kind === kind)
    if (ofKind.length < RESIDUALS_MIN) continue
    intervals[kind] = {}
    for (const level of ['neighbours', 'operation_resource', 'operation', 'process_group', 'all']) {
      const ofLevel = ofKind.filter((residual) => residual.level === level)
      intervals[kind][level] = fitInterval(ofLevel.length >= RESIDUALS_MIN ? ofLevel : ofKind)
    }
  }
  return intervals
}

function fitInterval(residuals: TimeResidual[]): { low: number; high: number; floor: number } {
  const scores = residuals.map(({ actual, p50, sd }) => (actual - p50) / Math.max(sd, SPREAD_FLOOR * p50, 1e-9)).sort((a, b) => a - b)
  const at = (share: number) => scores[Math.min(scores.length - 1, Math.max(0, Math.round(share * (scores.length - 1))))]
  return { low: Math.max(0, -at(0.1)), high: Math.max(0, at(0.9)), floor: SPREAD_FLOOR }
}
