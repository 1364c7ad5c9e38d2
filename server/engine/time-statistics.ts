/**
 * Statistics of groups of times, by the addon. Group g owns samples `offsets[g]` … `offsets[g + 1]`. The twin in
 * `server/domain/time-statistics-twin.ts` says the same in plain TypeScript.
 *
 * Weights are relative within a group (similarity weights, counts) and all equal when absent; samples of weight 0 count in
 * `n` and nowhere else. Then, for each group:
 * 1. μ₀ = Σ w x and σ₀² = Σ w (x − μ₀)² with Σ w = 1. With 3 samples or more, those with |x − μ₀| > zCut · σ₀ are outliers;
 *    the rest is *kept* (all is kept where nothing would be left).
 * 2. `mean` and `sd` are Σ w x and √(Σ w (x − mean)²) of the kept samples, their weights scaled to sum 1 again;
 *    `cv` = sd / |mean| (0 where sd is 0); `min` and `max` are theirs too.
 * 3. `trimmedMean` and `trimmedSd` are the same moments of the part of the kept weight between the shares trimLow and trimHigh,
 *    in the order of the values: a sample on a border counts with the part of its weight inside.
 * 4. Quantiles of the kept samples, linear between order statistics: sample k of n (from 0, ordered by value, then weight)
 *    stands at k·w_k + (n − 1)·Σ_{i<k} w_i on a scale of (n − 1)·Σ w. Equal weights make it the usual definition, type 7.
 * 5. `median` is that quantile at ½ of all samples, outliers included, and `mad` the same of |x − median|, not scaled.
 * A group without samples of positive weight has NaN in all fields but `n`, `nKept` and `outliers`.
 *
 * The same samples give the same bits in any order, on any number of threads and any CPU.
 */
import { awaitNative, binding, callNative, integerWithin } from './addon'
import { engineLimits } from './limits'

export const timeFields = [
  'n',
  'nKept',
  'mean',
  'sd',
  'cv',
  'trimmedMean',
  'trimmedSd',
  'outliers',
  'min',
  'max',
  'p10',
  'p25',
  'p50',
  'p75',
  'p90',
  'median',
  'mad',
] as const
export type TimeField = (typeof timeFields)[number]

/** The fields of a short summary, defined as in the whole one without a cut at outliers. */
export const trimmedFields = ['n', 'trimmedMean', 'trimmedSd', 'median'] as const
export type TrimmedField = (typeof trimmedFields)[number]

/** One array a field, one place a group. */
export type GroupSummaries = Record<TimeField, Float64Array>
export type GroupTrims = Record<TrimmedField, Float64Array>

export interface SummaryOptions {
  /** One a value, 0 or more. */
  weights?: Float64Array
  /** Standard deviations from the mean beyond which a sample is an outlier; Infinity keeps all. */
  zCut?: number
  trimLow?: number
  trimHigh?: number
}

/** What a short summary may be told. */
export type TrimOptions = Omit<SummaryOptions, 'zCut'>

const none = new Float64Array(0)

/**
 * Summaries at once, for the few groups of one prediction: some microseconds for 60 groups, and for one of 2,000 samples.
 * Throws `invalid_value` with the place of a value or weight that is NaN, infinite or (a weight) negative; `bad_request` for
 * offsets that do not ascend or end outside the values, another number of weights than of values, cuts out of range.
 */
export function summarizeGroups(values: Float64Array, offsets: Uint32Array, options: SummaryOptions = {}): GroupSummaries {
  const out = rowsFor(offsets, timeFields)
  callNative(() => binding.summarizeGroups(values, offsets, options.weights ?? none, cuts(options), true, out))
  return toColumns(out, timeFields)
}

/** The same off the thread, for millions of samples. The arrays must not be changed or transferred until it settles. */
export async function summarizeGroupsAsync(
  values: Float64Array,
  offsets: Uint32Array,
  { threads = 1, ...options }: SummaryOptions & { threads?: number } = {},
): Promise<GroupSummaries> {
  integerWithin('threads', threads, 1, engineLimits.threadsMax)
  const { weights = none } = options
  return toColumns(
    await awaitNative(() => binding.summarizeGroupsAsync(values, offsets, weights, cuts(options), true, threads)),
    timeFields,
  )
}

/** Exact trimmed moments and medians at once, some nanoseconds a row; for `bench/statistics.ts`, not the product. Throws as `summarizeGroups`. */
export function trimGroups(values: Float64Array, offsets: Uint32Array, options: TrimOptions = {}): GroupTrims {
  const out = rowsFor(offsets, trimmedFields)
  callNative(() => binding.summarizeGroups(values, offsets, options.weights ?? none, cuts(options), false, out))
  return toColumns(out, trimmedFields)
}

/** The same off the thread. The arrays must not be changed or transferred until it settles. */
export async function trimGroupsAsync(
  values: Float64Array,
  offsets: Uint32Array,
  { threads = 1, ...options }: TrimOptions & { threads?: number } = {},
): Promise<GroupTrims> {
  integerWithin('threads', threads, 1, engineLimits.threadsMax)
  const { weights = none } = options
  return toColumns(
    await awaitNative(() => binding.summarizeGroupsAsync(values, offsets, weights, cuts(options), false, threads)),
    trimmedFields,
  )
}

const cuts = ({ zCut = 2.5, trimLow = 0.05, trimHigh = 0.95 }: SummaryOptions) => new Float64Array([zCut, trimLow, trimHigh])

/** Room for one row of fields a group. */
export const rowsFor = (offsets: Uint32Array, fields: readonly string[]): Float64Array =>
  new Float64Array(Math.max(0, offsets.length - 1) * fields.length)

/** From one row of fields a group to one array a field. */
export function toColumns<Field extends string>(rows: Float64Array, fields: readonly Field[]): Record<Field, Float64Array> {
  const width = fields.length
  const count = rows.length / width
  const columns = {} as Record<Field, Float64Array>
  fields.forEach((field, at) => {
    const column = new Float64Array(count)
    for (let group = 0; group < count; group++) column[group] = rows[group * width + at]
    columns[field] = column
  })
  return columns
}
