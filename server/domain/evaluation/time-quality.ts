/** The figures of one kind of time: estimates and plain medians of the same steps, and a sample of them to look at. */
import type { TimeQuality } from '../../contract/quality'
import { type Random, sampleRows } from '../random'
import { scoreTimes, type TimeCase } from './time-metrics'

const POINTS = 300

/**
 * @param cases minutes; `median` is the plain median of the operation, null where it has none
 * @returns null without cases
 */
export function scoreTimeKind(kind: string, cases: (TimeCase & { median: number | null })[], random: Random): TimeQuality | null {
  const predicted = scoreTimes(cases)
  if (predicted === null) return null
  const medians = cases.flatMap(({ actual, median }) => (median === null ? [] : [{ actual, p10: median, p50: median, p90: median }]))
  return {
    kind,
    predicted,
    median: scoreTimes(medians),
    points: Array.from(sampleRows(cases.length, POINTS, random), (at) => {
      const { actual, p10, p50, p90 } = cases[at]
      return [actual, p10, p50, p90]
    }),
  }
}
