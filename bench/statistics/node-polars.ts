/** nodejs-polars, in this process, on its own pool of threads. */
import pl from 'nodejs-polars'
import { type Compared, type Contender, type TimeTable, timed } from './table'

export function nodePolars({ values, groups }: TimeTable): Contender {
  const frame = pl.DataFrame({ group: pl.Series('group', groups, pl.Int32), value: pl.Series('value', values, pl.Float64) })
  const value = pl.col('value')
  return {
    name: 'nodejs-polars',
    computes: 'the same',
    run: () =>
      timed(() => {
        const summary = frame
          .groupBy('group')
          .agg(
            value.count().alias('n'),
            value.mean().alias('mean'),
            value.var().alias('variance'),
            value.min().alias('min'),
            value.max().alias('max'),
            ...[10, 25, 50, 75, 90].map((p) => value.quantile(p / 100, 'linear' as never).alias(`p${p}`)),
          )
          .sort('group')
        const column = (name: string) => Float64Array.from(summary.getColumn(name).toArray())
        const n = column('n')
        // its deviation divides by n − 1
        const sd = column('variance').map((variance, group) => (n[group] < 2 ? 0 : Math.sqrt((variance * (n[group] - 1)) / n[group])))
        const rest = Object.fromEntries(['mean', 'min', 'max', 'p10', 'p25', 'p50', 'p75', 'p90'].map((name) => [name, column(name)]))
        return { n, sd, ...rest } as unknown as Compared
      }),
  }
}
