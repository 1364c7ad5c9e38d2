/** `routewright evaluate`: what predictions are worth on items that were held out, beside what one would do without them. */
import { defineCommand } from 'citty'
import { DomainError } from '../domain/error'
import { evaluateSource } from '../pipeline/evaluate/evaluate-source'
import { evaluationText } from '../pipeline/evaluate/evaluation-text'
import { reportHtml } from '../pipeline/evaluate/report-html'
import { loadMapping } from '../pipeline/mapping-file'
import { readTrainerConfig } from '../pipeline/trainer-config'
import { stageProgress } from './stage-progress'

export const evaluateCommand = defineCommand({
  meta: { name: 'evaluate', description: 'Measure predictions on held-out items, beside baselines' },
  args: {
    source: { type: 'string', required: true, description: 'File or folder of the plant', valueHint: 'PATH' },
    mapping: { type: 'string', required: true, description: 'Mapping profile', valueHint: 'FILE' },
    test: { type: 'string', description: 'Train on the source, score on this file or folder', valueHint: 'PATH' },
    split: {
      type: 'string',
      description: 'item, family, or a column whose values are held out as a whole',
      default: 'item',
      valueHint: 'NAME',
    },
    folds: { type: 'string', description: 'Parts, each held out once (5; groups one by one up to 30 of them)', valueHint: 'N' },
    seed: { type: 'string', description: 'Of the split', default: '1', valueHint: 'N' },
    itemsMax: { type: 'string', description: 'At most so many held-out items a fold are asked (0: all)', default: '0', valueHint: 'N' },
    blank: { type: 'string', description: 'Share of the known attributes left out of each question', default: '0', valueHint: '0..1' },
    unseen: { type: 'boolean', description: 'One text attribute of each question has a value never seen', default: false },
    decay: {
      type: 'boolean',
      description: 'Asks the same items with 0, 10, 30 and 50 % of their attributes blanked and with one unseen value',
      default: false,
    },
    html: { type: 'string', description: 'Writes the report for people, one file without any request', valueHint: 'FILE' },
    config: { type: 'string', description: 'Trainer configuration (YAML)', valueHint: 'FILE' },
    password: { type: 'string', description: 'Password of an Access file', valueHint: 'TEXT' },
    json: { type: 'boolean', description: 'One JSON document on standard output', default: false },
  },
  async run({ args }) {
    const whole = (name: string, text: string, min: number): number => {
      const value = Number(text)
      if (Number.isInteger(value) && value >= min) return value
      throw new DomainError('bad_request', `--${name} must be a whole number from ${min}`)
    }
    const blank = Number(args.blank)
    if (!(blank >= 0 && blank <= 1)) throw new DomainError('bad_request', '--blank must be a share from 0 to 1')
    if (args.decay && (blank > 0 || args.unseen)) {
      throw new DomainError('bad_request', '--decay blanks by itself: leave --blank and --unseen out')
    }
    const progress = stageProgress('evaluate')
    const result = await evaluateSource({
      sourcePath: args.source,
      testPath: args.test,
      mapping: await loadMapping(args.mapping),
      config: readTrainerConfig(args.config),
      split: args.split,
      folds: args.folds === undefined ? undefined : whole('folds', args.folds, 2),
      seed: whole('seed', args.seed, 0),
      itemsMax: whole('items-max', args.itemsMax, 0),
      hardship: { blank, unseen: args.unseen },
      decay: args.decay,
      command: commandLine(process.argv.slice(2)),
      now: new Date(),
      sourceOptions: { password: args.password },
      onProgress: (done, total) => progress.update('items', done, total),
    }).finally(progress.stop)
    if (args.html !== undefined) await writeText(args.html, reportHtml(result.report))
    process.stdout.write(args.json ? `${JSON.stringify(result)}\n` : evaluationText(result))
  },
})

/** The command as it was typed, but for a password. */
function commandLine(words: string[]): string {
  const shown = words.map((word, at) => {
    if (words[at - 1] === '--password') return '…'
    const text = word.startsWith('--password=') ? '--password=…' : word
    return /^[\w./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
  })
  return ['routewright', ...shown].join(' ').slice(0, 2_000)
}

/** @throws bad_request where the file cannot be written */
async function writeText(path: string, text: string): Promise<void> {
  await Bun.write(path, text).catch((cause) => {
    throw new DomainError('bad_request', 'the report cannot be written', { details: [{ path, message: 'not writable' }], cause })
  })
}
