/**
 * The statistics of `server/engine/time-statistics.ts` in plain TypeScript, one group at a time: the definition that the
 * addon is held to within 1e-9, written to be read and not to be fast.
 */

export interface TwinOptions {
  weights?: readonly number[]
  zCut?: number
  trimLow?: number
  trimHigh?: number
}

export interface TwinSummary {
  n: number
  nKept: number
  mean: number
  sd: number
  cv: number
  trimmedMean: number
  trimmedSd: number
  outliers: number
  min: number
  max: number
  p10: number
  p25: number
  p50: number
  p75: number
  p90: number
  median: number
  mad: number
}

interface Sample {
  value: number
  weight: number
}

/** Summary of one group; values and weights are finite, weights 0 or more. */
export function summarizeTwin(
  values: readonly number[],
  { weights, zCut = 2.5, trimLow = 0.05, trimHigh = 0.95 }: TwinOptions = {},
): TwinSummary {
  const samples = ordered(values.map((value, at) => ({ value, weight: weights?.[at] ?? 1 })).filter(({ weight }) => weight > 0))
  const kept = withoutOutliers(samples, zCut)
  const [mean, sd] = moments(kept)
  const [trimmedMean, trimmedSd] = moments(trim(kept, trimLow, trimHigh))
  const quantile = (p: number) => weightedQuantile(kept, p)
  const median = weightedQuantile(samples, 0.5)
  const deviations = ordered(samples.map(({ value, weight }) => ({ value: Math.abs(value - median), weight })))
  return {
    n: values.length,
    nKept: kept.length,
    mean,
    sd,
    cv: sd === 0 ? 0 : sd / Math.abs(mean),
    trimmedMean,
    trimmedSd,
    outliers: samples.length - kept.length,
    min: kept[0]?.value ?? Number.NaN,
    max: kept.at(-1)?.value ?? Number.NaN,
    p10: quantile(0.1),
    p25: quantile(0.25),
    p50: quantile(0.5),
    p75: quantile(0.75),
    p90: quantile(0.9),
    median,
    mad: weightedQuantile(deviations, 0.5),
  }
}

/** Count, mean and deviation of one group without weights: `server/engine/group-moments.ts`. */
export function momentsTwin(values: readonly number[]): { n: number; mean: number; sd: number } {
  const [mean, sd] = moments(ordered(values.map((value) => ({ value, weight: 1 }))))
  return { n: values.length, mean, sd }
}

/** Rows by group, missing ones left out: `server/engine/sample-groups.ts`. */
export function groupSamplesTwin(groups: readonly number[], values: readonly number[], count: number): number[][] {
  const lists: number[][] = Array.from({ length: count }, () => [])
  values.forEach((value, row) => {
    if (!Number.isNaN(value)) lists[groups[row]].push(value)
  })
  return lists
}

const ordered = (samples: Sample[]): Sample[] => samples.sort((a, b) => a.value - b.value || a.weight - b.weight)

const total = (samples: Sample[]) => samples.reduce((sum, { weight }) => sum + weight, 0)

/** Mean and standard deviation; NaN without samples. */
function moments(samples: Sample[]): [number, number] {
  if (samples.length > 0 && samples[0].value === samples.at(-1)?.value) return [samples[0].value, 0]
  const all = total(samples)
  const mean = samples.reduce((sum, { value, weight }) => sum + (weight / all) * value, 0)
  const variance = samples.reduce((sum, { value, weight }) => sum + (weight / all) * (value - mean) ** 2, 0)
  return samples.length === 0 ? [Number.NaN, Number.NaN] : [mean, Math.sqrt(variance)]
}

function withoutOutliers(samples: Sample[], zCut: number): Sample[] {
  if (samples.length < 3) return samples
  const [mean, sd] = moments(samples)
  const kept = samples.filter(({ value }) => Math.abs(value - mean) <= zCut * sd)
  return kept.length === 0 ? samples : kept
}

/** Each sample with the part of its weight that lies between two shares of the whole. */
function trim(samples: Sample[], low: number, high: number): Sample[] {
  const all = total(samples)
  let before = 0
  const parts = samples.map(({ value, weight }) => {
    const inside = Math.min(before + weight, high * all) - Math.max(before, low * all)
    before += weight
    return { value, weight: Math.max(0, inside) }
  })
  return parts.filter(({ weight }) => weight > 0)
}

function weightedQuantile(samples: Sample[], p: number): number {
  if (samples.length < 2) return samples[0]?.value ?? Number.NaN
  const steps = samples.length - 1
  let before = 0
  const stands = samples.map(({ weight }, k) => {
    const stand = k * weight + steps * before
    before += weight
    return stand
  })
  const target = p * steps * before
  const above = Math.max(
    1,
    stands.findIndex((stand) => stand > target),
  )
  const share = Math.min(1, Math.max(0, (target - stands[above - 1]) / (stands[above] - stands[above - 1])))
  return samples[above - 1].value + share * (samples[above].value - samples[above - 1].value)
}
