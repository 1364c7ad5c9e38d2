/** Sample plants and versions trained on them, in a folder that goes when the bench ends. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finish, type Place, placeFlags } from './program'

export interface Workspace extends Place {
  folder: string
}

/** Runs `work` in an empty folder with room for versions, and takes it away whatever happens. */
export async function inWorkspace<T>(name: string, work: (workspace: Workspace) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), `routewright-bench-${name}-`))
  const stop = (signal: NodeJS.Signals) => {
    removeTree(folder)
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    return await work({ folder, models: join(folder, 'models'), database: join(folder, 'registry.sqlite') })
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    removeTree(folder)
  }
}

/** Removes a folder of versions: published ones are read-only, and only root could remove them as they are. */
export function removeTree(path: string): void {
  const entries = existsSync(path) ? readdirSync(path, { recursive: true, withFileTypes: true }) : []
  for (const entry of entries) if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755)
  rmSync(path, { recursive: true, force: true })
}

export interface SampleSize {
  items: number
  operations: number
  seconds: number
}

/** Writes the sample plant of a size (seed 1, CSV) and returns where it lies. */
export async function writeSamplePlant(folder: string, items: number): Promise<{ path: string; size: SampleSize }> {
  const path = join(folder, `sample-${items}`)
  const { answer } = await finish<SampleSize>('sample', '--out', path, '--items', String(items))
  return { path, size: answer }
}

/** What `train --json` says; more is there. */
export interface Trained {
  version: string
  directory: string
  items: number
  routings: number
  operations: number
  results: number
  vectors: number
  seconds: number
  stages: Record<string, number>
  processMemoryBytes: number
  recall: Record<string, number>
  accounts: { table: string; read: number }[]
}

interface TrainOptions {
  activate?: boolean
  /** A learned model of a fraction of the trees: to see that a bench works, never for a figure. */
  smoke?: boolean
}

export function trainOn(sample: string, place: Place, { activate = false, smoke = false }: TrainOptions = {}) {
  const flags = ['--source', sample, '--mapping', join(sample, 'mapping.json'), ...placeFlags(place)]
  if (activate) flags.push('--activate')
  if (smoke) flags.push('--config', smokeConfig(sample))
  return finish<Trained>('train', ...flags)
}

export const smokeNote = 'smoke: the learned model has 3 trees, one split is held out; no figure of this run means anything'

/** Writes a trainer configuration for `--smoke` into a folder and returns its path. */
export function smokeConfig(folder: string): string {
  const path = join(folder, 'smoke.yaml')
  writeFileSync(path, JSON.stringify({ sequence: { trees: 3 }, heldOut: { itemsMax: 100, foldsBelow: 0 } }))
  return path
}
