/** `routewright models rebuild-index`: another graph over a version's vectors, as a new version, with figures of both. */
import { defineCommand } from 'citty'
import { DomainError } from '../domain/error'
import { parseEnv } from '../env'
import type { IndexFigures, RebuildReport } from '../pipeline/train/rebuild-index'
import { closeStore, openStore } from '../store/open'
import { operator } from './operator'
import { stageProgress } from './stage-progress'
import { formatBytes, formatTable } from './table'
import { folded } from './terminal'

/** As an order for the trainer may ask. */
const [linksMin, linksMax] = [4, 64]

export const rebuildIndexCommand = defineCommand({
  meta: {
    name: 'rebuild-index',
    description: "Build another graph over a version's vectors: a new version, with recall and time before and after",
  },
  args: {
    version: { type: 'positional', description: 'YYYY.MM.DD_build', required: true, valueHint: 'VERSION' },
    m: { type: 'string', description: 'Links a vector, 4 to 64', default: '16', valueHint: 'N' },
    'ef-construction': {
      type: 'string',
      description: 'Breadth of the search for each insertion, 16 to 1024',
      default: '160',
      valueHint: 'N',
    },
    models: { type: 'string', description: 'Folder of the versions (ROUTEWRIGHT_MODELS, else ./models)', valueHint: 'DIR' },
    database: { type: 'string', description: 'Database file (ROUTEWRIGHT_DATABASE, else ./data/routewright.sqlite)', valueHint: 'FILE' },
    json: { type: 'boolean', description: 'JSON on standard output', default: false },
  },
  async run({ args }) {
    const env = parseEnv(process.env, { modelsDirectory: args.models, databasePath: args.database })
    const m = integer('--m', args.m, linksMin, linksMax)
    const efConstruction = integer('--ef-construction', args['ef-construction'], 16, 1024)
    const { rebuildIndex } = await import('../pipeline/train/rebuild-index')
    const progress = stageProgress('rebuild-index')
    const cancel = new AbortController()
    const onSignal = () => cancel.abort()
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
    const db = openStore(env.databasePath)
    try {
      const report = await rebuildIndex({
        db,
        modelsDirectory: env.modelsDirectory,
        version: args.version,
        m,
        efConstruction,
        who: operator(),
        now: () => new Date(),
        onProgress: ({ stage, done, total }) => progress.update(stage, done, total),
        signal: cancel.signal,
      })
      progress.stop()
      process.stdout.write(`${args.json ? JSON.stringify(report) : folded(reportText(report))}\n`)
    } finally {
      progress.stop()
      closeStore(db)
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    }
  },
})

function integer(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new DomainError('bad_request', 'a parameter is out of range', {
    details: [{ path: flag, message: `a whole number from ${min} to ${max}` }],
  })
}

function reportText({ version, from, before, after, memoryBytes, unreachedVectors, seconds }: RebuildReport): string {
  const row = (title: string, of: (figures: IndexFigures) => string) => ({ title, before: of(before), after: of(after) })
  const rows = [
    row('m', ({ m }) => String(m)),
    row('ef_construction', ({ efConstruction }) => (efConstruction === 0 ? 'not known' : String(efConstruction))),
    row('Size of the graph', ({ bytes }) => formatBytes(bytes)),
    ...Object.keys(after.recall).map((name) => row(`Recall ${name}`, ({ recall }) => recall[name]?.toFixed(3) ?? '-')),
    ...Object.keys(after.latency).map((name) =>
      row(`Search ${name}, p50 / p95`, ({ latency }) => `${latency[name]?.p50Us ?? '-'} / ${latency[name]?.p95Us ?? '-'} µs`),
    ),
  ]
  const table = formatTable(rows, [
    { title: 'Figure', cell: ({ title }) => title },
    { title: from, cell: (figures) => figures.before, align: 'right' },
    { title: version, cell: (figures) => figures.after, align: 'right' },
  ])
  return `${table}\n\n${unreachedVectors} vectors are not found by a narrow walk for themselves. Version ${version} is registered (${seconds} s, at most ${formatBytes(memoryBytes)} of memory for the graph). It is not active yet: routewright models activate ${version}`
}
