/** A registry with published versions whose files may be damaged, and a stand-in for opening a model. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../../server/contract/manifest'
import { checkModels } from '../../server/pipeline/model-check'
import { register } from '../../server/pipeline/registry'
import { type Db, openStore } from '../../server/store/open'
import { publishSample, sampleFiles, temporaryDirectory } from './sample-version'

export const who = { who: 'eva', why: 'better figures' }
/** Stands for opening a model: reads every file that the manifest names and reports the epoch it was given. */
export const prepare = async (directory: string, manifest: Manifest, { epoch }: { epoch: number }) => {
  const bytes = Object.keys(manifest.files).reduce((sum, name) => sum + readFileSync(join(directory, name)).length, 0)
  return { version: manifest.version, epoch, bytes }
}

export interface Plant {
  db: Db
  models: string
  versions: string[]
  /** Path of a file of the nth version, made writable. */
  file: (nth: number, name: string) => string
}
export async function plant(count: number): Promise<Plant> {
  const [db, models, versions] = [openStore(':memory:'), temporaryDirectory(), [] as string[]]
  for (let nth = 0; nth < count; nth++) {
    const { version, directory } = await publishSample(models)
    await register(db, models, { version, who: 'trainer' })
    chmodSync(directory, 0o755)
    for (const name of [...Object.keys(sampleFiles), 'manifest.json']) chmodSync(join(directory, name), 0o644)
    versions.push(version)
  }
  return { db, models, versions, file: (nth, name) => join(models, versions[nth], name) }
}
export const flip = (path: string) => {
  const bytes = readFileSync(path)
  if (bytes.length === 0) return writeFileSync(path, 'x')
  bytes[bytes.length >> 1] ^= 4
  writeFileSync(path, bytes)
}

/** Version and status, as `models check` finds them. */
export const table = async (models: string, db?: Db) => (await checkModels(models, { db })).map(({ version, status }) => [version, status])
