/** Statistics of groups of samples as the domain reads them. */
import type { TimeStatistics } from '../domain/time-estimate'
import { type SummaryOptions, summarizeGroups } from '../engine/time-statistics'

/**
 * One a group, in order; null for groups that no sample is left of. The middle is the median of all samples: it needs no outlier cut, and
 * a cut of the long side only would shift it.
 */
export function summarizeStatistics(values: Float64Array, offsets: Uint32Array, options?: SummaryOptions): (TimeStatistics | null)[] {
  const summary = summarizeGroups(values, offsets, options)
  return Array.from(summary.nKept, (n, group) =>
    n === 0
      ? null
      : {
          n,
          mean: summary.trimmedMean[group],
          sd: summary.trimmedSd[group],
          p10: summary.p10[group],
          p25: summary.p25[group],
          p50: summary.median[group],
          p90: summary.p90[group],
        },
  )
}
