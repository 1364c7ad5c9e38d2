/** `routewright source`: looks into a plant's data (`inspect`) and prints rows as the adapters see them (`read`). */
import { defineCommand } from 'citty'
import type { SourceInspection, SourceTable } from '../contract/source'
import { DomainError } from '../domain/error'
import type { Finding } from '../domain/plant'
import { inspectSource } from '../source/inspect'
import { openSource } from '../source/open'
import type { OpenOptions } from '../source/source'
import { stageProgress } from './stage-progress'
import { formatTable } from './table'
import { folded, terminalWidth } from './terminal'

const openArgs = {
  password: { type: 'string', description: 'Password of an Access file', valueHint: 'TEXT' },
  encoding: {
    type: 'string',
    description: 'Text encoding of CSV files when detection should not be trusted, for example cp949',
    valueHint: 'NAME',
  },
  delimiter: {
    type: 'string',
    description: 'Delimiter of CSV files when detection should not be trusted; tab for a tabulator',
    valueHint: 'CHAR',
  },
} as const

function openOptions(args: { password?: string; encoding?: string; delimiter?: string }): OpenOptions {
  return { password: args.password, encoding: args.encoding, delimiter: args.delimiter === 'tab' ? '\t' : args.delimiter }
}

const inspect = defineCommand({
  meta: { name: 'inspect', description: 'Tables, columns, values, units, what cannot be read, and a guessed mapping' },
  args: {
    file: { type: 'positional', description: 'File or folder: Access, CSV, Parquet, SQLite, XLSX, JSON, NDJSON', required: true },
    ...openArgs,
    json: { type: 'boolean', description: 'One JSON document on standard output', default: false },
  },
  async run({ args }) {
    const source = await openSource(args.file, openOptions(args))
    const progress = stageProgress('inspect')
    try {
      const inspection = await inspectSource(source, { onTable: (name, done, total) => progress.update(name, done, total) })
      progress.stop()
      await write(args.json ? `${JSON.stringify(inspection)}\n` : `${inspectionText(inspection)}\n`)
    } finally {
      progress.stop()
      await source.close()
    }
  },
})

const read = defineCommand({
  meta: { name: 'read', description: 'Rows as the adapter sees them, one JSON object a line' },
  args: {
    source: { type: 'string', description: 'File or folder', required: true, valueHint: 'FILE' },
    table: { type: 'string', description: 'Table, as inspect names it; * unites tables of a folder', required: true, valueHint: 'NAME' },
    columns: { type: 'string', description: 'Columns, separated by commas; all that can be read when absent', valueHint: 'A,B' },
    limit: { type: 'string', description: 'At most so many rows', valueHint: 'N' },
    ...openArgs,
    json: { type: 'boolean', description: 'NDJSON, which is what read always prints', default: false },
  },
  async run({ args }) {
    const limit = args.limit === undefined ? Number.POSITIVE_INFINITY : Number(args.limit)
    if (args.limit !== undefined && !(Number.isInteger(limit) && limit >= 0))
      throw new DomainError('bad_request', '--limit must be a whole number from 0')
    const source = await openSource(args.source, openOptions(args))
    const findings: Finding[] = []
    try {
      let lines = ''
      for await (const row of source.readRows(args.table, { columns: await columnList(args.columns, args.table), limit, findings })) {
        lines += `${JSON.stringify(row)}\n`
        if (lines.length > flushCharacters) {
          await write(lines)
          lines = ''
        }
      }
      await write(lines)
    } catch (error) {
      if (!readerHasGone(error)) throw error
    } finally {
      await source.close()
    }
    for (const { rule, severity, count } of findings) process.stderr.write(`${severity}: ${rule}: ${count}\n`)
  },
})

const flushCharacters = 64 * 1024

export const sourceCommand = defineCommand({
  meta: { name: 'source', description: "Look into a plant's data: tables, columns and rows, and a guessed mapping" },
  subCommands: { inspect, read },
})

/** Waits until standard output has taken the text: a slow reader slows the reading down, memory stays small. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The callback gets the error too; without a listener it would end the process before that.
    if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => {})
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
  })
}

/** Whether whoever reads our output has gone (`| head`): that ends the command, and is no error. */
function readerHasGone(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'EPIPE'
}

/** Column names of `--columns`. A name with a comma in it is written between double quotes, as in CSV. */
async function columnList(text: string | undefined, table: string): Promise<string[] | undefined> {
  if (text === undefined) return undefined
  const names = [...text.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)].map(
    (match) => match[1]?.replaceAll('""', '"') ?? match[2].trim(),
  )
  const wanted = names.filter((name) => name !== '')
  if (wanted.length === 0) throw new DomainError('bad_request', `--columns names no column of ${table}`)
  return wanted
}

/** Lines cut to the width of the terminal, so that a table of many rows stays one; whole where output goes elsewhere. */
function clipped(text: string, columns = terminalWidth()): string {
  if (columns === undefined) return text
  return text
    .split('\n')
    .map((line) => {
      if (Bun.stringWidth(line) <= columns) return line
      let cut = line
      while (Bun.stringWidth(cut) >= columns) cut = cut.slice(0, Math.min(cut.length - 1, columns))
      return `${cut}…`
    })
    .join('\n')
}

/** The inspection for a terminal: a line a column, then the guess with its reasons. */
function inspectionText({ source, kind, tables, mapping, mappingReasons, ignored }: SourceInspection): string {
  const lines = [`${source} (${kind}): ${tables.length} ${tables.length === 1 ? 'table' : 'tables'}`]
  for (const table of tables) lines.push('', ...tableText(table))
  if (ignored && ignored.length > 0) {
    lines.push('', `Not read: ${ignored.length} files`, ...ignored.slice(0, 20).map(({ path, reason }) => `  ${path}: ${reason}`))
    if (ignored.length > 20) lines.push(`  … and ${ignored.length - 20} more`)
  }
  lines.push('', mapping ? 'Guessed mapping' : 'No mapping could be guessed', ...mappingReasons.map((reason) => folded(`  - ${reason}`)))
  if (mapping) lines.push('', JSON.stringify(mapping, null, 2))
  return lines.join('\n')
}

function tableText({ name, rows, columns, unreadable, sampled, notes }: SourceTable): string[] {
  if (unreadable) return [`${name}: cannot be read: ${unreadable}`]
  const count = rows === null ? 'rows unknown' : `${rows.toLocaleString('en')} rows`
  const lines = [`${name}: ${count}${sampled ? `, figures from the first ${sampled.toLocaleString('en')}` : ''}`]
  const table = formatTable(
    columns,
    [
      { title: 'column', cell: (column) => column.name },
      { title: 'type', cell: (column) => (column.looksLike ? `${column.type} (${column.looksLike})` : column.type) },
      { title: 'missing', cell: (column) => (column.unreadable ? '' : `${(column.missing * 100).toFixed(1)} %`), align: 'right' },
      { title: 'distinct', cell: (column) => (column.unreadable ? '' : column.distinct.toLocaleString('en')), align: 'right' },
      { title: 'units', cell: (column) => column.units.join(' ') },
      {
        title: 'most frequent values',
        cell: (column) => (column.unreadable ? `cannot be read: ${column.unreadable}` : topText(column.top)),
      },
    ],
    { width: Number.POSITIVE_INFINITY },
  )
  lines.push(clipped(table.replace(/^/gm, '  ')))
  for (const note of notes ?? []) lines.push(folded(`  note: ${note}`))
  return lines
}

function topText(top: SourceTable['columns'][number]['top']): string {
  return top
    .slice(0, 3)
    .map(({ value, count }) => `${value.length > 24 ? `${value.slice(0, 23)}…` : value} (${count.toLocaleString('en')})`)
    .join(', ')
}
