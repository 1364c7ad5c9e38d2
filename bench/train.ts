/**
 * What does training cost, and how does the cost grow with the plant? Runs `routewright train` on sample plants of growing size,
 * each as a process of its own, the sizes in turn in every repetition. Each size is set against the one before it.
 *
 *     bun bench/train.ts [--items 5000,20000,80000] [--repetitions 1] [--against FILE] [--json] [--smoke]
 *
 * `--items 325000` for a plant of that size. `--against` takes the `--json` output of a former run on the same machine.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { judge } from './measure/budgets'
import { median } from './measure/quantiles'
import { beginReport, printReport, type Report, type Row, say } from './measure/report'
import { inWorkspace, removeTree, smokeNote, type Trained, trainOn, writeSamplePlant } from './measure/sample-plant'
import { finiteRatio, round, wholeNumbers } from './measure/values'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '5000,20000,80000' },
    repetitions: { type: 'string', default: '1' },
    against: { type: 'string' },
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
})
const sizes = values.smoke ? [500, 1_000] : wholeNumbers('items', values.items)
const [repetitions] = values.smoke ? [1] : wholeNumbers('repetitions', values.repetitions)

interface Run extends Trained {
  processSeconds: number
}

const head = beginReport('train', 'What does training cost, and how does the cost grow with the plant?')
await inWorkspace('train', async (workspace) => {
  const plants = new Map<number, { path: string; writeSeconds: number }>()
  for (const items of sizes) {
    say(`sample plant of ${items} items`)
    const { path, size } = await writeSamplePlant(workspace.folder, items)
    plants.set(items, { path, writeSeconds: size.seconds })
  }
  const runs = new Map<number, Run[]>(sizes.map((items) => [items, []]))
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const items of sizes) {
      say(`train on ${items} items, ${repetition + 1} of ${repetitions}`)
      const database = `${workspace.database}.${items}.${repetition}`
      const models = `${workspace.models}-${items}-${repetition}`
      const { answer, seconds } = await trainOn(plants.get(items)!.path, { models, database }, values)
      runs.get(items)?.push({ ...answer, processSeconds: seconds })
      // versions of a large plant are gigabytes; only the figures are kept
      removeTree(models)
    }
  }
  printReport(report([...runs.values()]), values)
})

function report(bySize: Run[][]): Report {
  const middle = (of: Run[], pick: (run: Run) => number) => round(median(of.map(pick)))
  const cost: Row[] = bySize.map((of, at) => {
    const rows = (run: Run) => run.accounts.reduce((sum, { read }) => sum + read, 0)
    const before = at === 0 ? null : bySize[at - 1]
    const grown = (pick: (run: Run) => number) =>
      before === null ? null : round(growth(middle(of, pick) / middle(before, pick), of[0].items / before[0].items))
    return {
      items: of[0].items,
      operations: of[0].operations,
      results: of[0].results,
      'rows read': rows(of[0]),
      seconds: middle(of, ({ seconds }) => seconds),
      'with process s': middle(of, ({ processSeconds }) => processSeconds),
      'rows/s': middle(of, (run) => Math.round(rows(run) / run.seconds)),
      'operations/s': middle(of, (run) => Math.round(run.operations / run.seconds)),
      'peak MiB': middle(of, ({ processMemoryBytes }) => Math.round(processMemoryBytes / 2 ** 20)),
      'time grows as n^': grown(({ seconds }) => seconds),
      'memory grows as n^': grown(({ processMemoryBytes }) => processMemoryBytes),
    }
  })
  const stageNames = [...new Set(bySize.flatMap((of) => of.flatMap(({ stages }) => Object.keys(stages))))]
  const stages: Row[] = bySize.map((of) => ({
    items: of[0].items,
    ...Object.fromEntries(stageNames.map((stage) => [`${stage} s`, middle(of, (run) => run.stages[stage] ?? 0)])),
  }))
  const quality: Row[] = bySize.map((of) => ({
    items: of[0].items,
    vectors: of[0].vectors,
    ...Object.fromEntries(Object.keys(of[0].recall).map((name) => [name, middle(of, (run) => run.recall[name])])),
  }))
  const sections = [
    { title: 'Cost', rows: cost },
    { title: 'Seconds by stage', rows: stages },
    { title: 'Recall against exact search, preset@k', rows: quality },
  ]
  const large = bySize.find((of) => of[0].items === 325_000)
  if (large !== undefined) {
    const measured = {
      'train 325000 items, seconds': middle(large, ({ seconds }) => seconds),
      'train 325000 items, peak MiB': middle(large, ({ processMemoryBytes }) => Math.round(processMemoryBytes / 2 ** 20)),
      'train 325000 items, recall standard@50': middle(large, ({ recall }) => recall['standard@50']),
    }
    sections.push({ title: 'Promises', rows: judge(measured, values) })
  }
  if (values.against !== undefined) sections.push({ title: `Ratio to ${values.against} (below 1 is faster, smaller)`, rows: ratios(cost) })
  return {
    ...head,
    data: `the product's own sample plant, seed 1, CSV, ${sizes.join(', ')} items`,
    warmUp: 'none: each training is a process of its own, as in use; files were just written and lie in the page cache',
    repetitions: `${repetitions} of each size, sizes in turn; medians`,
    sections,
    notes: [
      'seconds are those of the training itself, without the start of the process',
      'time grows as n^1 when twice the items take twice the time',
      ...(values.smoke ? [smokeNote] : []),
    ],
  }
}

/** Exponent e with cost ~ size^e. */
function growth(costRatio: number, sizeRatio: number): number {
  return Math.log(costRatio) / Math.log(sizeRatio)
}

function ratios(cost: Row[]): Row[] {
  const former = JSON.parse(readFileSync(values.against as string, 'utf8')) as Report
  return cost.flatMap((row) => {
    const then = former.sections[0].rows.find(({ items }) => items === row.items)
    if (then === undefined) return []
    return [
      { items: row.items, seconds: finiteRatio(row.seconds, then.seconds), 'peak MiB': finiteRatio(row['peak MiB'], then['peak MiB']) },
    ]
  })
}
