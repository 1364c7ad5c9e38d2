/**
 * The plant's own samples of times by group, for strategies other than the one that the version's profiles were made with. One order of
 * all steps by operation, then resource, serves every level; the samples of a group are gathered when they are asked for.
 */
import type { ProfileLevel } from './time-profiles'

/** More samples than this of one group make its statistics no better: evenly many are left out. */
export const GROUP_SAMPLES_MAX = 20_000
/** Steps of one group that are looked at, since many have no time of a kind. */
const GROUP_STEPS_MAX = 200_000

export interface TimeSamples {
  /** Samples of one group in the steps' order, NaN left out, at most `GROUP_SAMPLES_MAX`. Keys as in `TimeProfiles.at`. */
  of(column: Float32Array, level: ProfileLevel, operation: number, resource: number): Float64Array
}

/** @param groupOf process group number of each operation code, 0 for none */
export function orderSamples(operation: Uint32Array, resource: Uint32Array, groupOf: Uint32Array): TimeSamples {
  const rows = sortByCode(sortByCode(null, resource), operation)
  const offsets = new Uint32Array(groupOf.length + 1)
  for (let step = 0; step < operation.length; step++) offsets[operation[step] + 1]++
  for (let code = 0; code < groupOf.length; code++) offsets[code + 1] += offsets[code]
  const lowerBound = (from: number, to: number, code: number): number => {
    let low = from
    let high = to
    while (low < high) {
      const middle = (low + high) >>> 1
      if (resource[rows[middle]] < code) low = middle + 1
      else high = middle
    }
    return low
  }
  const ranges = (level: ProfileLevel, key: number, machine: number): [number, number][] => {
    if (level === 'all') return [[0, rows.length]]
    if (level === 'process_group')
      return Array.from(groupOf, (group, code): [number, number] => (group === key ? [offsets[code], offsets[code + 1]] : [0, 0]))
    if (level === 'operation') return [[offsets[key], offsets[key + 1]]]
    const [from, to] = [offsets[key], offsets[key + 1]]
    return [[lowerBound(from, to, machine), lowerBound(from, to, machine + 1)]]
  }
  return {
    of: (column, level, key, machine) => {
      const asked = ranges(level, key, machine)
      const total = asked.reduce((sum, [from, to]) => sum + to - from, 0)
      const stride = Math.max(1, Math.ceil(total / GROUP_STEPS_MAX))
      const values = new Float64Array(Math.ceil(total / stride) + asked.length)
      let count = 0
      for (const [from, to] of asked) count = gather(column, rows, { from, to, stride }, values, count)
      const thin = Math.ceil(count / GROUP_SAMPLES_MAX)
      return thin <= 1 ? values.slice(0, count) : Float64Array.from({ length: Math.ceil(count / thin) }, (_, at) => values[at * thin])
    },
  }
}

/** Appends the known values of every stride-th row; returns how many there are then. */
function gather(
  column: Float32Array,
  rows: Uint32Array,
  { from, to, stride }: { from: number; to: number; stride: number },
  values: Float64Array,
  count: number,
): number {
  let next = count
  for (let at = from; at < to; at += stride) {
    const value = column[rows[at]]
    if (!Number.isNaN(value)) values[next++] = value
  }
  return next
}

/** Stable counting sort of rows by their code; null means the rows in order. */
function sortByCode(rows: Uint32Array | null, codes: Uint32Array): Uint32Array {
  let codeMax = 0
  for (const code of codes) if (code > codeMax) codeMax = code
  const next = new Uint32Array(codeMax + 2)
  for (const code of codes) next[code + 1]++
  for (let code = 0; code <= codeMax; code++) next[code + 1] += next[code]
  const sorted = new Uint32Array(codes.length)
  for (let at = 0; at < codes.length; at++) {
    const row = rows === null ? at : rows[at]
    sorted[next[codes[row]]++] = row
  }
  return sorted
}
