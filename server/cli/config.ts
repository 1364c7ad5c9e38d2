/** `routewright config`: what operators tune, read and changed in the database; servers that run obey within 100 ms. */
import { dirname, join } from 'node:path'
import { defineCommand } from 'citty'
import type { DocumentRevision, ValueChange } from '../contract/document'
import type { CurrentConfig } from '../contract/runtime-config'
import { DomainError } from '../domain/error'
import { type ConfigStore, createConfigStore } from '../pipeline/config/config-store'
import { type DatabaseArgs, databaseArgs, databasePathOf, print, withDatabase } from './database'
import { operator } from './operator'
import { formatTable } from './table'

const note = { type: 'string', description: 'Why; kept with the revision', default: '', valueHint: 'TEXT' } as const
const actor = () => ({ id: null, name: operator(), requestId: null })

/** A running server writes the file too; without one it is brought up to date here. */
const withConfig = (args: DatabaseArgs, use: (config: ConfigStore) => Promise<void> | void, { write = false } = {}): Promise<void> =>
  withDatabase(args, async (db) => {
    const config = createConfigStore({ db, mirrorPath: write ? join(dirname(databasePathOf(args)), 'runtime_config.json') : null })
    if (write) config.start()
    try {
      await use(config)
    } finally {
      await config.close()
    }
  })

const show = defineCommand({
  meta: { name: 'show', description: 'What is valid, and how it differs from the defaults' },
  args: databaseArgs,
  run: ({ args }) =>
    withConfig(args, (config) => {
      const current = config.show()
      print(args, current, () => currentText(current))
    }),
})

const history = defineCommand({
  meta: { name: 'history', description: 'Who changed it, when and why, the newest first' },
  args: { ...databaseArgs, limit: { type: 'string', description: 'Revisions, at most 200', default: '50', valueHint: 'N' } },
  run: ({ args }) =>
    withConfig(args, (config) => {
      const found = config.history({ limit: Math.min(200, integer(args.limit, '--limit')) })
      print(args, found, () => (found.revisions.length === 0 ? 'The defaults; nobody has changed them.' : historyTable(found.revisions)))
    }),
})

const diff = defineCommand({
  meta: { name: 'diff', description: 'What differs between two revisions; 0 is the defaults' },
  args: {
    from: { type: 'positional', description: 'Revision', required: true, valueHint: 'FROM' },
    to: { type: 'positional', description: 'Revision', required: true, valueHint: 'TO' },
    ...databaseArgs,
  },
  run: ({ args }) =>
    withConfig(args, (config) => {
      const found = config.diff(integer(args.from, 'FROM'), integer(args.to, 'TO'))
      print(args, found, () => (found.changes.length === 0 ? 'Nothing differs.' : changesTable(found.changes)))
    }),
})

const set = defineCommand({
  meta: { name: 'set', description: 'Change one value: search.efSearch 256; null brings the default back' },
  args: {
    path: { type: 'positional', description: 'With dots, or as a JSON pointer: /search/weights/OD', required: true, valueHint: 'PATH' },
    value: { type: 'positional', description: 'JSON, or a word', required: true, valueHint: 'VALUE' },
    note,
    ...databaseArgs,
  },
  run: ({ args }) =>
    withConfig(
      args,
      async (config) => {
        const ifMatch = config.status().revision
        const changed = await config.patch(actor(), { ifMatch, patch: patchOf(args.path, args.value), note: args.note })
        print(args, changed, () => changedText(ifMatch, changed))
      },
      { write: true },
    ),
})

const revert = defineCommand({
  meta: { name: 'revert', description: 'Bring an older revision back, as a new one; 0 is the defaults' },
  args: { revision: { type: 'positional', description: 'Revision', required: true, valueHint: 'REVISION' }, note, ...databaseArgs },
  run: ({ args }) =>
    withConfig(
      args,
      async (config) => {
        const before = config.status().revision
        const changed = await config.revert(actor(), { revision: integer(args.revision, 'REVISION'), note: args.note })
        print(args, changed, () => changedText(before, changed))
      },
      { write: true },
    ),
})

export const configCommand = defineCommand({
  meta: { name: 'config', description: 'What operators tune while the server runs: show, history, diff, set, revert' },
  subCommands: { show, history, diff, set, revert },
})

/** @throws bad_request */
function patchOf(path: string, value: string): object {
  const names = path.startsWith('/')
    ? path
        .slice(1)
        .split('/')
        .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    : path.split('.')
  if (names.some((name) => name === '') || names.length > 8)
    throw new DomainError('bad_request', 'PATH must name one value, as search.efSearch')
  return names.reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), jsonOrWord(value)) as object
}

function jsonOrWord(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** @throws bad_request */
function integer(text: string, name: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new DomainError('bad_request', `${name} must be a number, 0 or more`)
  return Number(text)
}

const inWords = (value: unknown) => (value === null ? 'absent' : JSON.stringify(value))
const changesTable = (changes: ValueChange[]) =>
  formatTable(changes, [
    { title: 'Value', cell: ({ path }) => path },
    { title: 'Before', cell: ({ before }) => inWords(before) },
    { title: 'After', cell: ({ after }) => inWords(after) },
  ])
const historyTable = (revisions: DocumentRevision[]) =>
  formatTable(revisions, [
    { title: 'Revision', cell: ({ revision }) => String(revision), align: 'right' },
    { title: 'At', cell: ({ at }) => at.slice(0, 19).replace('T', ' ') },
    { title: 'By', cell: ({ author }) => author },
    { title: 'Note', cell: ({ note, revertOf }) => [revertOf === null ? '' : `back to ${revertOf}`, note].filter(Boolean).join(': ') },
  ])

function currentText({ revision, config, changed }: CurrentConfig): string {
  const lines = [`Revision ${revision}${changed.length === 0 ? ', the defaults' : ''}`, JSON.stringify(config, null, 2)]
  return changed.length === 0 ? lines.join('\n') : [...lines, '', 'Against the defaults:', changesTable(changed)].join('\n')
}

const changedText = (before: number, { revision, changed }: CurrentConfig) =>
  revision === before
    ? `Nothing to change: it is so already (revision ${revision}).`
    : `Revision ${revision} is valid now${changed.length === 0 ? ': the defaults' : `. Against the defaults:\n${changesTable(changed)}`}`
