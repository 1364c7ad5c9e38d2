/** What a second thread gives: batches on two threads against one, turn by turn. */
import { median } from '../measure/quantiles'
import type { Row } from '../measure/report'
import type { Contender } from './contender'

/** Wall time, since processor time cannot tell; null of an engine that takes no batches. */
export async function twoThreads(contender: Contender, order: { k: number; ef: number; rounds: number }) {
  if (!contender.batches) return null
  const { k, ef, rounds } = order
  const micros = { 1: [] as number[], 2: [] as number[] }
  for (let turn = 0; turn <= rounds; turn++) {
    for (const threads of [1, 2] as const) {
      const { wallMicros, keys } = await contender.search({ k, ef, way: 'batch', threads })
      // the first turn warms up
      if (turn > 0) micros[threads].push(wallMicros / (keys.length / k))
    }
  }
  const [one, two] = [median(micros[1]), median(micros[2])]
  const row: Row = {
    engine: contender.name,
    k,
    ef,
    'qps, 1 thread': Math.round(1e6 / one),
    'qps, 2 threads': Math.round(1e6 / two),
    times: Number((one / two).toFixed(2)),
  }
  return { row, times: one / two }
}
