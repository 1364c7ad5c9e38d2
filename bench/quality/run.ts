/**
 * What are predictions worth on real data that nobody here wrote? Runs `routewright evaluate` for every mapping through the
 * ordinary adapters; each figure stands above the baselines of the same held-out items. Skips aloud where data is absent.
 *
 *     bun bench/quality/run.ts [--data ../shared/data] [--seed 1] [--json] [--smoke] [folder or mapping …]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { EvaluationReport } from '../../server/pipeline/evaluate/evaluate-source'
import { judge } from '../measure/budgets'
import { finish } from '../measure/program'
import { beginReport, printReport, type Row, say } from '../measure/report'
import { inWorkspace, smokeConfig, smokeNote } from '../measure/sample-plant'
import { round } from '../measure/values'
import { dataFolder, mappingFolder } from './mapping-sources'
import { type Protocol, protocols } from './protocols'

const { values, positionals } = parseArgs({
  options: {
    data: { type: 'string', default: dataFolder },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
interface Evaluated {
  protocol: Protocol
  report: EvaluationReport
  seconds: number
}

const data = resolve(values.data)
const folderOf = ({ source }: Protocol) => source.split('/')[0]
const asked = values.smoke && positionals.length === 0 ? ['capp', 'fabricad'] : positionals
const chosen = protocols.filter(
  (protocol) => asked.length === 0 || asked.some((name) => [protocol.mapping, folderOf(protocol)].includes(name)),
)
const unknown = asked.filter((name) => !protocols.some((protocol) => [protocol.mapping, folderOf(protocol)].includes(name)))
if (unknown.length > 0) throw new Error(`no data folder or mapping of this name: ${unknown.join(', ')}`)

const head = beginReport('quality', 'What are predictions worth on real data, beside what one would do without them?')
const notes = values.smoke ? ['smoke: at most 20 items a fold, two folds', smokeNote] : []
const evaluated: Evaluated[] = []
let failed = 0
await inWorkspace('quality', async ({ folder }) => {
  for (const protocol of chosen) {
    const name = `${protocol.mapping} by ${protocol.hold}`
    const source = join(data, protocol.source)
    if (!existsSync(source)) {
      say(`SKIPPED ${name}: no data at ${relative('.', source)}`)
      notes.push(`SKIPPED ${name}: no data at ${relative('.', source)}`)
      continue
    }
    say(name)
    try {
      const { answer, seconds } = await finish<EvaluationReport>('evaluate', ...flagsOf(protocol, source, folder))
      evaluated.push({ protocol, report: answer, seconds })
    } catch (error) {
      failed++
      notes.push(`FAILED ${name}: ${(error as Error).message}`)
    }
  }
})
const report = {
  ...head,
  data: `folders of ${relative('.', data)}, each through its own mapping in bench/quality/mappings`,
  warmUp: 'none: quality, not speed',
  repetitions: `every routed item is held out once (halves: the second half), seed ${values.seed}`,
  sections: [
    { title: 'Operations in order: share of the held-out items', rows: evaluated.flatMap(sequenceRows) },
    { title: 'Resources and minutes, of the steps that both have', rows: evaluated.flatMap(timeRows) },
    { title: 'Confidence, search and cost', rows: evaluated.map(confidenceRow) },
    { title: 'Promises', rows: promises() },
  ].filter(({ rows }) => rows.length > 0),
  notes,
  evaluations: evaluated.map(({ protocol, report: evaluation }) => ({ ...protocol, ...evaluation })),
}
printReport(report, values)
if (failed > 0) process.exitCode = 1

function promises(): Row[] {
  const capp = evaluated.find(({ protocol }) => protocol.mapping === 'capp' && protocol.hold === 'item')
  if (capp === undefined) return []
  const { em1, em5 } = capp.report.sequences
  return judge({ 'capp by item EM@1': round(em1), 'capp by item EM@5': round(em5) }, values)
}

function flagsOf({ mapping, hold }: Protocol, source: string, folder: string): string[] {
  const flags = ['--mapping', join(mappingFolder, `${mapping}.json`), '--seed', values.seed]
  if (values.smoke) flags.push('--items-max', '20', '--config', smokeConfig(folder))
  if (values.smoke) flags.push('--folds', '2')
  if (hold !== 'halves') return [...flags, '--source', source, '--split', hold]
  const [first, second] = writeHalves(source, folder)
  return [...flags, '--source', first, '--test', second]
}

/** Splits a file of one JSON array in the middle. */
function writeHalves(source: string, folder: string): [string, string] {
  const rows = JSON.parse(readFileSync(source, 'utf8')) as unknown[]
  const write = (name: string, part: unknown[]) => {
    const path = join(folder, name)
    writeFileSync(path, JSON.stringify(part))
    return path
  }
  const middle = rows.length >> 1
  return [write('first-half.json', rows.slice(0, middle)), write('second-half.json', rows.slice(middle))]
}

function sequenceRows({ protocol, report: { items, sequences, baselines } }: Evaluated): Row[] {
  return [{ name: 'routewright', ...sequences }, ...baselines].map((scores, at) => ({
    mapping: at === 0 ? protocol.mapping : '',
    'held out by': at === 0 ? protocol.hold : '',
    items: at === 0 ? items : null,
    'predicted by': at === 0 ? scores.name : `  ${scores.name}`,
    'EM@1': round(scores.em1),
    'EM@3': round(scores.em3),
    'EM@5': round(scores.em5),
    MRR: round(scores.mrr),
    Levenshtein: round(scores.levenshtein),
    'set F1': round(scores.setF1),
    'coverage@5': round(scores.coverage5),
  }))
}

function timeRows({ protocol, report: { resources, times } }: Evaluated): Row[] {
  return (['setup', 'run'] as const).flatMap((kind) => {
    const scores = times[kind]
    if (scores === null) return []
    const { predicted, median } = scores
    return [
      {
        mapping: protocol.mapping,
        'held out by': protocol.hold,
        time: kind,
        steps: predicted.samples,
        'MAE min': round(predicted.mae),
        '… of the plain median': median === null ? null : round(median.mae),
        MdAPE: orNull(predicted.mdape),
        '… of the plain median ': median === null ? null : orNull(median.mdape),
        'bias min': round(predicted.bias),
        'pinball p90': round(predicted.pinball.p90),
        'p10 to p90 holds': round(predicted.coverage80),
        'resource right': resources === null ? null : round(resources.first),
        'among the offered': resources === null ? null : round(resources.offered),
      },
    ]
  })
}

function confidenceRow({ protocol, seconds, report }: Evaluated): Row {
  const { calibration, confidence, abstention, recall, protocol: done, trainSeconds } = report
  return {
    mapping: protocol.mapping,
    'held out by': protocol.hold,
    folds: done.folds,
    'plant items': done.plantItems,
    'mean confidence': round(confidence),
    'calibration error': round(calibration.ece),
    abstained: round(abstention.rate),
    'EM@1 answered': orNull(abstention.em1Answered),
    'EM@1 abstained': orNull(abstention.em1Abstained),
    'recall standard@10': orNull(recall['standard@10']),
    'train s': round(trainSeconds),
    'all s': round(seconds),
  }
}

/** A figure that not every protocol has. */
function orNull(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : round(value)
}
