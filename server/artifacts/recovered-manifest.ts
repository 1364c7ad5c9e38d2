/**
 * A manifest for a folder that has none: what can be told from the files, and an honest list of what cannot. It proves only that
 * nothing changes from now on.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MANIFEST_SCHEMA, type Manifest, type ManifestBody } from '../contract/manifest'
import { DomainError } from '../domain/error'
import { hashOpenFile, withRegularFile } from './file-hash'
import { isArtifactName, MANIFEST_NAME, parseManifest } from './manifest-text'

/** Files that a version needs not have. */
const optionalFiles = new Set(['encoder.onnx', 'scorer.onnx', 'quality.json', 'training_metadata.json', 'importance.json'])

/**
 * Describes the files of a folder. Fields that no file tells are listed in `parameters.unknown`; their values are placeholders.
 * Throws `manifest_invalid` when there is nothing to describe.
 */
export async function recoverManifest(directory: string, { version, now }: { version: string; now: Date }): Promise<Manifest> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isFile() && entry.name !== MANIFEST_NAME && isArtifactName(entry.name))
    .map(({ name }) => name)
  if (names.length === 0) throw new DomainError('manifest_invalid', 'the folder holds neither a manifest nor artifacts')
  const files: Manifest['files'] = {}
  for (const name of names.sort()) {
    const { sha256, identity } = await withRegularFile(join(directory, name), name, (file, before) => hashOpenFile(file, name, before))
    files[name] = { sha256, bytes: identity.size, ...(optionalFiles.has(name) ? { optional: true } : {}) }
  }
  const index = names.includes('index.usearch') ? await readIndexHead(join(directory, 'index.usearch')) : null
  const dimensions = index && dimensionsOf(files['vectors.f32']?.bytes, index.vectors)
  const mapping = await readMapping(directory, names)
  const unknown = [
    'counts.items',
    ...(index ? [] : ['counts.vectors', 'scalar', 'index.connectivity']),
    ...(dimensions === null ? ['dimensions'] : []),
    'counts.routings',
    'counts.operations',
    'counts.results',
    'index.expansionAdd',
    'recall',
    'recallCurve',
    ...(mapping ? [] : ['mapping']),
  ]
  const body: ManifestBody = {
    counts: { items: 0, vectors: index?.vectors ?? 0, routings: 0, operations: 0, results: 0 },
    dimensions: dimensions ?? 1,
    metric: 'cosine',
    scalar: index?.scalar ?? 'unknown',
    index: { connectivity: index?.connectivity ?? 0, expansionAdd: 0 },
    recall: {},
    mapping: mapping ?? { name: 'unknown', sha256: '' },
    runtime: {},
    parameters: { recovered: true, unknown },
    notes: 'manifest written by models check from the files found',
  }
  // Through the reader's own eyes: what is written here must be readable.
  return parseManifest(JSON.stringify({ schema: MANIFEST_SCHEMA, version, createdAt: now.toISOString(), files, ...body }))
}

/** Scalar kinds of usearch's file format that the engine writes. */
const scalars: Record<number, string> = { 11: 'f32', 12: 'f16', 23: 'int8', 4: 'bf16' }

/** Rows of f32; the index itself may hold more dimensions than were encoded. */
function dimensionsOf(bytes: number | undefined, vectors: number): number | null {
  const dimensions = (bytes ?? Number.NaN) / 4 / vectors
  return Number.isSafeInteger(dimensions) && dimensions > 0 ? dimensions : null
}

interface IndexHead {
  vectors: number
  connectivity: number
  scalar: string
}

/**
 * The head of a usearch file: two u32 (vectors, bytes of each), the vectors, then 64 bytes that begin with `usearch`, three u16
 * of version, one byte each for metric, scalar, key and slot, and the count as u64; then as u64 size and connectivity.
 * null when the file is laid out otherwise.
 */
async function readIndexHead(path: string): Promise<IndexHead | null> {
  return withRegularFile(path, 'index.usearch', async (file) => {
    const sizes = Buffer.alloc(8)
    if ((await file.read(sizes, 0, 8, 0)).bytesRead < 8) return null
    const at = 8 + sizes.readUInt32LE(0) * sizes.readUInt32LE(4)
    const head = Buffer.alloc(80)
    if (!Number.isSafeInteger(at) || (await file.read(head, 0, 80, at)).bytesRead < 80) return null
    if (head.toString('latin1', 0, 7) !== 'usearch') return null
    const [vectors, connectivity] = [Number(head.readBigUInt64LE(17)), Number(head.readBigUInt64LE(72))]
    if (!Number.isSafeInteger(vectors) || !(connectivity <= 1_000)) return null
    return { vectors, connectivity, scalar: scalars[head.readUInt8(14)] ?? 'unknown' }
  })
}

async function readMapping(directory: string, names: string[]): Promise<ManifestBody['mapping'] | null> {
  if (!names.includes('mapping.json')) return null
  const bytes = await readFile(join(directory, 'mapping.json'))
  const sha256 = new Bun.CryptoHasher('sha256').update(bytes).digest('hex')
  try {
    const { name } = JSON.parse(bytes.toString('utf8')) as { name?: unknown }
    return { name: typeof name === 'string' ? name : 'unknown', sha256 }
  } catch {
    // A mapping that is no JSON is still a file of the version; opening will refuse it.
    return { name: 'unknown', sha256 }
  }
}
