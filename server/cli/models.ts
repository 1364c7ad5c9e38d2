/** `routewright models`: what versions there are, whether their files are sound, and which one serves. */
import { existsSync } from 'node:fs'
import { defineCommand } from 'citty'
import { readManifest } from '../artifacts/file-check'
import { versionDirectory } from '../artifacts/version-name'
import type { Manifest } from '../contract/manifest'
import type { ModelCheck, ModelList, ModelVersion } from '../contract/version'
import { DomainError } from '../domain/error'
import { parseEnv } from '../env'
import { checkModels } from '../pipeline/model-check'
import { register } from '../pipeline/registry'
import { deleteVersion } from '../pipeline/switching/delete-version'
import { compareVersions } from '../pipeline/version-quality'
import { listActivations } from '../store/activation'
import { getVersion, listVersions, readState } from '../store/model-version'
import { closeStore, type Db, openStore } from '../store/open'
import { comparisonText } from './comparison-text'
import { switchByCommand } from './model-switch'
import { operator } from './operator'
import { rebuildIndexCommand } from './rebuild-index'
import { formatBytes, formatTable } from './table'
import { folded } from './terminal'

const places = {
  models: { type: 'string', description: 'Folder of the versions (ROUTEWRIGHT_MODELS, else ./models)', valueHint: 'DIR' },
  database: { type: 'string', description: 'Database file (ROUTEWRIGHT_DATABASE, else ./data/routewright.sqlite)', valueHint: 'FILE' },
  json: { type: 'boolean', description: 'JSON on standard output', default: false },
} as const
const version = { type: 'positional', description: 'YYYY.MM.DD_build', required: true, valueHint: 'VERSION' } as const
const why = { type: 'string', description: 'Reason, kept in the ledger', default: '', valueHint: 'TEXT' } as const

interface Places {
  models?: string
  database?: string
  json: boolean
}
const placesOf = ({ models, database }: Places) => parseEnv(process.env, { modelsDirectory: models, databasePath: database })
const print = (args: Places, value: unknown, text: () => string) =>
  process.stdout.write(`${args.json ? JSON.stringify(value) : folded(text())}\n`)

/** Runs `use` with the registry. Only registering makes a database: elsewhere a wrong path must not pass for an empty registry. */
async function withRegistry<T>(
  args: Places,
  use: (db: Db, modelsDirectory: string) => Promise<T> | T,
  { create = false } = {},
): Promise<T> {
  const { modelsDirectory, databasePath } = placesOf(args)
  if (!create && !existsSync(databasePath)) {
    throw new DomainError('not_found', 'there is no database yet: train first, or name it with --database', {
      details: [{ path: databasePath, message: 'no such file' }],
    })
  }
  const db = openStore(databasePath)
  try {
    return await use(db, modelsDirectory)
  } finally {
    closeStore(db)
  }
}

const list = defineCommand({
  meta: { name: 'list', description: 'All versions, the newest first, and which one serves' },
  args: places,
  run: ({ args }) =>
    withRegistry(args, (db) => {
      const all: ModelList = { state: readState(db), versions: listVersions(db), ledger: listActivations(db) }
      print(args, all, () => (all.versions.length === 0 ? 'No version yet: routewright train makes one.' : versionTable(all.versions)))
    }),
})

const show = defineCommand({
  meta: { name: 'show', description: 'One version: its registry row, its manifest and its history' },
  args: { version, ...places },
  run: ({ args }) =>
    withRegistry(args, async (db, modelsDirectory) => {
      const row = getVersion(db, args.version)
      const directory = await versionDirectory(modelsDirectory, row.version)
      const { manifest } = await readManifest(directory, { version: row.version, sha256: row.manifestSha256 })
      const ledger = listActivations(db, { limit: 1_000 }).filter(({ from, to }) => from === row.version || to === row.version)
      print(args, { version: row, manifest, ledger }, () => versionText(row, manifest))
    }),
})

const check = defineCommand({
  meta: { name: 'check', description: 'Verify every file of every version; write a manifest where it is missing' },
  args: places,
  async run({ args }) {
    const { modelsDirectory, databasePath } = placesOf(args)
    const db = existsSync(databasePath) ? openStore(databasePath) : undefined
    const rows = await checkModels(modelsDirectory, { db }).finally(() => db && closeStore(db))
    const ok = rows.every(({ status }) => status !== 'corrupt' && status !== 'missing')
    print(args, { ok, versions: rows }, () => (rows.length === 0 ? 'No version in the models folder.' : checkTable(rows)))
    if (!ok) process.exitCode = 65
  },
})

const registerVersion = defineCommand({
  meta: { name: 'register', description: 'Take up a version folder that was copied from another machine' },
  args: { version, ...places },
  run: ({ args }) =>
    withRegistry(
      args,
      async (db, modelsDirectory) => {
        const row = await register(db, modelsDirectory, { version: args.version, who: operator() })
        print(args, row, () => `Version ${row.version} is registered; routewright models activate ${row.version} makes it serve.`)
      },
      { create: true },
    ),
})

const compare = defineCommand({
  meta: { name: 'compare', description: 'The quality of two versions side by side, and whether the first is clearly worse' },
  args: {
    a: { type: 'positional', description: 'YYYY.MM.DD_build', required: true, valueHint: 'VERSION' },
    b: { type: 'positional', description: 'The version that it is held against', required: true, valueHint: 'VERSION' },
    ...places,
  },
  run: ({ args }) =>
    withRegistry(args, async (db, modelsDirectory) => {
      const comparison = await compareVersions(db, modelsDirectory, args.a, args.b)
      print(args, comparison, () => comparisonText(comparison))
    }),
})

/** Switches versions and says how long it took until all served it. */
const switchVersion = (args: Places & { why: string; force?: boolean }, version?: string) =>
  withRegistry(args, async (db, modelsDirectory) => {
    const started = performance.now()
    const { state, warning } = await switchByCommand(db, modelsDirectory, { version, who: operator(), why: args.why, force: args.force })
    const seconds = Math.round(performance.now() - started) / 1_000
    print(
      args,
      { version: state.active, previous: state.previous, epoch: state.epoch, seconds, warning },
      () =>
        `Version ${state.active} serves now (epoch ${state.epoch}, checked in ${seconds} s; before: ${state.previous ?? 'none'}).${warning === null ? '' : `\nWarning: ${warning}.`}`,
    )
  })

const activateCommand = defineCommand({
  meta: { name: 'activate', description: 'Check a version and make it the one that serves' },
  args: {
    version,
    why,
    force: { type: 'boolean', description: 'Although it is clearly worse than the active one; needs --why', default: false },
    ...places,
  },
  run: ({ args }) => switchVersion(args, args.version),
})

const rollbackCommand = defineCommand({
  meta: { name: 'rollback', description: 'Go back to the version that served before' },
  args: { why, ...places },
  run: ({ args }) => switchVersion(args),
})

const deleteCommand = defineCommand({
  meta: { name: 'delete', description: 'Give up a version that nobody needs: its files go, its row stays in the ledger' },
  args: { version, ...places },
  run: ({ args }) =>
    withRegistry(args, async (db, modelsDirectory) => {
      const deleted = await deleteVersion(db, modelsDirectory, { version: args.version, who: operator() })
      const later = deleted.filesRemoved ? '' : ' Its files are in use and are removed later.'
      print(args, deleted, () => `Version ${deleted.version} is deleted.${later}`)
    }),
})

export const modelsCommand = defineCommand({
  meta: {
    name: 'models',
    description: 'Versions of the model: list, show, check, compare, register, activate, roll back, delete, rebuild the index',
  },
  subCommands: {
    list,
    show,
    check,
    compare,
    register: registerVersion,
    activate: activateCommand,
    rollback: rollbackCommand,
    delete: deleteCommand,
    'rebuild-index': rebuildIndexCommand,
  },
})

const integer = (value: number) => value.toLocaleString('en')

const versionTable = (versions: ModelVersion[]) =>
  formatTable(versions, [
    { title: 'Version', cell: ({ version }) => version },
    { title: 'Status', cell: ({ status, failure }) => (failure ? `${status} (${failure.code})` : status) },
    { title: 'Items', cell: ({ counts }) => integer(counts.items), align: 'right' },
    { title: 'Operations', cell: ({ counts }) => integer(counts.operations), align: 'right' },
    { title: 'Size', cell: ({ bytes }) => formatBytes(bytes), align: 'right' },
    { title: 'Registered', cell: ({ registeredAt }) => registeredAt.slice(0, 16).replace('T', ' ') },
    { title: 'Notes', cell: ({ notes }) => notes.slice(0, 60) },
  ])

const checkTable = (rows: ModelCheck[]) =>
  formatTable(rows, [
    { title: 'Version', cell: ({ version }) => version },
    { title: 'Status', cell: ({ status }) => status },
    { title: 'Files', cell: ({ files }) => integer(files), align: 'right' },
    { title: 'Size', cell: ({ bytes }) => formatBytes(bytes), align: 'right' },
    { title: 'Reason', cell: ({ reason }) => reason ?? '' },
  ])

function versionText(row: ModelVersion, manifest: Manifest): string {
  const facts: [string, string][] = [
    ['Version', row.version],
    ['Status', row.failure ? `${row.status}: ${row.failure.reason}` : row.status],
    ['Registered', row.registeredAt],
    ['Activated', row.activatedAt ?? 'never'],
    ['Mapping', manifest.mapping.name],
    ...Object.entries(row.counts).map(([name, count]): [string, string] => [`${name[0].toUpperCase()}${name.slice(1)}`, integer(count)]),
    ...Object.entries(row.recall).map(([name, value]): [string, string] => [`Recall, ${name}`, value.toFixed(3)]),
    ...Object.entries(row.quality ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    ...(row.notes === '' ? [] : [['Notes', row.notes] as [string, string]]),
  ]
  const files = formatTable(Object.entries(manifest.files), [
    { title: 'File', cell: ([name]) => name },
    { title: 'Size', cell: ([, { bytes }]) => formatBytes(bytes), align: 'right' },
    { title: 'SHA-256', cell: ([, { sha256 }]) => sha256.slice(0, 16) },
  ])
  const width = Math.max(...facts.map(([name]) => name.length))
  return [...facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`), '', files].join('\n')
}
