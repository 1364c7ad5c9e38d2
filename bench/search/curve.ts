/** Recall and times of all contenders at one k, ef by ef; they take turns, round after round, so that all meet the same machine. */
import { median, spread } from '../measure/quantiles'
import type { Contender } from './contender'
import type { Pass, Way } from './engine-process'
import type { Truth } from './truth'

export interface CurvePoint {
  id: string
  name: string
  way: Way
  ef: number
  recall: number
  /** Processor time a query, median of the rounds. */
  micros: number
  /** Wall time a query, median of the rounds. */
  wallMicros: number
  /** Bytes resident after the passes, above the process before it opened the index; mapped files included. */
  resident: number
  /** Of single calls; of an engine that is measured in batches, those of the warm-up. */
  quantiles: { p50: number; p95: number; p99: number }
}

interface CurveOrder {
  k: number
  ef: number
  rounds: number
  truth: Truth
  /** By id, how engines are called; of an engine that is not there yet the way that is faster now. */
  ways: Map<string, Way[]>
}

export async function measurePoints(contenders: Contender[], { k, ef, rounds, truth, ways }: CurveOrder): Promise<CurvePoint[]> {
  const runs: { contender: Contender; way: Way; warm: Pass; passes: Pass[] }[] = []
  for (const contender of contenders) {
    const single = await contender.search({ k, ef, way: 'single', threads: 1 })
    const batch = contender.batches ? await contender.search({ k, ef, way: 'batch', threads: 1 }) : null
    if (!ways.has(contender.id)) ways.set(contender.id, [batch !== null && batch.cpuMicros < single.cpuMicros ? 'batch' : 'single'])
    for (const way of ways.get(contender.id) as Way[]) runs.push({ contender, way, warm: single, passes: [] })
  }
  for (let turn = 0; turn < rounds; turn++) {
    for (const { contender, way, passes } of runs) passes.push(await contender.search({ k, ef, way, threads: 1 }))
  }
  return runs.map(({ contender, way, warm, passes }) => {
    const queries = passes[0].keys.length / k
    const timed = way === 'single' ? passes : [warm]
    return {
      id: contender.id,
      name: contender.name,
      way,
      ef,
      recall: truth.recall(passes[0].keys, k),
      micros: median(passes.map(({ cpuMicros }) => cpuMicros / queries)),
      wallMicros: median(passes.map(({ wallMicros }) => wallMicros / queries)),
      resident: (passes.at(-1) as Pass).memory.resident - contender.empty.resident,
      quantiles: spread(timed.flatMap(({ micros }) => [...(micros as Float64Array)])),
    }
  })
}
