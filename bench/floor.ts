/**
 * How far is a search above its floor, the time that reading and scoring alone takes? And what does it read, beside SymphonyQG?
 *
 *     bun bench/floor.ts [--smoke] [--json] [--data fashion,words,text,text1536,sample] [--version FOLDER | --items N] [--peer symqg-32|none]
 *         [--engine routewright|routewright-int8] [--ef 16,24,…] [--rounds 5] [--queries 1000] [--rows N] [--connectivity 16]
 *         [--expansion 128] [--keep FOLDER [--rebuild ID,…]]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AnnIndex, IMAGE_FILE, INDEX_FILE } from '../server/engine/ann-index'
import { engineRuntime } from '../server/engine/cpu'
import { type BudgetName, judge } from './measure/budgets'
import { median } from './measure/quantiles'
import { beginReport, printReport, type Row, type Section, say } from './measure/report'
import { wholeNumbers } from './measure/values'
import { type Contender, prepare } from './search/contender'
import { chosenEngines } from './search/engines'
import { readRow, recordRows, timesRow } from './search/floor-rows'
import { measureFloor } from './search/search-floor'
import { type Sources, vectorsOf, withSources } from './search/sets'
import { graphOptions, searchOptions, searchSettings } from './search/settings'
import { exactTruth, type Truth } from './search/truth'
import { readF32, type VectorFiles } from './search/vector-files'

const { values } = parseArgs({
  options: {
    ...searchOptions,
    ...graphOptions,
    peer: { type: 'string' },
    engine: { type: 'string', default: 'routewright' },
  },
})
const k = 10
const { smoke, json, rounds, queriesMax, rowsMax } = searchSettings(values, { queries: [1_000, 50], rows: [2 ** 31, 10_000] })
const efs = wholeNumbers('ef', values.ef ?? (smoke ? '16,64' : '16,24,32,48,64,96,128,192,256,384,512,768,1024,1536'))
const graph = { connectivity: Number(values.connectivity), expansionAdd: Number(values.expansion ?? 128), threads: 2 }
/** The recall at which a set is looked at, and the promise that is held there. */
const targets: Record<string, { recall: number; budget?: BudgetName }> = {
  fashion: { recall: 0.99, budget: 'search times its floor, fashion-mnist' },
  words: { recall: 0.98, budget: 'search times its floor, GloVe' },
}

const head = beginReport('floor', 'How far is a search above its floor: the time that reading and scoring alone takes?')
const sections: Section[] = []
const notes: string[] = []
const kept: Partial<Record<BudgetName, number>> = {}
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'routewright-bench-floor-'))
try {
  const sets = (values.data ?? (smoke ? 'fashion' : 'fashion,words')).split(',')
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
    warmUp: 'one round, after all exact vectors were read once',
    repetitions: `${rounds} rounds of ${queriesMax} queries and of 8,192 visits, 65,536 rows and 8,192 exact vectors in each way, turn by turn on one thread; medians`,
    sections,
    notes: [
      `k ${k}, m ${graph.connectivity}, ef_construction ${graph.expansionAdd}; arithmetic ${engineRuntime().kernels}`,
      'floor: number of records × time to read and score one at a random place of the same image by the same arithmetic, its place known 1 to 8 groups before (the fastest counts); chain: each place known only when the record before it was read',
      'a visit: links, codes and block of a slot; rows: codes that are scored without a visit, where a walk begins, or of every neighbour where the image has no blocks; exact: f32 vectors of the re-rank. In a search, and not in the floor: coding and projecting the query, the list of candidates',
      'search: processor time a query, all in one call; one call: median of calls with one query; again: the same question, just asked twice, so that all it reads is near; records: median of turns of wall time',
      'GB/s: bytes a search ÷ its time. SymphonyQG: bytes a visit are those of its file for each vector; visits are as many as its list is long, at least: those that fell out of the list come on top, places that one vector takes twice are not read twice',
      ...notes,
    ],
  },
  { json },
)

async function compare(set: string, sources: Sources): Promise<void> {
  const files = vectorsOf(set, sources, { folder, rowsMax, queriesMax })
  if ('missing' in files) return void notes.push(`SKIPPED ${files.missing}`)
  notes.push(`${files.name}: ${files.origin}`)
  const ids = [values.engine, values.peer ?? (smoke ? 'none' : 'symqg-32')]
  const contenders: Contender[] = []
  const { basePath, dimensions, count } = files
  try {
    for (const kind of ids.filter((id) => id !== 'none').flatMap((id) => chosenEngines([id]).filter((kind) => kind.id === id))) {
      const prepared = await prepare(kind, files, {
        folder,
        set,
        graph,
        make: !smoke,
        rebuild: values.rebuild.split(',').includes(kind.id),
      })
      if ('missing' in prepared) notes.push(`SKIPPED ${set}: ${prepared.missing}`)
      else contenders.push(prepared)
    }
    const [own, peer] = contenders
    if (own?.id !== values.engine) throw new Error(notes.at(-1))
    await own.close()
    const index = AnnIndex.open({ imagePath: join(own.path, IMAGE_FILE), indexPath: join(own.path, INDEX_FILE), vectorsPath: basePath, dimensions, count }) // biome-ignore format: one call
    const truth = await exactTruth(files, folder, set, () => index)
    const queries = readF32(files.queriesPath)
    // maps every exact vector: the first touch of a page is not the search's business
    await index.exactBatch(queries.subarray(0, dimensions), { k: 1 })
    const target = targets[set] ?? { recall: 0.99 }
    const rows = await ours(files, index, queries, truth, target)
    if (peer) rows.push(await theirs(files, peer, truth, target.recall))
    sections.push({ title: `${files.name}: what a search reads at recall@${k} ≥ ${target.recall}, or at the highest`, rows })
    index.retire()
  } finally {
    for (const contender of contenders) await contender.close()
  }
}

/** The first breadth that reaches the recall, or the last one. */
async function ours(files: VectorFiles, index: AnnIndex, queries: Float32Array, truth: Truth, target: (typeof targets)[string]) {
  let [ef, recall] = [0, 0]
  for (ef of efs) {
    recall = truth.recall((await index.searchBatch(queries, { k, ef, threads: 2 })).keys, k)
    if (recall >= target.recall) break
  }
  say(`${files.name}: ef ${ef}`)
  const blocks = values.engine === 'routewright'
  const measured = await measureFloor(index, queries, { k, ef, rounds, blocks })
  sections.push({ title: `${files.name}: search and floor, ef ${ef}`, rows: [timesRow(measured, recall)] })
  sections.push({ title: `${files.name}: records at random places`, rows: recordRows(measured) })
  if (target.budget && blocks) kept[target.budget] = Number((measured.batch / measured.floor).toFixed(2))
  return [readRow(values.engine, { ef, recall, micros: measured.batch }, measured)]
}

async function theirs(files: VectorFiles, peer: Contender, truth: Truth, target: number): Promise<Row> {
  const search = (ef: number) => peer.search({ k, ef, way: 'batch', threads: 1 })
  let [ef, recall] = [0, 0]
  for (ef of efs) {
    recall = truth.recall((await search(ef)).keys, k)
    if (recall >= target) break
  }
  const passes = []
  for (let round = 0; round < rounds; round++) passes.push((await search(ef)).cpuMicros / files.queryCount)
  const bytes = { visit: statSync(peer.path).size / files.count, row: 0, exact: 0 }
  return readRow(peer.name, { ef, recall, micros: median(passes) }, { counts: { visit: ef, row: 0, exact: 0 }, bytes })
}
