/**
 * What is found, and how fast, when a filter leaves only some of the vectors? Beside the exact scan of the same rows and faiss.
 *
 *     bun bench/filters.ts [--smoke] [--json] [--data words,fashion,text,text1536,sample] [--version FOLDER | --items N]
 *         [--shares 0.0001,0.001,…] [--ef 64,128] [--rounds 5] [--queries 200] [--rows N] [--keep FOLDER]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { engineRuntime } from '../server/engine/cpu'
import { judge } from './measure/budgets'
import { median, spread } from './measure/quantiles'
import { beginReport, printReport, type Row, type Section, say } from './measure/report'
import { wholeNumbers } from './measure/values'
import { type AllowedRows, filteredRecall, filterTruth, randomRows, regionRows, type Vectors } from './search/allowed-rows'
import { type Contender, prepare } from './search/contender'
import type { Pass, Way } from './search/engine-process'
import { chosenEngines } from './search/engines'
import { type Sources, vectorsOf, withSources } from './search/sets'
import { searchOptions, searchSettings } from './search/settings'
import { readF32, type VectorFiles } from './search/vector-files'

const { values } = parseArgs({
  options: {
    ...searchOptions,
    shares: { type: 'string' },
  },
})
const k = 10
const { smoke, json, rounds, queriesMax, rowsMax } = searchSettings(values, { queries: [200, 20], rows: [2 ** 31, 3_000] })
const shares = (values.shares ?? (smoke ? '0.01,0.5' : '0.0001,0.001,0.01,0.03,0.1,0.25,0.5,0.9,1')).split(',').map(Number)
if (!shares.every((share) => share > 0 && share <= 1)) throw new Error('--shares must be above 0 and at most 1')
const efs = wholeNumbers('ef', values.ef ?? '128')
const graph = { connectivity: 16, expansionAdd: 128, threads: 2 }

const head = beginReport('filters', 'What is found, and how fast, when a filter leaves only some of the vectors?')
const sections: Section[] = []
const notes: string[] = []
const recalls: number[] = []
const overExact: number[] = []
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'routewright-bench-filters-'))
try {
  const sets = (values.data ?? (smoke ? 'fashion' : 'words,fashion')).split(',')
  await withSources({ ...values, folder, sets }, async (sources) => {
    for (const set of sets) await compare(set, sources)
  })
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true })
}
const promises = {
  'filtered search, lowest recall@10': Math.min(...recalls),
  'filtered search, p50 times the exact scan': Math.max(...overExact),
}
if (recalls.length > 0 && !smoke) sections.push({ title: 'Promises', rows: judge(promises, { smoke }) })
if (smoke) notes.push('smoke: no figure of such a run means anything')
for (const note of notes.filter((note) => note.startsWith('SKIPPED'))) say(note)
printReport(
  {
    ...head,
    data: 'real vectors of norm 1; queries are not in the base',
    warmUp: 'one pass of every engine with every filter',
    repetitions: `${rounds} rounds of ${queriesMax} queries, one a call, turn by turn, one thread; quantiles are over all`,
    sections,
    notes: [
      `k ${k}, m ${graph.connectivity}, ef_construction ${graph.expansionAdd}; arithmetic ${engineRuntime().kernels}`,
      'random: rows drawn without regard to the query; region: the rows nearest to one of them, in which most queries do not lie',
      'recall against every allowed row scored in f64 by the bench; an answer outside of the filter ends the run',
      'faiss: HNSW with IDSelectorBitmap, called from Python; hnswlib is left out: its filter is a Python function called for every candidate',
      ...notes,
    ],
  },
  { json },
)

async function compare(set: string, sources: Sources): Promise<void> {
  const files = vectorsOf(set, sources, { folder, rowsMax, queriesMax }, fewerQueries)
  if ('missing' in files) return void notes.push(`SKIPPED ${files.missing}`)
  notes.push(`${files.name}: ${files.origin}`)
  const contenders: Contender[] = []
  try {
    for (const kind of chosenEngines(['faiss']).filter(({ id }) => id === 'routewright' || id === 'faiss')) {
      const prepared = await prepare(kind, files, { folder, set, graph, make: !smoke, rebuild: false })
      if ('missing' in prepared) notes.push(`SKIPPED ${set}: ${prepared.missing}`)
      else contenders.push(prepared)
    }
    const own = contenders.find(({ id }) => id === 'routewright')
    if (own === undefined) throw new Error(notes.at(-1))
    const base = readF32(files.basePath)
    const vectors = { base, queries: readF32(files.queriesPath), dimensions: files.dimensions }
    const rows: Row[] = []
    for (const share of shares) {
      rows.push(...(await measure(randomRows(files.count, share), vectors, own, contenders)))
      if (share < 1) rows.push(...(await measure(regionRows(base, files.dimensions, share), vectors, own, contenders)))
    }
    sections.push({ title: `${files.name}: recall@${k} under filters`, rows })
  } finally {
    for (const contender of contenders) await contender.close()
  }
}

/** The index of the search bench serves, and of its queries as many as wanted, spread over all. */
function fewerQueries(files: VectorFiles): VectorFiles {
  const { queriesPath, queryCount, dimensions } = files
  const all = readF32(queriesPath)
  const some = new Float32Array(queriesMax * dimensions)
  for (let at = 0; at < queriesMax; at++) {
    const from = Math.floor((at * queryCount) / queriesMax) * dimensions
    some.set(all.subarray(from, from + dimensions), at * dimensions)
  }
  const path = `${queriesPath}.${queriesMax}`
  writeFileSync(path, some)
  return { ...files, queriesPath: path, queryCount: queriesMax }
}

async function measure(allowed: AllowedRows, vectors: Vectors, own: Contender, contenders: Contender[]): Promise<Row[]> {
  const { kind, share, count, bits } = allowed
  say(`${kind} ${share * 100} %: ${count} rows`)
  const path = join(folder, 'allowed.bits')
  writeFileSync(path, bits)
  const truth = filterTruth(vectors, allowed, k)
  const runs = [
    { contender: own, way: 'exact' as Way, ef: 0, passes: [] as Pass[] },
    ...contenders.flatMap((contender) => efs.map((ef) => ({ contender, way: 'single' as Way, ef, passes: [] as Pass[] }))),
  ]
  for (let turn = 0; turn <= rounds; turn++) {
    for (const { contender, way, ef, passes } of runs) {
      const pass = await contender.search({ k, ef: Math.max(ef, k), way, threads: 1, allowed: path })
      if (turn > 0) passes.push(pass)
    }
  }
  let exactMicros = Number.NaN
  return runs.map(({ contender, way, ef, passes }) => {
    const { p50, p99 } = spread(passes.flatMap(({ micros }) => [...(micros as Float64Array)]))
    const micros = median(passes.map((pass) => pass.cpuMicros / truth.least.length))
    const recall = filteredRecall(vectors, allowed, truth, passes[0].keys)
    if (way === 'exact') {
      if (recall < 0.9999) throw new Error('the exact scan does not answer as every allowed vector scored in f64')
      exactMicros = p50
    } else if (contender === own) {
      recalls.push(fixed(recall, 4))
      overExact.push(fixed(p50 / exactMicros, 2))
    }
    return {
      filter: kind,
      '% allowed': share * 100,
      rows: count,
      engine: way === 'exact' ? `${contender.name}, exact scan` : `${contender.name}, ef ${ef}`,
      recall: fixed(recall, 4),
      'p50 µs': fixed(p50, 1),
      'p99 µs': fixed(p99, 1),
      'cpu µs': fixed(micros, 1),
      '% scanned': contender === own && way !== 'exact' ? fixed((100 * (passes[0].scanned ?? 0)) / truth.least.length, 1) : null,
      'times exact scan': fixed(p50 / exactMicros, 2),
    }
  })
}

function fixed(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
