/** `routewright train`: one training run, registered inactive; `--activate` is a second, audited act. */
import { defineCommand } from 'citty'
import { parseEnv } from '../env'
import { loadMapping } from '../pipeline/mapping-file'
import { type TrainReport, train } from '../pipeline/train/train'
import { readTrainerConfig } from '../pipeline/trainer-config'
import { closeStore, openStore } from '../store/open'
import { switchByCommand } from './model-switch'
import { operator } from './operator'
import { stageProgress } from './stage-progress'
import { formatBytes } from './table'
import { folded } from './terminal'

const number = new Intl.NumberFormat('en')

/** What a person wants to know of a run, and what to do next. */
function summary(report: TrainReport, activated: boolean): string {
  const bad = report.findings.filter(({ severity }) => severity === 'bad')
  return [
    `Version ${report.version}: ${number.format(report.items)} items, ${number.format(report.routings)} routings with ${number.format(report.operations)} operations, in ${report.seconds} s.`,
    `Memory: at most ${formatBytes(report.graphMemoryBytes)} for the graph, ${formatBytes(report.processMemoryBytes)} for the whole process. ${number.format(report.unreachedVectors)} of ${number.format(report.vectors)} vectors are not found by a narrow walk for themselves.`,
    `Stages: ${Object.entries(report.stages)
      .map(([stage, seconds]) => `${stage} ${seconds} s`)
      .join(', ')}.`,
    `Recall against exact search: ${Object.entries(report.recall)
      .map(([preset, recall]) => `${preset} ${recall.toFixed(3)}`)
      .join(', ')}.`,
    ...report.accounts.map(
      ({ table, read, used, filtered, bad: left }) =>
        `${table}: ${number.format(read)} rows read, ${number.format(used)} used, ${number.format(filtered)} filtered, ${number.format(left)} bad.`,
    ),
    ...bad.map(
      ({ rule, table, column, count, examples }) =>
        `  bad: ${rule} in ${table}${column === null ? '' : `.${column}`}: ${number.format(count)} (first at row ${examples[0]?.row ?? '?'})`,
    ),
    activated ? 'It is active.' : `It is not active yet: routewright models activate ${report.version}`,
  ].join('\n')
}

export const trainCommand = defineCommand({
  meta: { name: 'train', description: "Learn a version from a plant's data: extract, encode, index, learn, verify, publish, register" },
  args: {
    source: {
      type: 'string',
      required: true,
      description: 'File or folder of the plant: Access, CSV, Parquet, SQLite, XLSX, JSON, NDJSON',
      valueHint: 'PATH',
    },
    mapping: { type: 'string', required: true, description: 'Mapping profile that says which columns are what', valueHint: 'FILE' },
    config: { type: 'string', description: 'Trainer configuration (YAML)', valueHint: 'FILE' },
    password: { type: 'string', description: 'Password of an Access file', valueHint: 'TEXT' },
    models: { type: 'string', description: 'Folder of the versions', valueHint: 'DIR' },
    database: { type: 'string', description: 'Registry of the versions (SQLite)', valueHint: 'FILE' },
    activate: { type: 'boolean', description: 'Activate the version when it is registered', default: false },
    json: { type: 'boolean', description: 'One line of JSON on standard output', default: false },
  },
  async run({ args }) {
    const env = parseEnv(process.env, { modelsDirectory: args.models, databasePath: args.database })
    const mapping = await loadMapping(args.mapping)
    const config = readTrainerConfig(args.config)
    const progress = stageProgress('train')
    const cancel = new AbortController()
    const onSignal = () => cancel.abort()
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
    const db = openStore(env.databasePath)
    const who = operator()
    try {
      const report = await train({
        db,
        modelsDirectory: env.modelsDirectory,
        sourcePath: args.source,
        sourceOptions: { password: args.password },
        mapping,
        config,
        who,
        now: () => new Date(),
        onProgress: ({ stage, done, total }) => progress.update(stage, done, total),
        signal: cancel.signal,
      })
      let warning: string | null = null
      if (args.activate) {
        const activated = await switchByCommand(db, env.modelsDirectory, {
          version: report.version,
          who,
          why: 'activated by its training (--activate)',
        })
        warning = activated.warning
      }
      progress.stop()
      process.stdout.write(
        `${args.json ? JSON.stringify({ ...report, activated: args.activate, warning }) : folded(`${summary(report, args.activate)}${warning === null ? '' : `\nWarning: ${warning}.`}`)}\n`,
      )
    } finally {
      progress.stop()
      closeStore(db)
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    }
  },
})
