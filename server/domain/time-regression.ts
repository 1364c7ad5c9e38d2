/**
 * Times by size: log-minutes of one operation as a ridge regression on the number attributes, with an effect of each resource that is
 * pooled towards none. Where a dimension or a quantity is known it says more than ten neighbours' medians; whether it does in this
 * plant is decided on held-out items.
 */
import type { Static } from '@sinclair/typebox'
import type { TimeRegression as TimeRegressionSchema } from '../contract/learned'
import type { AttributeInput } from './encoder/block'
import type { Items } from './plant'
import { poolEffects } from './time-pooling'

export type TimeRegression = Static<typeof TimeRegressionSchema>
export type SizeColumn = TimeRegression['columns'][number]
type Fitted = TimeRegression['kinds'][string][string]

const SAMPLES_MIN = 12
/** More samples than this per operation make the coefficients no better. */
const SAMPLES_MAX = 3_000
/** Pseudo-observations against each slope. */
const RIDGE = 3
/** Sizes beyond those seen are not believed further than this many deviations. */
const REACH = 3
/** Slopes and effects of resources are fitted in turn, so often. */
const ROUNDS = 3
/** A neighbour's time is brought to another size by this factor at most: beyond, it is no neighbour in size. */
const SCALE_MAX = 4

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

/** A record's sizes in deviations from the mean; NaN where unknown. */
export function sizesOf(columns: readonly SizeColumn[], value: (name: string) => AttributeInput): Float64Array {
  return Float64Array.from(columns, ({ name, log, mean, sd }) => {
    const raw = value(name)
    if (typeof raw !== 'number' || !Number.isFinite(raw) || (log && raw <= 0)) return Number.NaN
    return Math.max(-REACH, Math.min(REACH, ((log ? Math.log(raw) : raw) - mean) / sd))
  })
}

/** An unknown size counts as the mean. */
const known = (size: number): number => (Number.isNaN(size) ? 0 : size)

/**
 * @param minutes of each sample; those ≤ 0 and NaN are left out
 * @param sizes of each sample
 * @param resources code of each sample's resource, 0 for none
 * @returns intercept, slopes, effects of resources and the deviation of log-minutes; null with too few samples
 */
export function fitOperation(minutes: number[], sizes: Float64Array[], resources: ArrayLike<number> = []): Fitted | null {
  const all = minutes.flatMap((value, at) => (value > 0 ? [at] : []))
  if (all.length < SAMPLES_MIN) return null
  const stride = Math.ceil(all.length / SAMPLES_MAX)
  const rows = all.filter((_, at) => at % stride === 0)
  const logs = rows.map((row) => Math.log(minutes[row]))
  const groups = rows.map((row) => resources[row] ?? 0)
  const width = sizes[rows[0]].length + 1
  const normal = normalMatrix(
    rows.map((row) => sizes[row]),
    width,
  )
  let solution: number[] = []
  let effects = new Map<number, number>()
  let fits: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    solution = solve(
      withTargets(
        normal,
        rows.map((row) => sizes[row]),
        logs.map((log, at) => log - (effects.get(groups[at]) ?? 0)),
      ),
    )
    const [bias, ...slopes] = solution
    fits = rows.map((row) => bias + slopeSum(slopes, sizes[row]))
    effects = poolEffects(
      logs.map((log, at) => log - fits[at]),
      groups,
    )
    if (effects.size === 0) break
  }
  const squares = logs.reduce((sum, log, at) => sum + (log - fits[at] - (effects.get(groups[at]) ?? 0)) ** 2, 0)
  const fitted: Fitted = { bias: solution[0], slopes: solution.slice(1), sd: Math.sqrt(squares / rows.length), n: rows.length }
  return effects.size === 0 ? fitted : { ...fitted, resources: Object.fromEntries(effects) }
}

const slopeSum = (slopes: readonly number[], sizes: ArrayLike<number>): number =>
  slopes.reduce((sum, slope, at) => sum + slope * known(sizes[at]), 0)

function normalMatrix(sizes: Float64Array[], width: number): Float64Array[] {
  const matrix = Array.from({ length: width }, () => new Float64Array(width + 1))
  for (const row of sizes) {
    const of = (column: number) => (column === 0 ? 1 : known(row[column - 1]))
    for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) matrix[i][j] += of(i) * of(j)
  }
  for (let i = 1; i < width; i++) matrix[i][i] += RIDGE
  return matrix
}

function withTargets(normal: Float64Array[], sizes: Float64Array[], targets: number[]): Float64Array[] {
  const matrix = normal.map((row) => row.slice())
  const width = matrix.length
  sizes.forEach((row, at) => {
    matrix[0][width] += targets[at]
    for (let i = 1; i < width; i++) matrix[i][width] += known(row[i - 1]) * targets[at]
  })
  return matrix
}

/** Middle and deviation in minutes; null when the operation was not fitted. */
export function regressTime(
  regression: TimeRegression,
  kind: string,
  operation: number,
  sizes: Float64Array,
  resource = 0,
): { n: number; p50: number; sd: number } | null {
  const fitted = regression.kinds[kind]?.[operation]
  if (fitted === undefined) return null
  const p50 = Math.exp(fitted.bias + slopeSum(fitted.slopes, sizes) + (fitted.resources?.[resource] ?? 0))
  return { n: fitted.n, p50, sd: p50 * fitted.sd }
}

/** By what a time of one item is multiplied to be that of an item of other sizes, on the same resource; 1 where neither knows them. */
export function scaleTime(fitted: Pick<Fitted, 'slopes'> | undefined, from: Float64Array, to: Float64Array): number {
  if (fitted === undefined) return 1
  const log = fitted.slopes.reduce((sum, slope, at) => sum + (Number.isNaN(from[at] + to[at]) ? 0 : slope * (to[at] - from[at])), 0)
  return Math.min(SCALE_MAX, Math.max(1 / SCALE_MAX, Math.exp(log)))
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
