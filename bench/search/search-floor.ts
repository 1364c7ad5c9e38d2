/** A search beside its floor: as many records as it reads, read at random places of the same image in the same process. */
import type { AnnIndex, RandomReads, SearchCounts } from '../../server/engine/ann-index'
import { median } from '../measure/quantiles'

/** Groups of records asked for before their turn, of which the fastest counts; 0 is the chain. */
const aheads = [1, 2, 4, 8]
/** Read in a turn, of which the median counts: so short that the system seldom takes the processor away meanwhile. */
const recordsOf = { visit: 512, row: 4_096, exact: 512 }
const turns = 16
const kinds = ['visit', 'row', 'exact'] as const
type Kind = RandomReads['record']

export interface SearchFloor {
  keys: Uint32Array
  /** Mean number a search. Rows are those of no visit. */
  counts: Record<Kind, number>
  /** Of one record. */
  bytes: Record<Kind, number>
  /** Microseconds to read one record: places known beforehand, and as a chain. */
  known: Record<Kind, number>
  chained: Record<Kind, number>
  /** Microseconds a search: processor time in a batch; median of calls of their own, and of the same question asked once more. */
  batch: number
  single: number
  again: number
  /** Σ count × time. */
  floor: number
  chain: number
}

/** Search and floor turn by turn on one thread, the first round to warm up; medians of the rounds. */
export async function measureFloor(
  index: AnnIndex,
  queries: Float32Array,
  { k, ef, rounds, blocks }: { k: number; ef: number; rounds: number; blocks: boolean },
): Promise<SearchFloor> {
  const { dimensions } = index
  const total = queries.length / dimensions
  const query = (at: number) => queries.subarray(at * dimensions, (at + 1) * dimensions)
  const times: Record<'batch' | 'single' | 'again', number[]> = { batch: [], single: [], again: [] }
  const reads = new Map<string, number[]>()
  const bytes: Record<Kind, number> = { visit: 0, row: 0, exact: 0 }
  let keys: Uint32Array = new Uint32Array()
  let seed = 0
  for (let round = 0; round <= rounds; round++) {
    const start = process.cpuUsage()
    keys = (await index.searchBatch(queries, { k, ef })).keys
    const { user, system } = process.cpuUsage(start)
    const { single, again } = callOneByOne(index, total, query, { k, ef })
    if (round > 0)
      for (const [way, micros] of Object.entries({ batch: (user + system) / total, single, again })) times[way as 'batch'].push(micros)
    for (let turn = 0; turn < turns; turn++) {
      for (const record of kinds) {
        for (const ahead of [0, ...aheads]) {
          const records = recordsOf[record]
          const asked = query((round * turns + turn) % total)
          const read = index.randomReads(asked, { record, records, ahead, seed: seed++ })
          bytes[record] = read.bytes
          const key = `${record} ${ahead}`
          if (round === 0) reads.set(key, [])
          else reads.get(key)?.push(read.micros / records)
        }
      }
    }
  }
  const counts = meanCounts(
    Array.from({ length: total }, (_, at) => index.searchCounts(query(at), { k, ef })),
    blocks,
  )
  const timeOf = (record: Kind, ahead: number) => median(reads.get(`${record} ${ahead}`) as number[])
  const each = (time: (record: Kind) => number) => ({ visit: time('visit'), row: time('row'), exact: time('exact') })
  const known = each((record) => Math.min(...aheads.map((ahead) => timeOf(record, ahead))))
  const chained = each((record) => timeOf(record, 0))
  // a set so small that every vector is read has no walk and no floor
  const walked = counts.visit > 0 ? 1 : Number.NaN
  const sum = (time: Record<Kind, number>) => walked * kinds.reduce((micros, record) => micros + counts[record] * time[record], 0)
  return {
    keys,
    counts,
    bytes,
    known,
    chained,
    batch: median(times.batch),
    single: median(times.single),
    again: median(times.again),
    floor: sum(known),
    chain: sum(chained),
  }
}

/** Median microseconds of a call; each question is asked three times in a row, of which the first and the last are timed. */
function callOneByOne(index: AnnIndex, total: number, query: (at: number) => Float32Array, order: { k: number; ef: number }) {
  const [firsts, lasts] = [new Float64Array(total), new Float64Array(total)]
  for (let at = 0; at < total; at++) {
    const asked = query(at)
    const start = performance.now()
    index.search(asked, order)
    const first = performance.now()
    index.search(asked, order)
    const second = performance.now()
    index.search(asked, order)
    firsts[at] = (first - start) * 1000
    lasts[at] = (performance.now() - second) * 1000
  }
  return { single: median(firsts), again: median(lasts) }
}

function meanCounts(searches: SearchCounts[], blocks: boolean): Record<Kind, number> {
  const mean = (of: (counts: SearchCounts) => number) => searches.reduce((sum, counts) => sum + of(counts), 0) / searches.length
  // with blocks a visit reads its own row
  const rows = blocks ? mean(({ scored, visits }) => scored - visits) : mean(({ scored }) => scored)
  return { visit: mean(({ visits }) => visits), row: rows, exact: mean(({ exact }) => exact) }
}
