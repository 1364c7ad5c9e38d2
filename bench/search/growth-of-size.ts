/**
 * One size of the growth bench, in a process of its own: writes the vectors, builds, opens, searches, deletes; a JSON line.
 *
 *     growth-of-size.ts INPUT   (JSON: GrowthOrder)
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AnnIndex, buildIndex, IMAGE_FILE, INDEX_FILE, VECTORS_FILE } from '../../server/engine/ann-index'
import { median, spread } from '../measure/quantiles'
import { type Row, say } from '../measure/report'
import type { Graph } from './contender'
import { wordVectors } from './data'
import { type Neighbourhood, writeDerivedWords } from './derived-words'
import { buildEngine, type EngineOrder, type ServingEngine, serveEngine } from './engine-process'
import { engineKinds, scriptOf } from './engines'
import { exactTruth } from './truth'
import type { VectorFiles } from './vector-files'

export interface GrowthOrder {
  /** For all files; what stands there stays for the next size. */
  folder: string
  size: number
  graph: Graph
  efs: number[]
  rounds: number
  opens: number
  smoke: boolean
}
export type SizeMeasured = { searching: Row[]; holding: Row; openSeconds: number } | { missing: string }

const k = 10
const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20)

const order = JSON.parse(Bun.argv[2]) as GrowthOrder
process.stdout.write(`${JSON.stringify(await measure(order))}\n`)

async function measure({ folder, size, graph, efs, rounds, opens, smoke }: GrowthOrder): Promise<SizeMeasured> {
  const words = wordVectors(smoke ? { rowsMax: 1_000, queriesMax: 50 } : { rowsMax: 2 ** 31, queriesMax: 1_000 })
  if ('missing' in words) return words
  say(`${size} vectors …`)
  const files = await writeDerivedWords(folder, words, size, nearestWords(words.dimensions, join(folder, 'real')))
  const [own] = engineKinds
  const command = [process.execPath, scriptOf(own), own.library]
  const { basePath, queriesPath, dimensions, count, name } = files
  const path = join(folder, `index-${count}`)
  const asEngine: EngineOrder = { kind: own.kind, degree: 0, bits: 0, ...graph, basePath, queriesPath, dimensions, count, path }
  say(`${name}: building …`)
  const built = await buildEngine(command, asEngine)
  say(`${name}: built in ${Math.round(built.buildSeconds)} s; exact answers …`)
  const truth = await exactTruth(files, folder, 'words', () => openIndex(path, files))
  const openings: number[] = []
  let engine: ServingEngine | null = null
  for (let turn = 0; turn <= opens; turn++) {
    await engine?.close()
    engine = await serveEngine(command, asEngine)
    // the first one warms the page cache
    if (turn > 0) openings.push(engine.openSeconds)
  }
  const serving = engine as ServingEngine
  const searching: Row[] = []
  let resident = 0
  for (const ef of efs) {
    say(`${name}: ef ${ef}`)
    const asked = { k, ef, way: 'single', threads: 1 } as const
    const { keys } = await serving.search(asked)
    const passes = []
    for (let round = 0; round < rounds; round++) passes.push(await serving.search(asked))
    const { p50, p99 } = spread(passes.flatMap(({ micros }) => [...(micros as Float64Array)]))
    const micros = median(passes.map(({ cpuMicros }) => cpuMicros / files.queryCount))
    resident = Math.max(resident, ...passes.map(({ memory }) => memory.resident - serving.empty.resident))
    searching.push({ vectors: count, ef, 'recall@10': fixed(truth.recall(keys, k), 4), 'p50 µs': fixed(p50, 1), 'p99 µs': fixed(p99, 1), 'qps of cpu': Math.round(1e6 / micros) }) // biome-ignore format: one row of the table
  }
  await serving.close()
  const openSeconds = fixed(median(openings), 3)
  const holding: Row = {
    vectors: count,
    of: files.origin,
    'build s': fixed(built.buildSeconds, 1),
    'build cpu s': fixed(built.cpuSeconds ?? Number.NaN, 1),
    'build peak MiB': mebibytes(built.peakBytes),
    'held MiB': mebibytes(built.heldBytes ?? Number.NaN),
    'image bytes a vector': Math.round(sizeOf(join(path, IMAGE_FILE)) / count),
    'all files': Math.round((sizeOf(path) + sizeOf(basePath)) / count),
    'resident MiB': mebibytes(resident),
    'resident bytes a vector': Math.round(resident / count),
    'open s, warm': openSeconds,
  }
  for (const done of [path, basePath]) rmSync(done, { recursive: true, force: true })
  return { searching, holding, openSeconds }
}

/** From an index of its own, since the graph that is measured must not know the answer; kept for the next size. */
function nearestWords(dimensions: number, directory: string): Neighbourhood {
  let opened: Promise<AnnIndex> | null = null
  const open = async (words: Float32Array) => {
    const count = words.length / dimensions
    if (!existsSync(join(directory, IMAGE_FILE))) {
      mkdirSync(directory, { recursive: true })
      // near enough: which of the nearest a row is derived from does not matter
      await buildIndex(words, { dimensions, directory, connectivity: 8, expansionAdd: 24 })
    }
    return openIndex(directory, { basePath: join(directory, VECTORS_FILE), dimensions, count })
  }
  return async (words, rows, width) => {
    opened ??= open(words)
    const index = await opened
    return (await index.searchBatch(rows, { k: width, ef: 64, threads: 2 })).keys
  }
}

function openIndex(path: string, { basePath, dimensions, count }: Pick<VectorFiles, 'basePath' | 'dimensions' | 'count'>): AnnIndex {
  return AnnIndex.open({ imagePath: join(path, IMAGE_FILE), indexPath: join(path, INDEX_FILE), vectorsPath: basePath, dimensions, count })
}

/** Of a file, or of all files of a folder. */
function sizeOf(path: string): number {
  if (!existsSync(path)) return 0
  if (statSync(path).isFile()) return statSync(path).size
  return readdirSync(path).reduce((sum, file) => sum + statSync(join(path, file)).size, 0)
}

function fixed(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
