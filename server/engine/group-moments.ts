/**
 * Count, mean and deviation of groups in one pass over a column. Group g owns rows `offsets[g]` … `offsets[g + 1]`.
 *
 * `sd` divides by n. Each block of rows is shifted by its first value before it is squared, and blocks are joined by the formula of Chan
 * and others (1979), so a small deviation around a large mean keeps its digits. The same rows in the same order give the same bits on
 * any CPU; in another order they agree within 1e-12. A group without rows has NaN for mean and deviation.
 *
 * Nothing that the product answers with needs these alone: `bench/statistics.ts` calls them, to hold the engine's pass over a column
 * against other engines.
 */
import { binding, callNative } from './addon'
import { rowsFor, toColumns } from './time-statistics'

export const momentFields = ['n', 'mean', 'sd'] as const

/** One array a field, one place a group. */
export type GroupMoments = Record<(typeof momentFields)[number], Float64Array>

/**
 * At the speed of memory: a fraction of a nanosecond a row.
 * Throws `invalid_value` with the place of a value that is NaN or infinite; `bad_request` for offsets that do not ascend or end
 * outside the values.
 */
export function momentsOfGroups(values: Float64Array | Float32Array, offsets: Uint32Array): GroupMoments {
  const out = rowsFor(offsets, momentFields)
  callNative(() =>
    values instanceof Float32Array ? binding.groupMomentsF32(values, offsets, out) : binding.groupMoments(values, offsets, out),
  )
  return toColumns(out, momentFields)
}

/** The plain sum of each group, in f64. What is no number makes the sum of its group none. Throws `bad_request` as above. */
export function sumsOfGroups(values: Float64Array | Float32Array, offsets: Uint32Array): Float64Array {
  const out = rowsFor(offsets, ['sum'])
  callNative(() => (values instanceof Float32Array ? binding.groupSumsF32(values, offsets, out) : binding.groupSums(values, offsets, out)))
  return out
}
