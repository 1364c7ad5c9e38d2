/** Compares, when a version is opened, the runtime that made it with this one. */
import { existsSync, readFileSync } from 'node:fs'
import type { Manifest } from '../contract/manifest'
import { DomainError } from '../domain/error'
import { compareRuntimes, type RuntimeComparison } from '../domain/runtime-compatibility'
import { runtimeVersions } from './runtime-versions'

/**
 * @param metadataPath `training_metadata.json`; where it is absent or says nothing the manifest's own words count
 * @throws version_incompatible when another major release made it, with advice
 */
export function checkRuntime(metadataPath: string, manifest: Manifest, here = runtimeVersions()): RuntimeComparison {
  const comparison = compareRuntimes(runtimeOf(metadataPath) ?? manifest.runtime, here)
  if (comparison.drift !== 'major') return comparison
  throw new DomainError(
    'version_incompatible',
    'the version was made by another major release; train it again, or serve it with the release that made it',
    { details: comparison.notes.map((message) => ({ path: 'training_metadata.json', message })) },
  )
}

function runtimeOf(path: string): Record<string, string> | null {
  if (!existsSync(path)) return null
  try {
    const { runtime } = JSON.parse(readFileSync(path, 'utf8')) as { runtime?: unknown }
    if (typeof runtime !== 'object' || runtime === null) return null
    return Object.fromEntries(Object.entries(runtime).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    // its hash was verified: a file that is no JSON was written so, and says nothing
    return null
  }
}
