/**
 * How fast and how right is the vector search, beside the fastest open engines? Every engine in a process of its own, one thread;
 * they take turns at each ef, round after round, so that all meet the same machine.
 *
 *     bun bench/search.ts [--smoke] [--json] [--data fashion,words,text,text1536,sample] [--version FOLDER | --items N] [--peers all|none|ID,…]
 *         [--k 10,50] [--ef 10,16,…] [--rounds 5] [--queries 1000] [--rows N] [--connectivity 16] [--expansion 128]
 *         [--keep FOLDER [--build-only] [--rebuild ID,…]]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AnnIndex, IMAGE_FILE, INDEX_FILE } from '../server/engine/ann-index'
import { engineRuntime } from '../server/engine/cpu'
import { type BudgetName, judge } from './measure/budgets'
import { beginReport, printReport, type Section, say } from './measure/report'
import { wholeNumbers } from './measure/values'
import { type Contender, prepare } from './search/contender'
import { type CurvePoint, measurePoints } from './search/curve'
import { type DataSource, dataVersions, fashionMnist, wordVectors } from './search/data'
import type { Memory, Way } from './search/engine-process'
import { chosenEngines, type EngineKind } from './search/engines'
import { itemVectors, withTrainedItems } from './search/item-vectors'
import { costRows, curveRows, equalRows, factorsAt, own } from './search/tables'
import { textVectors, wideTextVectors } from './search/text-vectors'
import { exactTruth, type Truth } from './search/truth'
import { twoThreads } from './search/two-threads'
import { readVectorFiles, type VectorFiles, writeVectors } from './search/vector-files'

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    data: { type: 'string' },
    version: { type: 'string' },
    items: { type: 'string' },
    peers: { type: 'string' },
    k: { type: 'string', default: '10,50' },
    ef: { type: 'string' },
    rounds: { type: 'string' },
    queries: { type: 'string' },
    rows: { type: 'string' },
    connectivity: { type: 'string', default: '16' },
    expansion: { type: 'string', default: '128' },
    keep: { type: 'string' },
    'build-only': { type: 'boolean', default: false },
    rebuild: { type: 'string', default: '' },
  },
})
const { smoke, json } = values
const rounds = Number(values.rounds ?? (smoke ? 1 : 5))
const queriesMax = Number(values.queries ?? (smoke ? 50 : 1_000))
const rowsMax = Number(values.rows ?? (smoke ? 3_000 : 2 ** 31))
const kinds = chosenEngines((values.peers ?? (smoke ? 'usearch,symqg-32' : 'all')).split(','))
const graph = { connectivity: Number(values.connectivity), expansionAdd: Number(values.expansion), threads: 2 }
const ks = wholeNumbers('k', values.k)
const efs = wholeNumbers('ef', values.ef ?? (smoke ? '16,64' : '10,16,24,32,48,64,96,128,192,256,384,512,768'))
const recallTargets = [0.9, 0.95, 0.98, 0.99]
const sources: Record<string, DataSource> = {
  fashion: fashionMnist,
  words: wordVectors,
  text: textVectors,
  text1536: wideTextVectors,
  sample: itemVectors(values.version),
}
/** Sets that a promise names, and the recall at which it holds. */
const promised: Record<string, number> = { fashion: 0.99, words: 0.98 }
/** The peers whose calls cost least: they and we are shown in both ways. */
const bothWays = ({ id, library }: EngineKind) => id === own || library === 'rabitqlib'

const head = beginReport('search', 'How fast and how right is the vector search, beside the fastest open engines?')
const notes = [
  `m ${graph.connectivity}, ef_construction ${graph.expansionAdd} (rabitqlib and degree 64: 200); arithmetic ${engineRuntime().kernels}; ${dataVersions()}`,
  'qps of cpu: by processor time of the whole process, on one thread; factors are by it, between the better ways of calling of each engine',
  'calls: batch where one call takes all queries, single where each query is a call; p50 to p99 are wall time of single calls',
  'recall counts a vector that scores as the last right one as right; between measured points the tables at equal recall are linear',
  'memory: resident above the process before it opened the index, mapped files included; searched: after all passes; anonymous: what no other process shares',
  ...kinds.flatMap(({ name, packages }) => (packages ? [`${name}: ${packages.filter((text) => !text.startsWith('--')).join(', ')}, called from Python`] : [])), // biome-ignore format: one expression
]
const sections: Section[] = []
const kept: Partial<Record<BudgetName, number>> = {}
const promise = (name: BudgetName, value: number) => {
  if (Number.isFinite(value)) kept[name] = Number(Math.min(value, kept[name] ?? value).toFixed(2))
}
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'routewright-bench-search-'))
try {
  const sets = (values.data ?? (smoke ? 'fashion,text1536,sample' : Object.keys(sources).join(','))).split(',')
  const items = Number(values.items ?? (smoke ? 1_500 : 0))
  const mustTrain = sets.includes('sample') && values.version === undefined && items > 0 && readVectorFiles(folder, 'sample') === null
  const compareAll = async () => {
    for (const set of sets) await compare(set)
  }
  if (!mustTrain) await compareAll()
  else
    await withTrainedItems(items, { smoke }, (directory) => {
      sources.sample = itemVectors(directory)
      return compareAll()
    })
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true })
}
if (Object.keys(kept).length > 0 && !smoke) sections.push({ title: 'Promises', rows: judge(kept, { smoke }) })
if (smoke) notes.push('smoke: no figure of such a run means anything')
for (const note of notes.filter((note) => note.startsWith('SKIPPED'))) say(note)
printReport(
  {
    ...head,
    data: 'real vectors of norm 1, compared by cosine; queries are not in the base',
    warmUp: 'one pass of every engine in every way at every ef',
    repetitions: `${rounds} rounds of ${queriesMax} queries; qps is the median round, quantiles are over all`,
    sections,
    notes,
  },
  { json },
)

async function compare(set: string): Promise<void> {
  const files = vectorsOf(set)
  if ('missing' in files) return void notes.push(`SKIPPED ${files.missing}`)
  notes.push(`${files.name}: ${files.origin}`)
  const contenders: Contender[] = []
  try {
    const rebuilt = values.rebuild.split(',')
    for (const kind of kinds) {
      const rebuild = rebuilt.includes(kind.id) || rebuilt.includes(kind.library)
      const prepared = await prepare(kind, files, { folder, set, graph, make: !smoke, rebuild })
      if ('missing' in prepared) notes.push(`SKIPPED ${set}: ${prepared.missing}`)
      else contenders.push(prepared)
    }
    if (contenders[0]?.id !== own) throw new Error(notes.filter((note) => note.startsWith('SKIPPED')).at(-1))
    const truth = await exactTruth(files, folder, set, () => openOwn(files, contenders[0].path))
    if (values['build-only'])
      sections.push({ title: `${files.name}: build on 2 threads`, rows: costRows(contenders, new Map(), files.count) })
    else await measure(set, files, contenders, truth)
  } finally {
    for (const contender of contenders) await contender.close()
  }
}

function openOwn({ basePath, dimensions, count }: VectorFiles, path: string): AnnIndex {
  return AnnIndex.open({ imagePath: join(path, IMAGE_FILE), indexPath: join(path, INDEX_FILE), vectorsPath: basePath, dimensions, count })
}

/** From a former run, where it kept the same number of them. */
function vectorsOf(set: string): VectorFiles | { missing: string } {
  const source = sources[set]
  if (source === undefined) return { missing: `${set}: no such data; there are ${Object.keys(sources).join(', ')}` }
  const former = readVectorFiles(folder, set)
  if (former !== null && former.queryCount === queriesMax && former.count <= rowsMax) return former
  const data = source({ rowsMax, queriesMax })
  return 'missing' in data ? data : writeVectors(folder, set, data)
}

async function measure(set: string, files: VectorFiles, contenders: Contender[], truth: Truth): Promise<void> {
  const after = new Map<string, Memory>()
  for (const k of ks) {
    const ways = new Map<string, Way[]>(kinds.filter(bothWays).map(({ id }) => [id, ['single', 'batch']]))
    const points: CurvePoint[] = []
    for (const ef of efs.filter((ef) => ef >= k)) {
      say(`${files.name}: recall@${k}, ef ${ef}`)
      points.push(...(await measurePoints(contenders, { k, ef, rounds, truth, ways })))
    }
    const order = contenders.map(({ id }) => id)
    points.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id) || a.way.localeCompare(b.way) || a.ef - b.ef)
    sections.push({ title: `${files.name}: recall@${k}`, rows: curveRows(points) })
    sections.push({ title: `${files.name}: qps of cpu at equal recall@${k}`, rows: equalRows(points, recallTargets) })
    if (k !== 10 || promised[set] === undefined) continue
    const { overFastest, overUsearch } = factorsAt(points, promised[set])
    promise('search, times the fastest peer at equal recall', overFastest)
    promise('search, times plain usearch f32 at equal recall', overUsearch)
    const wide = points.filter(({ id, recall }) => id === own && recall >= promised[set]).sort((a, b) => a.ef - b.ef)[0]
    const both = wide && (await twoThreads(contenders[0], { k, ef: wide.ef, rounds }))
    if (both) sections.push({ title: `${files.name}: two threads`, rows: [both.row] })
    if (both) promise('search, two threads times one', both.times)
  }
  for (const contender of contenders) {
    const last = await contender.search({ k: ks[0], ef: efs.at(-1) as number, way: 'single', threads: 1 })
    after.set(contender.id, last.memory)
  }
  sections.push({ title: `${files.name}: build on 2 threads, and memory`, rows: costRows(contenders, after, files.count) })
}
