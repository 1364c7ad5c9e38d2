/** Rows in any order, brought together by group for the statistics. */
import { binding, callNative, integerWithin } from './addon'
import { engineLimits } from './limits'

export interface SampleGroups {
  /** Group g owns `values[offsets[g]]` … `values[offsets[g + 1]]`, its rows in their order. */
  values: Float64Array
  offsets: Uint32Array
}

/**
 * A stable counting sort of a column by the group of each row, from 0 to `count` − 1. A row that is NaN has no sample and is left out.
 * Throws `bad_request` for another number of rows than of groups, or a group of `count` or more.
 */
export function groupSamples(groups: Uint32Array, values: Float64Array | Float32Array, count: number): SampleGroups {
  integerWithin('count', count, 0, engineLimits.countMax)
  const offsets = new Uint32Array(count + 1)
  const grouped = new Float64Array(values.length)
  const samples = callNative(() =>
    values instanceof Float32Array
      ? binding.groupSamplesF32(groups, values, offsets, grouped)
      : binding.groupSamples(groups, values, offsets, grouped),
  )
  return { values: grouped.subarray(0, samples), offsets }
}
