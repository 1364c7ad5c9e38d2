/**
 * How fast and how right is the vector search, beside the fastest open engines? Every engine in a process of its own, one thread;
 * they take turns at each ef, round after round, so that all meet the same machine.
 *
 *     bun bench/search.ts [--smoke] [--json] [--data fashion,words,text,text1536,sample] [--version FOLDER | --items N] [--peers all|none|ID,…]
 *         [--k 10,50] [--ef 10,16,…] [--rounds 5] [--queries 1000] [--rows N] [--connectivity 16] [--expansion 128; text1536 64]
 *         [--keep FOLDER [--build-only] [--rebuild ID,…]]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AnnIndex, IMAGE_FILE, INDEX_FILE } from '../server/engine/ann-index'
import { engineRuntime } from '../server/engine/cpu'
import { type BudgetName, judge } from './measure/budgets'
import { beginReport, printReport, type Row, type Section, say } from './measure/report'
import { wholeNumbers } from './measure/values'
import { type Contender, prepare } from './search/contender'
import { type CurvePoint, measurePoints } from './search/curve'
import { dataVersions } from './search/data'
import type { Memory, Way } from './search/engine-process'
import { chosenEngines, type EngineKind } from './search/engines'
import { dataSources, type Sources, vectorsOf, withSources } from './search/sets'
import { graphOptions, searchOptions, searchSettings } from './search/settings'
import { costRows, curveRows, equalRows, factorsAt, memoryFactorAt, memoryRows, own } from './search/tables'
import { exactTruth, type Truth } from './search/truth'
import { twoThreads } from './search/two-threads'
import type { VectorFiles } from './search/vector-files'

const { values } = parseArgs({
  options: {
    ...searchOptions,
    ...graphOptions,
    peers: { type: 'string' },
    k: { type: 'string', default: '10,50' },
    'build-only': { type: 'boolean', default: false },
  },
})
const { smoke, json, rounds, queriesMax, rowsMax } = searchSettings(values, { queries: [1_000, 50], rows: [2 ** 31, 3_000] })
const kinds = chosenEngines((values.peers ?? (smoke ? 'usearch,symqg-32,routewright-int8' : 'all')).split(','))
/** The promise on wide text names a narrower build. */
const expansionOf = (set: string): number => Number(values.expansion ?? (set === 'text1536' ? 64 : 128))
const ks = wholeNumbers('k', values.k)
const efs = wholeNumbers('ef', values.ef ?? (smoke ? '16,64' : '10,16,24,32,48,64,96,128,192,256,384,512,768'))
const addonFile = join(import.meta.dir, '../native/addon/routewright.node')
const recallTargets = [0.9, 0.95, 0.98, 0.99]
/** Sets that a promise names, and the recall at which it holds; others are looked at where they reach .99. */
const targets: Record<string, number> = { fashion: 0.99, words: 0.98, text1536: 0.98 }
/** The peers whose calls cost least: they and we are shown in both ways. */
const bothWays = ({ library }: EngineKind) => library === own || library === 'rabitqlib'

const head = beginReport('search', 'How fast and how right is the vector search, beside the fastest open engines?')
const notes = [
  'ef_construction of rabitqlib and of degree 64: 200, as they advise; hnswlib is compiled here with -march=native; usearch is its npm package',
  `arithmetic ${engineRuntime().kernels}; ${dataVersions()}`,
  'qps of cpu: by processor time of the whole process, on one thread; factors are by it, between the better ways of calling of each engine',
  'calls: batch where one call takes all queries, single where each query is a call; p50 to p99 are wall time of single calls',
  'recall counts a vector that scores as the last right one as right; between measured points the tables at equal recall are linear',
  'two threads: batches at the narrowest breadth that reaches .99 (words and wide text .98), or the widest',
  'memory: resident above the process before it opened the index, mapped files included; searched: after all passes; anonymous: what no other process shares',
  ...kinds.flatMap(({ name, packages }) => (packages ? [`${name}: ${packages.filter((text) => !text.startsWith('--')).join(', ')}, called from Python`] : [])), // biome-ignore format: one expression
]
const sections: Section[] = []
const kept: Partial<Record<BudgetName, number>> = {}
const promise = (name: BudgetName, value: number, worse: (a: number, b: number) => number = Math.min) => {
  if (!Number.isNaN(value)) kept[name] = Number(worse(value, kept[name] ?? value).toFixed(2))
}
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'routewright-bench-search-'))
try {
  const sets = (values.data ?? (smoke ? 'fashion,text1536,sample' : Object.keys(dataSources()).join(','))).split(',')
  await withSources({ ...values, folder, sets }, async (sources) => {
    for (const set of sets) await compare(set, sources)
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

async function compare(set: string, sources: Sources): Promise<void> {
  const files = vectorsOf(set, sources, { folder, rowsMax, queriesMax })
  if ('missing' in files) return void notes.push(`SKIPPED ${files.missing}`)
  const graph = { connectivity: Number(values.connectivity), expansionAdd: expansionOf(set), threads: 2 }
  notes.push(`${files.name}: ${files.origin}; m ${graph.connectivity}, ef_construction ${graph.expansionAdd}`)
  const contenders: Contender[] = []
  try {
    const rebuilt = values.rebuild.split(',')
    for (const kind of kinds) {
      const rebuild = rebuilt.includes(kind.id) || rebuilt.includes(kind.library)
      const prepared = await prepare(kind, files, { folder, set, graph, make: !smoke, rebuild })
      if ('missing' in prepared) notes.push(`SKIPPED ${set}: ${prepared.missing}`)
      else contenders.push(prepared)
      if (!('missing' in prepared) && kind.library === own && isOlder(`${prepared.path}.built.json`, addonFile))
        notes.push(`OLD ${set}: the index of ${kind.name} was built before the addon; --rebuild ${kind.id} builds it anew`)
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

function isOlder(path: string, than: string): boolean {
  return statSync(path).mtimeMs < statSync(than).mtimeMs
}

function openOwn({ basePath, dimensions, count }: VectorFiles, path: string): AnnIndex {
  return AnnIndex.open({ imagePath: join(path, IMAGE_FILE), indexPath: join(path, INDEX_FILE), vectorsPath: basePath, dimensions, count })
}

async function measure(set: string, files: VectorFiles, contenders: Contender[], truth: Truth): Promise<void> {
  const after = new Map<string, Memory>()
  const doubled: Row[] = []
  const target = targets[set] ?? 0.99
  for (const k of ks) {
    const ways = new Map<string, Way[]>(kinds.filter(bothWays).map(({ id }) => [id, ['single', 'batch']]))
    const points: CurvePoint[] = []
    // no engine looks at fewer than it must find
    for (const ef of new Set(efs.map((ef) => Math.max(ef, k)))) {
      say(`${files.name}: recall@${k}, ef ${ef}`)
      points.push(...(await measurePoints(contenders, { k, ef, rounds, truth, ways })))
    }
    const order = contenders.map(({ id }) => id)
    points.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id) || a.way.localeCompare(b.way) || a.ef - b.ef)
    sections.push({ title: `${files.name}: recall@${k}`, rows: curveRows(points) })
    sections.push({ title: `${files.name}: qps of cpu at equal recall@${k}`, rows: equalRows(points, recallTargets) })
    sections.push({ title: `${files.name}: resident MiB at equal recall@${k}`, rows: memoryRows(points, recallTargets) })
    const ours = points.filter(({ id }) => id === own)
    const reached = ours.filter(({ recall }) => recall >= target).sort((a, b) => a.ef - b.ef)
    const both = await twoThreads(contenders[0], { k, ef: (reached[0] ?? ours.at(-1)).ef, rounds })
    if (both) doubled.push(both.row)
    if (k !== 10) continue
    promise('search, resident memory times SymphonyQG at equal recall', memoryFactorAt(points, target), Math.max)
    if (set === 'text1536') promise('wide text, p50 ms at equal recall', p50At(reached), Math.max)
    if (targets[set] === undefined || set === 'text1536') continue
    const { overFastest, overUsearch } = factorsAt(points, target)
    promise('search, times the fastest peer at equal recall', overFastest)
    promise('search, times plain usearch f32 at equal recall', overUsearch)
    if (both) promise('search, two threads times one', both.times)
  }
  sections.push({ title: `${files.name}: two threads beside one`, rows: doubled })
  for (const contender of contenders) {
    const last = await contender.search({ k: ks[0], ef: efs.at(-1) as number, way: 'single', threads: 1 })
    after.set(contender.id, last.memory)
  }
  sections.push({ title: `${files.name}: build on 2 threads, and memory`, rows: costRows(contenders, after, files.count) })
}

/** Milliseconds of a call at the narrowest breadth that reached the recall. */
function p50At(reached: CurvePoint[]): number {
  const calls = reached.find(({ way }) => way === 'single')
  return calls ? calls.quantiles.p50 / 1000 : Number.POSITIVE_INFINITY
}
