/**
 * Times by size: log-minutes of one operation as a ridge regression on the number attributes. Where a dimension or a quantity is
 * known it says more than ten neighbours' medians; whether it does in this plant is decided on held-out items.
 */
import type { Static } from '@sinclair/typebox'
import type { TimeRegression as TimeRegressionSchema } from '../contract/learned'
import type { AttributeInput } from './encoder/block'
import type { Items } from './plant'

export type TimeRegression = Static<typeof TimeRegressionSchema>
export type SizeColumn = TimeRegression['columns'][number]

const SAMPLES_MIN = 12
/** More samples than this per operation make the coefficients no better. */
const SAMPLES_MAX = 3_000
/** Pseudo-observations against each slope. */
const RIDGE = 3
/** Sizes beyond those seen are not believed further than this many deviations. */
const REACH = 3

/** Scale, centre and spread of every number attribute that varies. */
export function fitSizeColumns({ features }: Items): SizeColumn[] {
  return features.flatMap(({ name, column }): SizeColumn[] => {
    if (column.kind !== 'number') return []
    const known = column.values.filter(Number.isFinite)
    if (known.length < SAMPLES_MIN) return []
    const isLog = known.every((value) => value > 0)
    const scaled = isLog ? known.map(Math.log) : known
    const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length
    const sd = Math.sqrt(scaled.reduce((sum, value) => sum + (value - mean) ** 2, 0) / scaled.length)
    return sd > 1e-9 ? [{ name, log: isLog, mean, sd }] : []
  })
}

/** A record's sizes in deviations from the mean; 0 where unknown. */
export function sizesOf(columns: readonly SizeColumn[], value: (name: string) => AttributeInput): Float64Array {
  return Float64Array.from(columns, ({ name, log, mean, sd }) => {
    const raw = value(name)
    if (typeof raw !== 'number' || !Number.isFinite(raw) || (log && raw <= 0)) return 0
    return Math.max(-REACH, Math.min(REACH, ((log ? Math.log(raw) : raw) - mean) / sd))
  })
}

/**
 * @param minutes of each sample; those ≤ 0 and NaN are left out
 * @param sizes of each sample
 * @returns intercept, slopes and the deviation of log-minutes; null with too few samples
 */
export function fitOperation(minutes: number[], sizes: Float64Array[]): { bias: number; slopes: number[]; sd: number; n: number } | null {
  const all = minutes.flatMap((value, at) => (value > 0 ? [at] : []))
  if (all.length < SAMPLES_MIN) return null
  const stride = Math.ceil(all.length / SAMPLES_MAX)
  const rows = all.filter((_, at) => at % stride === 0)
  const width = sizes[rows[0]].length + 1
  const matrix = Array.from({ length: width }, () => new Float64Array(width + 1))
  for (const row of rows) {
    const target = Math.log(minutes[row])
    const of = (column: number) => (column === 0 ? 1 : sizes[row][column - 1])
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) matrix[i][j] += of(i) * of(j)
      matrix[i][width] += of(i) * target
    }
  }
  for (let i = 1; i < width; i++) matrix[i][i] += RIDGE
  const solution = solve(matrix)
  let squares = 0
  for (const row of rows) squares += (Math.log(minutes[row]) - predicted(solution[0], solution.slice(1), sizes[row])) ** 2
  return { bias: solution[0], slopes: solution.slice(1), sd: Math.sqrt(squares / rows.length), n: rows.length }
}

const predicted = (bias: number, slopes: readonly number[], sizes: ArrayLike<number>): number =>
  slopes.reduce((sum, slope, at) => sum + slope * sizes[at], bias)

/** Middle and deviation in minutes; null when the operation was not fitted. */
export function regressTime(
  regression: TimeRegression,
  kind: string,
  operation: number,
  sizes: Float64Array,
): { n: number; p50: number; sd: number } | null {
  const fitted = regression.kinds[kind]?.[operation]
  if (fitted === undefined) return null
  const p50 = Math.exp(predicted(fitted.bias, fitted.slopes, sizes))
  return { n: fitted.n, p50, sd: p50 * fitted.sd }
}

/** Gauss–Jordan with pivots; the ridge keeps every pivot above 0. */
function solve(matrix: Float64Array[]): number[] {
  const width = matrix.length
  for (let pivot = 0; pivot < width; pivot++) {
    let best = pivot
    for (let row = pivot + 1; row < width; row++) if (Math.abs(matrix[row][pivot]) > Math.abs(matrix[best][pivot])) best = row
    const swapped = matrix[best]
    matrix[best] = matrix[pivot]
    matrix[pivot] = swapped
    for (let row = 0; row < width; row++) {
      if (row === pivot) continue
      const factor = matrix[row][pivot] / swapped[pivot]
      if (factor !== 0) for (let at = pivot; at <= width; at++) matrix[row][at] -= factor * swapped[at]
    }
  }
  return matrix.map((row, at) => row[width] / row[at])
}
