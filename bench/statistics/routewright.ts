/** Our statistics, of groups that lie together and of rows in any order. */
import { momentsOfGroups, sumsOfGroups } from '../../server/engine/group-moments'
import { groupSamples } from '../../server/engine/sample-groups'
import { summarizeGroups, summarizeGroupsAsync, trimGroups, trimGroupsAsync } from '../../server/engine/time-statistics'
import { type Columns, type Contender, type Question, type TimeTable, TRIM_HIGH, TRIM_LOW, timed } from './table'

const trim = { trimLow: TRIM_LOW, trimHigh: TRIM_HIGH }

export function routewright({ values, groups, offsets, groupCount }: TimeTable, threads: number): Contender[] {
  const plain = { zCut: Number.POSITIVE_INFINITY, trimLow: 0, trimHigh: 1 }
  const weights = values.map((_, row) => 1 + (row % 5))
  const narrow = Float32Array.from(values)
  const whole = Uint32Array.of(0, values.length)
  const { mixed, keys } = shuffled(values, groups)
  const contender = (question: Question, name: string, run: () => Columns | Promise<Columns>, note?: string): Contender => ({
    name: `routewright, ${name}`,
    question,
    note,
    run: () => timed(run),
  })
  const together = () => groupSamples(keys, mixed, groupCount)
  return [
    contender('sum', 'plain sum by group', () => ({ sum: sumsOfGroups(values, offsets) })),
    contender('sum', 'plain sum of the column', () => ({ sum: sumsOfGroups(values, whole) }), 'one group'),
    contender('sum', 'plain sum of the column, f32', () => ({ sum: sumsOfGroups(narrow, whole) }), 'one group, f32'),
    contender('moments', 'mean and sd', () => momentsOfGroups(values, offsets)),
    contender('moments', 'mean and sd, f32', () => momentsOfGroups(narrow, offsets), 'f32'),
    contender('moments', 'mean and sd, rows in any order', () => {
      const { values, offsets } = together()
      return momentsOfGroups(values, offsets)
    }),
    contender('trim', 'trimmed mean', () => trimGroups(values, offsets, trim), 'and sd, median'),
    contender('trim', `trimmed mean, ${threads} threads`, () => trimGroupsAsync(values, offsets, { ...trim, threads }), 'and sd, median'),
    contender('trim', 'trimmed mean, rows in any order', () => {
      const { values, offsets } = together()
      return trimGroups(values, offsets, trim)
    }),
    contender('summary', 'summary', () => summarizeGroupsAsync(values, offsets, plain), 'and cv, trim, median, MAD'),
    contender('summary', `summary, ${threads} threads`, () => summarizeGroupsAsync(values, offsets, { ...plain, threads }), 'as above'),
    contender('summary', 'with outlier cut', () => summarizeGroupsAsync(values, offsets), 'and outliers, not compared'),
    contender('summary', 'with outlier cut, weighted', () => summarizeGroupsAsync(values, offsets, { weights }), 'not compared'),
  ]
}

/** Rows whose answer belongs to another question, or to other numbers, agree with nothing. */
export const isCompared = ({ note = '' }: Contender): boolean => !/one group|f32|not compared/.test(note)

/** The same rows in an order in which groups lie scattered. */
function shuffled(values: Float64Array, groups: Int32Array): { mixed: Float64Array; keys: Uint32Array } {
  let state = 7
  const order = Uint32Array.from(values, (_, row) => row)
  for (let row = order.length - 1; row > 0; row--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const other = Math.floor((state / 2 ** 32) * (row + 1))
    ;[order[row], order[other]] = [order[other], order[row]]
  }
  return { mixed: Float64Array.from(order, (row) => values[row]), keys: Uint32Array.from(order, (row) => groups[row]) }
}

/** What is asked of one group at once, by calls that return when it is done. */
export function oneGroup(values: Float64Array): [name: string, call: () => unknown][] {
  const offsets = Uint32Array.of(0, values.length)
  return [
    ['plain sum', () => sumsOfGroups(values, offsets)],
    ['mean and sd', () => momentsOfGroups(values, offsets)],
    ['trimmed mean, sd and median', () => trimGroups(values, offsets, trim)],
    ['whole summary (outlier cut, trim, five quantiles, median, MAD)', () => summarizeGroups(values, offsets)],
  ]
}
