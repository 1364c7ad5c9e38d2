/** Statistics of groups of samples as the domain reads them. */
import type { TimeStatistics } from '../domain/time-estimate'
import { type GroupSummaries, type SummaryOptions, summarizeGroups } from '../engine/time-statistics'

/**
 * One a group, in order; null for groups that no sample is left of. The middle is the median of all samples: it needs no outlier cut, and
 * a cut of the long side only would shift it.
 */
export function summarizeStatistics(values: Float64Array, offsets: Uint32Array, options?: SummaryOptions): (TimeStatistics | null)[] {
  const summary = summarizeGroups(values, offsets, options)
  const medians = wholeMedians(summary, values, offsets, options)
  return Array.from(summary.nKept, (n, group) =>
    n === 0
      ? null
      : {
          n,
          mean: summary.trimmedMean[group],
          sd: summary.trimmedSd[group],
          p10: summary.p10[group],
          p25: summary.p25[group],
          p50: medians[group],
          p90: summary.p90[group],
        },
  )
}

/** Only groups that lost a sample are asked anew. */
function wholeMedians(
  { outliers, p50 }: Pick<GroupSummaries, 'outliers' | 'p50'>,
  values: Float64Array,
  offsets: Uint32Array,
  options: SummaryOptions = {},
): Float64Array {
  const cut = Array.from(outliers.keys()).filter((group) => outliers[group] > 0)
  if (cut.length === 0) return p50
  const ends = new Uint32Array(cut.length + 1)
  cut.forEach((group, at) => {
    ends[at + 1] = ends[at] + offsets[group + 1] - offsets[group]
  })
  const pick = (from: Float64Array): Float64Array => {
    const picked = new Float64Array(ends[cut.length])
    cut.forEach((group, at) => {
      picked.set(from.subarray(offsets[group], offsets[group + 1]), ends[at])
    })
    return picked
  }
  const weights = options.weights && options.weights.length > 0 ? pick(options.weights) : undefined
  const whole = summarizeGroups(pick(values), ends, { ...options, weights, zCut: Number.POSITIVE_INFINITY })
  const medians = p50.slice()
  cut.forEach((group, at) => {
    medians[group] = whole.p50[at]
  })
  return medians
}
