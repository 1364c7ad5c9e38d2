/** What every engine of the search bench can do, and those that live in this process. */
import { join } from 'node:path'
import usearch from 'usearch'
import { AnnIndex, buildIndex, INDEX_FILE, VECTORS_FILE } from '../../server/engine/ann-index'
import type { VectorData } from './data'

export interface GraphParameters {
  connectivity: number
  expansionAdd: number
  threads: number
}
export interface Answers {
  /** queries × k; rows of the base. */
  keys: Uint32Array
  /** Wall time of each query. */
  micros: Float64Array
  /** Processor time of all queries of this pass, of this thread's work. */
  cpuMicros: number
}
export interface Contender {
  name: string
  buildSeconds: number
  /** One query after the other, one thread. */
  search(k: number, ef: number): Promise<Answers>
  close(): void
}

/** Asks one query after the other and takes both times. */
function pass(data: VectorData, k: number, ask: (query: Float32Array) => ArrayLike<number | bigint>): Answers {
  const count = data.queries.length / data.dimensions
  const keys = new Uint32Array(count * k)
  const micros = new Float64Array(count)
  const cpu = process.cpuUsage()
  for (let at = 0; at < count; at++) {
    const query = data.queries.subarray(at * data.dimensions, (at + 1) * data.dimensions)
    const start = performance.now()
    const found = ask(query)
    micros[at] = (performance.now() - start) * 1000
    for (let i = 0; i < k; i++) keys[at * k + i] = Number(found[i])
  }
  const { user, system } = process.cpuUsage(cpu)
  return { keys, micros, cpuMicros: user + system }
}

export async function routewright(data: VectorData, folder: string, graph: GraphParameters): Promise<Contender & { index: AnnIndex }> {
  const { dimensions } = data
  const built = await buildIndex(data.base, { dimensions, directory: folder, ...graph })
  const files = { indexPath: join(folder, INDEX_FILE), vectorsPath: join(folder, VECTORS_FILE) }
  const index = AnnIndex.open({ ...files, dimensions, count: data.base.length / dimensions })
  return {
    name: 'routewright',
    index,
    buildSeconds: built.seconds,
    search: async (k, ef) => pass(data, k, (query) => index.search(query, { k, ef }).keys),
    close: () => index.retire(),
  }
}

/** The npm package as published. Its expansion is fixed when an index is made: one is opened for each ef from one file. */
export async function plainUsearch(data: VectorData, folder: string, graph: GraphParameters, kind: 'f32' | 'bf16'): Promise<Contender> {
  const options = (ef: number) => ({
    dimensions: data.dimensions,
    metric: usearch.MetricKind.IP,
    quantization: kind === 'f32' ? usearch.ScalarKind.F32 : usearch.ScalarKind.BF16,
    connectivity: graph.connectivity,
    expansion_add: graph.expansionAdd,
    expansion_search: ef,
    multi: false,
  })
  const file = join(folder, `plain-${kind}.usearch`)
  const start = performance.now()
  const built = new usearch.Index(options(64))
  const keys = BigUint64Array.from({ length: data.base.length / data.dimensions }, (_, key) => BigInt(key))
  built.add(keys, data.base, graph.threads)
  const buildSeconds = (performance.now() - start) / 1000
  built.save(file)
  let opened: { ef: number; index: InstanceType<typeof usearch.Index> } | null = null
  return {
    name: `usearch ${kind}`,
    buildSeconds,
    search: async (k, ef) => {
      if (opened?.ef !== ef) {
        opened = { ef, index: new usearch.Index(options(ef)) }
        opened.index.load(file)
      }
      const { index } = opened
      return pass(data, k, (query) => index.search(query, k, 1).keys)
    },
    close: () => {
      opened = null
    },
  }
}
