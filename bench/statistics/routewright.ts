/** Our statistics: the comparable ones, and the whole of them. Finding where groups begin is part of every pass. */
import { summarizeGroupsAsync } from '../../server/engine/time-statistics'
import { type Contender, type TimeTable, timed } from './table'

export function routewright({ values, groups, groupCount }: TimeTable, threads: number): Contender[] {
  const offsets = () => {
    const ends = new Uint32Array(groupCount + 1)
    for (let row = 0; row < groups.length; row++) ends[groups[row] + 1]++
    for (let group = 0; group < groupCount; group++) ends[group + 1] += ends[group]
    return ends
  }
  const plain = { zCut: Number.POSITIVE_INFINITY, trimLow: 0, trimHigh: 1 }
  const weights = values.map((_, row) => 1 + (row % 5))
  const contender = (name: string, computes: string, options: object): Contender => ({
    name,
    computes,
    run: () => timed(() => summarizeGroupsAsync(values, offsets(), options)),
  })
  return [
    contender(`routewright, ${threads} threads`, 'the same', { ...plain, threads }),
    contender('routewright, 1 thread', 'the same', plain),
    contender('routewright, whole summary', 'and cut, trim', { threads }),
    contender('routewright, whole, weighted', 'and cut, trim, weights', { threads, weights }),
  ]
}
