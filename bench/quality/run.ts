/**
 * What are predictions worth on real data that nobody here wrote, and on the sample plant with its own rules? Runs `routewright
 * evaluate` for every mapping through the ordinary adapters; each figure stands above the baselines of the same held-out items.
 * Skips aloud where data is absent.
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
import { inWorkspace, smokeConfig, smokeNote, writeSamplePlant } from '../measure/sample-plant'
import { round } from '../measure/values'
import { dataFolder, mappingFolder } from './mapping-sources'
import { type Protocol, protocols, sampleItems, samplePlant } from './protocols'

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
const folderOf = ({ source }: Protocol) => source?.split('/')[0] ?? samplePlant
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
  let sample: string | null = null
  for (const protocol of chosen) {
    const name = `${protocol.mapping} by ${protocol.hold}`
    if (protocol.source === null) sample ??= (await writeSamplePlant(folder, sampleItems)).path
    const source = protocol.source === null ? sample! : join(data, protocol.source)
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
  data: `folders of ${relative('.', data)}, each through its own mapping in bench/quality/mappings; a sample plant of ${sampleItems} items, seed 1`,
  warmUp: 'none: quality, not speed',
  repetitions: `every routed item is held out once (halves: the second half; sample: 400 a fold), seed ${values.seed}`,
  sections: [
    { title: 'Operations in order: share of the held-out items', rows: evaluated.flatMap(sequenceRows) },
    { title: 'Resources and minutes, of the steps that both have', rows: evaluated.flatMap(timeRows) },
    { title: 'Confidence, search and cost', rows: evaluated.map(confidenceRow) },
    {
      title: 'Asked with less: the same items with attributes left out, and with a value nobody has seen',
      rows: evaluated.flatMap(decayRows),
    },
    { title: 'Promises', rows: promises() },
  ].filter(({ rows }) => rows.length > 0),
  notes,
  evaluations: evaluated.map(({ protocol, report: evaluation }) => ({ ...protocol, ...evaluation })),
}
printReport(report, values)
if (failed > 0) process.exitCode = 1

function promises(): Row[] {
  const of = (mapping: string, hold: string) =>
    evaluated.find(({ protocol }) => protocol.mapping === mapping && protocol.hold === hold)?.report
  const measured: Parameters<typeof judge>[0] = {}
  const capp = of('capp', 'item')
  if (capp !== undefined) {
    measured['capp by item EM@1'] = round(capp.sequences.em1)
    measured['capp by item EM@5'] = round(capp.sequences.em5)
    measured['capp by item Levenshtein'] = round(capp.sequences.levenshtein)
    measured['capp, half blanked, calibration error'] = halfBlanked(capp)
  }
  const bikes = of('adventureworks', 'Subcategory')
  if (bikes !== undefined) measured['adventureworks by subcategory EM@1'] = round(bikes.sequences.em1)
  const sample = of(samplePlant, 'item')
  if (sample !== undefined) {
    measured['sample by item EM@1'] = round(sample.sequences.em1)
    measured['sample by item calibration error'] = round(sample.calibration.ece)
    measured['sample by item, p10 to p90 off .8'] = round(Math.abs((sample.times.run?.predicted.coverage80 ?? 0) - 0.8))
    measured['sample, half blanked, calibration error'] = halfBlanked(sample)
  }
  return Object.keys(measured).length === 0 ? [] : judge(measured, values)
}

function halfBlanked({ report }: EvaluationReport): number {
  return round(report.protocols.find(({ name }) => name.includes('50 % blanked'))?.calibration.ece ?? 1)
}

function decayRows({ protocol, report: { report } }: Evaluated): Row[] {
  if (protocol.decay !== true) return []
  return report.protocols.map(({ name, cases, em1, em5, levenshtein, confidence, calibration, abstention }, at) => ({
    mapping: at === 0 ? protocol.mapping : '',
    'asked with': name,
    cases,
    'EM@1': round(em1),
    'EM@5': round(em5),
    Levenshtein: round(levenshtein),
    'mean confidence': round(confidence),
    'calibration error': round(calibration.ece),
    abstained: round(abstention.rate),
  }))
}

function flagsOf({ mapping, hold, decay, itemsMax, source: own }: Protocol, source: string, folder: string): string[] {
  const profile = own === null ? join(source, 'mapping.json') : join(mappingFolder, `${mapping}.json`)
  const flags = ['--mapping', profile, '--seed', values.seed]
  if (decay) flags.push('--decay')
  if (values.smoke) flags.push('--items-max', '20', '--config', smokeConfig(folder))
  else if (itemsMax !== undefined) flags.push('--items-max', String(itemsMax))
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
