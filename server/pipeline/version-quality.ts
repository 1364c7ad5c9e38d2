/** `quality.json` of a version: read, checked against its schema, and set beside that of another version. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { versionDirectory } from '../artifacts/version-name'
import { QUALITY_FILE, type QualityComparison, QualityReport } from '../contract/quality'
import { DomainError } from '../domain/error'
import { compareQuality } from '../domain/evaluation/quality-comparison'
import { getVersion } from '../store/model-version'
import type { Db } from '../store/open'

/** Null where the folder has no report, or one of another shape (an older version's). */
export function readQuality(directory: string): QualityReport | null {
  const path = join(directory, QUALITY_FILE)
  if (!existsSync(path)) return null
  let report: unknown
  try {
    report = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
  return Value.Check(QualityReport, report) ? report : null
}

/** @throws version_unknown, artifact_missing (folder gone) */
export async function findQuality(db: Db, modelsDirectory: string, version: string): Promise<QualityReport | null> {
  const row = getVersion(db, version)
  return readQuality(await versionDirectory(modelsDirectory, row.version))
}

/** The report of a registered version. @throws version_unknown, not_found (the version has none), artifact_missing */
export async function getQuality(db: Db, modelsDirectory: string, version: string): Promise<QualityReport> {
  const report = await findQuality(db, modelsDirectory, version)
  if (report === null) throw new DomainError('not_found', 'this version was published without a quality report')
  return report
}

/** Version `a` beside version `b`. @throws version_unknown, artifact_missing */
export async function compareVersions(db: Db, modelsDirectory: string, a: string, b: string): Promise<QualityComparison> {
  const side = async (version: string) => ({ version, report: await findQuality(db, modelsDirectory, version) })
  return compareQuality(await side(a), await side(b))
}
