/**
 * `models check`: every version folder and every registered version, read byte by byte. Repairs one thing only, a missing
 * manifest: by the registered text where there is one, else by what the files tell. Renames and deletes nothing.
 */
import { chmod, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { checkFiles, readManifest } from '../artifacts/file-check'
import { MANIFEST_NAME, manifestText, parseManifest } from '../artifacts/manifest-text'
import { recoverManifest } from '../artifacts/recovered-manifest'
import { syncPath, writeDurably } from '../artifacts/version-directory'
import { isVersionName, versionDirectory } from '../artifacts/version-name'
import type { Manifest } from '../contract/manifest'
import type { ModelCheck } from '../contract/version'
import { DomainError } from '../domain/error'
import { findManifestText, listVersions } from '../store/model-version'
import type { Db } from '../store/open'
import { failureOf, stampsOf } from './registry'

export interface CheckModelsOptions {
  /** Without it nothing is known of registration. */
  db?: Db
  now?: Date
  onVersion?: (row: ModelCheck) => void
}

/** Checks everything below the models folder. Rows come in the order of names; registered versions without a folder last. */
export async function checkModels(
  modelsDirectory: string,
  { db, now = new Date(), onVersion }: CheckModelsOptions = {},
): Promise<ModelCheck[]> {
  const registered = new Map((db ? listVersions(db) : []).map((version) => [version.version, version.manifestSha256]))
  const rows: ModelCheck[] = []
  const add = (row: ModelCheck) => {
    rows.push(row)
    onVersion?.(row)
  }
  for (const name of await versionFolders(modelsDirectory)) {
    if (!isVersionName(name)) add({ version: name, status: 'skipped', files: 0, bytes: 0, reason: 'not a version name (YYYY.MM.DD_build)' })
    else add(await checkVersion(modelsDirectory, { version: name, sha256: registered.get(name), db, now }))
    registered.delete(name)
  }
  for (const version of registered.keys())
    add({ version, status: 'missing', files: 0, bytes: 0, reason: 'registered, but its folder is missing' })
  return rows
}

interface VersionInput {
  version: string
  /** Hash of the registered manifest; undefined when the version is not registered. */
  sha256: string | undefined
  db: Db | undefined
  now: Date
}

async function checkVersion(modelsDirectory: string, { version, sha256, db, now }: VersionInput): Promise<ModelCheck> {
  const row: ModelCheck = { version, status: 'ok', files: 0, bytes: 0, reason: null }
  try {
    const directory = await versionDirectory(modelsDirectory, version)
    const written = !(await readdir(directory)).includes(MANIFEST_NAME)
    if (written) await writeManifest(directory, { version, text: db ? findManifestText(db, version) : null, now })
    const { manifest } = await readManifest(directory, { version, sha256 })
    const { checked, problems } = await checkFiles(directory, manifest, { stamps: db && stampsOf(db), now, trust: false })
    const extra = await unlisted(directory, manifest)
    const notes = problems.map((problem) => failureOf(problem).reason)
    if (problems.length > 0) row.status = 'corrupt'
    else if (written) row.status = 'manifest written'
    else if (db && sha256 === undefined) row.status = 'unregistered'
    if (extra.length > 0) notes.push(`not in the manifest: ${extra.slice(0, 5).join(', ')}`)
    return { ...row, files: checked.files, bytes: checked.bytes, reason: notes.length > 0 ? notes.join('; ') : null }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return { ...row, status: 'corrupt', reason: failureOf(error).reason }
  }
}

async function versionFolders(modelsDirectory: string): Promise<string[]> {
  let entries: string[]
  try {
    entries = await readdir(modelsDirectory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const names = entries.filter((name) => !name.startsWith('.')).sort()
  const folders = await Promise.all(
    names.map(async (name) => isVersionName(name) || (await stat(join(modelsDirectory, name))).isDirectory()),
  )
  return names.filter((_, at) => folders[at])
}

/** Puts a manifest into a folder that has none, and leaves the folder as protected as it was. */
async function writeManifest(
  directory: string,
  { version, text, now }: { version: string; text: string | null; now: Date },
): Promise<void> {
  const content = text ?? manifestText(await recoverManifest(directory, { version, now }))
  parseManifest(content)
  const { mode } = await stat(directory)
  await chmod(directory, mode | 0o200)
  try {
    await writeDurably(join(directory, MANIFEST_NAME), content)
    await syncPath(directory)
  } finally {
    await chmod(directory, mode)
  }
}

async function unlisted(directory: string, manifest: Manifest): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name !== MANIFEST_NAME && !Object.hasOwn(manifest.files, name))
}
