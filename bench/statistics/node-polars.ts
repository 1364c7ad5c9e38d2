/** nodejs-polars, in this process, on its own pool of threads: its processor time counts, not the clock. */
import pl from 'nodejs-polars'
import { type Columns, type Contender, type Question, type TimeTable, TRIM_HIGH, TRIM_LOW, timed } from './table'

export function nodePolars({ values, groups }: TimeTable): Contender[] {
  const frame = pl.DataFrame({ group: pl.Series('group', groups, pl.Int32), value: pl.Series('value', values, pl.Float64) })
  const value = pl.col('value')
  const contender = (question: Question, run: () => Columns): Contender => ({ name: 'nodejs-polars', question, run: () => timed(run) })
  const column = (from: pl.DataFrame, name: string) => Float64Array.from(from.getColumn(name).toArray())
  /** Its deviation divides by n − 1. */
  const withSd = (from: pl.DataFrame, names: string[]): Columns => {
    const n = column(from, 'n')
    const sd = column(from, 'variance').map((variance, group) => (n[group] < 2 ? 0 : Math.sqrt((variance * (n[group] - 1)) / n[group])))
    return { n, sd, ...Object.fromEntries(names.map((name) => [name, column(from, name)])) }
  }
  const moments = [value.count().alias('n'), value.mean().alias('mean'), value.var().alias('variance')]
  const quantiles = [10, 25, 50, 75, 90].map((p) => value.quantile(p / 100, 'linear' as never).alias(`p${p}`))
  return [
    contender('sum', () => ({ sum: column(frame.groupBy('group').agg(value.sum().alias('sum')).sort('group'), 'sum') })),
    contender('moments', () =>
      withSd(
        frame
          .groupBy('group')
          .agg(...moments)
          .sort('group'),
        ['mean'],
      ),
    ),
    contender('trim', () => {
      // each row's part of the weight between the shares, by its rank
      const rank = value.rank('ordinal').over('group').cast(pl.Float64)
      const n = value.count().over('group').cast(pl.Float64)
      const ranked = frame.withColumns(rank.alias('rank'), n.alias('n'))
      const [r, low, high] = [pl.col('rank'), pl.col('n').mul(TRIM_LOW), pl.col('n').mul(TRIM_HIGH)]
      const end = pl.when(r.lt(high)).then(r).otherwise(high)
      const begin = pl.when(r.sub(1).gt(low)).then(r.sub(1)).otherwise(low)
      const weighed = ranked.withColumns(end.sub(begin).alias('part')).filter(pl.col('part').gt(0))
      const sums = weighed
        .groupBy('group')
        .agg(value.mul(pl.col('part')).sum().alias('sum'), pl.col('part').sum().alias('weight'))
        .sort('group')
      const weight = column(sums, 'weight')
      return { trimmedMean: column(sums, 'sum').map((sum, group) => sum / weight[group]) }
    }),
    contender('summary', () => {
      const summary = frame
        .groupBy('group')
        .agg(...moments, value.min().alias('min'), value.max().alias('max'), ...quantiles)
        .sort('group')
      return withSd(summary, ['mean', 'min', 'max', 'p10', 'p25', 'p50', 'p75', 'p90'])
    }),
  ]
}
