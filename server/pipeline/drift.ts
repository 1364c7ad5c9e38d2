/** The drift report of a version: its own marginals beside the requests that were counted. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readManifest } from '../artifacts/file-check'
import { sha256Text } from '../artifacts/manifest-text'
import { versionDirectory } from '../artifacts/version-name'
import type { DriftReport } from '../contract/drift'
import { limits } from '../contract/limits'
import { measureDrift } from '../domain/drift'
import { DomainError } from '../domain/error'
import { type Marginals, type SlotTable, slotTable } from '../domain/marginals'
import { readDriftCounts } from '../store/drift-count'
import { getVersion } from '../store/model-version'
import type { Db } from '../store/open'
import { type Model, modelFiles } from './model'
import { hourOf } from './recorder'

export interface DriftInput {
  /** The version that serves, when it is the one that is asked for. */
  model: Pick<Model, 'version' | 'marginals'> | null
  version: string
  hours: number
  now: Date
}

/** @throws version_unknown, artifact_missing, artifact_corrupt */
export async function driftReport(db: Db, modelsDirectory: string, { model, version, hours, now }: DriftInput): Promise<DriftReport> {
  const table = model?.version === version ? model.marginals : await readTable(db, modelsDirectory, version)
  const since = hourOf(now) - hours + 1
  const head = { version, since: new Date(since * 3_600_000).toISOString(), requestsMin: limits.driftRequestsMin }
  if (table === null) return { ...head, requests: 0, verdict: 'no_data', reason: 'no_marginals', attributes: [] }
  const counts = readDriftCounts(db, { version, since, size: table.size })
  return { ...head, ...measureDrift({ table, counts, requestsMin: head.requestsMin }) }
}

/** Of a version that does not serve; null when it is from before marginals were kept. */
async function readTable(db: Db, modelsDirectory: string, version: string): Promise<SlotTable | null> {
  const { manifestSha256 } = getVersion(db, version)
  const directory = await versionDirectory(modelsDirectory, version)
  const { manifest } = await readManifest(directory, { version, sha256: manifestSha256 })
  const name = modelFiles.marginals
  if (manifest.files[name] === undefined) return null
  const damaged = (message: string, cause?: unknown) =>
    new DomainError('artifact_corrupt', 'a file of the version is not as the manifest says', { details: [{ path: name, message }], cause })
  let text: string
  try {
    text = readFileSync(join(directory, name), 'utf8')
  } catch (cause) {
    throw damaged('cannot be read', cause)
  }
  if (sha256Text(text) !== manifest.files[name].sha256) throw damaged('SHA-256 differs from the manifest')
  return slotTable(JSON.parse(text) as Marginals)
}
