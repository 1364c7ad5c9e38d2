/**
 * `manifest.json` as text: read strictly, because a version is opened by what stands there, and written in one fixed order.
 * Reading refuses what JSON.parse lets pass in silence: double keys, numbers beyond exact integers, unknown fields.
 */
import { Value } from '@sinclair/typebox/value'
import { limits } from '../contract/limits'
import { Manifest } from '../contract/manifest'
import type { ProblemDetail } from '../contract/problem'
import { DomainError } from '../domain/error'

/** A manifest is a few kilobytes; more is no manifest. */
export const MANIFEST_BYTES_MAX = 1_000_000
export const MANIFEST_NAME = 'manifest.json'

/** TypeBox lets keys that miss a record's pattern pass unless told otherwise, and a file's name becomes a path. */
const fileName = /^[A-Za-z0-9_.-]{1,128}$/
/** Names that the pattern admits and a folder must not hold as an artifact. */
const reservedNames = new Set(['.', '..', '__proto__', MANIFEST_NAME])

const refuse = (message: string, details?: ProblemDetail[]) => new DomainError('manifest_invalid', message, { details })

/** Whether a file of this name may be part of a version. */
export const isArtifactName = (name: string): boolean => fileName.test(name) && !reservedNames.has(name)

/**
 * Parses and checks a manifest. Fields that the schema calls optional may be absent, so one written by hand is read too.
 * Throws `manifest_invalid` with a JSON pointer per finding.
 */
export function parseManifest(text: string): Manifest {
  if (text.length > MANIFEST_BYTES_MAX) throw refuse(`the manifest is longer than ${MANIFEST_BYTES_MAX} characters`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new DomainError('manifest_invalid', 'the manifest is not JSON', { cause })
  }
  const shape = measure(value)
  if (shape.deep) throw refuse(`the manifest is nested deeper than ${limits.jsonDepthMax} levels`)
  if (shape.absurd !== null) throw refuse('the manifest has a number beyond ±2^53', [{ path: shape.absurd, message: 'number too large' }])
  // In valid JSON exactly the keys are strings followed by a colon; JSON.parse keeps one of several equal ones.
  if (shape.keys !== countKeys(text)) throw refuse('the manifest has the same key twice in one object')
  if (!Value.Check(Manifest, value)) {
    const details = [...Value.Errors(Manifest, value)].slice(0, 20).map(({ path, message }) => ({ path: path || '/', message }))
    throw refuse('the manifest does not match its schema', details)
  }
  checkMeaning(value)
  return value
}

/** The manifest as the bytes that are written and hashed: two blanks of indent, a newline at the end. */
export function manifestText(manifest: Manifest): string {
  const { schema, version, createdAt, files, ...body } = manifest
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify({ schema, version, createdAt, ...body, files: sorted }, null, 2)}\n`
}

/** SHA-256 of a text in lower-case hex. */
export function sha256Text(text: string): string {
  return new Bun.CryptoHasher('sha256').update(text).digest('hex')
}

/** What the schema cannot say. */
function checkMeaning(manifest: Manifest): void {
  if (Object.keys(manifest.files).length === 0) throw refuse('the manifest names no files')
  for (const name of Object.keys(manifest.files)) {
    if (!isArtifactName(name)) {
      throw refuse('the manifest names a file that cannot be one', [{ path: '/files', message: 'name not allowed' }])
    }
  }
  if (!isInstant(manifest.createdAt)) throw refuse('createdAt is not a time', [{ path: '/createdAt', message: 'expected ISO 8601 in UTC' }])
  for (const [preset, recall] of Object.entries(manifest.recall)) {
    if (recall < 0 || recall > 1) throw refuse('a recall is not between 0 and 1', [{ path: `/recall/${preset}`, message: 'out of range' }])
  }
  const breadths = manifest.recallCurve?.points.map(({ ef }) => ef) ?? []
  if (breadths.some((ef, at) => at > 0 && ef <= breadths[at - 1])) {
    throw refuse('the breadths of the recall curve do not grow', [{ path: '/recallCurve/points', message: 'out of order' }])
  }
  const { connectivity, expansionAdd } = manifest.index
  if (connectivity < 0 || expansionAdd < 0) throw refuse('an index parameter is negative', [{ path: '/index', message: 'negative' }])
}

const isInstant = (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text) && !Number.isNaN(Date.parse(text))

/** Counts the keys of all objects and finds the first number that is not exact, down to the depth that is allowed. */
function measure(root: unknown): { keys: number; absurd: string | null; deep: boolean } {
  let keys = 0
  const open: { path: string; depth: number; value: unknown }[] = [{ path: '', depth: 0, value: root }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path, depth, value } = next
    if (typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) return { keys, absurd: path || '/', deep: false }
    if (typeof value !== 'object' || value === null) continue
    if (depth >= limits.jsonDepthMax) return { keys, absurd: null, deep: true }
    const entries = Object.entries(value)
    if (!Array.isArray(value)) keys += entries.length
    for (const [key, child] of entries) open.push({ path: `${path}/${key}`, depth: depth + 1, value: child })
  }
  return { keys, absurd: null, deep: false }
}

/** Keys written in a text that is known to be valid JSON. */
function countKeys(text: string): number {
  let keys = 0
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)/gs)) if (match[1] === ':') keys++
  return keys
}
