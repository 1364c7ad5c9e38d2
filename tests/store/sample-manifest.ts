/** A registered version without files, for tests that only need the row. */
import { manifestText, sha256Text } from '../../server/artifacts/manifest-text'
import { MANIFEST_SCHEMA, type Manifest } from '../../server/contract/manifest'
import type { RegisterInput } from '../../server/store/model-version'
import { sampleBody } from '../artifacts/sample-version'

export const now = new Date('2026-11-21T08:00:00.000Z')

export function registration(version: string): RegisterInput {
  const manifest: Manifest = {
    schema: MANIFEST_SCHEMA,
    version,
    createdAt: now.toISOString(),
    files: { 'index.usearch': { sha256: 'b'.repeat(64), bytes: 5_000 } },
    ...sampleBody,
  }
  const text = manifestText(manifest)
  return { manifest, manifestText: text, manifestSha256: sha256Text(text), who: 'test', now }
}
