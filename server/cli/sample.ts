/** `routewright sample`: writes a sample plant to try the product on. */
import { defineCommand } from 'citty'
import { SingleBar } from 'cli-progress'
import { DomainError } from '../domain/error'
import { type SampleFormat, type SampleReport, sampleFormats, writeSample } from '../pipeline/sample'
import { folded } from './terminal'

const isFormat = (text: string): text is SampleFormat => (sampleFormats as readonly string[]).includes(text)

/** A bar on standard error when a person looks at it, nothing otherwise. */
function progressBar(items: number): { update: (items: number) => void; stop: () => void } {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} }
  const bar = new SingleBar({
    format: 'Sample plant [{bar}] {value} of {total} items',
    stream: process.stderr,
    hideCursor: true,
    barsize: 20,
  })
  bar.start(items, 0)
  return { update: (value) => bar.update(value), stop: () => bar.stop() }
}

function summary(report: SampleReport): string {
  const number = new Intl.NumberFormat('en')
  return [
    `Sample plant in ${report.out}: ${number.format(report.items)} items (${number.format(report.newItems)} without a routing),`,
    `${number.format(report.routings)} routings with ${number.format(report.operations)} operations, ${number.format(report.results)} work results,`,
    `in ${report.seconds} s.`,
    `\nTrain on it: routewright train --source ${report.out} --mapping ${report.files.at(-1)} --activate`,
  ].join(' ')
}

export const sampleCommand = defineCommand({
  meta: { name: 'sample', description: 'Write a sample plant: items, routings, work results and the mapping that reads them' },
  args: {
    out: { type: 'string', description: 'Folder to write to', required: true, valueHint: 'DIR' },
    items: { type: 'string', description: 'Number of items', default: '20000', valueHint: 'N' },
    seed: { type: 'string', description: 'The same seed and size give the same bytes', default: '1', valueHint: 'N' },
    format: { type: 'string', description: 'csv, parquet or sqlite', default: 'csv', valueHint: 'FORMAT' },
    json: { type: 'boolean', description: 'One line of JSON on standard output', default: false },
  },
  async run({ args }) {
    if (!isFormat(args.format)) throw new DomainError('bad_request', `The format must be one of ${sampleFormats.join(', ')}.`)
    const items = Number(args.items)
    const bar = progressBar(items)
    const report = await writeSample({
      out: args.out,
      items,
      seed: Number(args.seed),
      format: args.format,
      onProgress: bar.update,
    }).finally(bar.stop)
    process.stdout.write(`${args.json ? JSON.stringify(report) : folded(summary(report))}\n`)
  },
})
