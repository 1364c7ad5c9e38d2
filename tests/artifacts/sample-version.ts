/** A small version of real files with all kinds of lengths, published the ordinary way. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '../../server/artifacts/process-life'
import { type PublishedVersion, publishVersion } from '../../server/artifacts/version-directory'
import type { ManifestBody } from '../../server/contract/manifest'

const temporaryRoot = join(tmpdir(), 'routewright-tests')

/** A fresh folder. Those of test runs that are over are removed by the next one: the runner calls no exit handlers. */
export function temporaryDirectory(): string {
  const own = join(temporaryRoot, String(process.pid))
  if (!existsSync(own)) {
    mkdirSync(own, { recursive: true })
    const over = readdirSync(temporaryRoot).filter((pid) => !isAlive(Number(pid)))
    for (const pid of over) rmSync(join(temporaryRoot, pid), { recursive: true, force: true })
  }
  return realpathSync(mkdtempSync(join(own, 'at-')))
}

export const sampleBody: ManifestBody = {
  counts: { items: 60, vectors: 58, routings: 70, operations: 300, results: 0 },
  dimensions: 32,
  metric: 'cosine',
  scalar: 'int8',
  index: { connectivity: 16, expansionAdd: 128 },
  recall: { standard: 0.99 },
  mapping: { name: 'plant', sha256: 'a'.repeat(64) },
  runtime: { routewright: '0.1.0' },
  parameters: { seed: 1, text: { tokens: [1, 2, 3], 'key: "odd"': null } },
}

/** The same bytes for the same seed. */
export function sampleBytes(length: number, seed: number): Uint8Array {
  let state = (seed * 2654435761) >>> 0 || 1
  return Uint8Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 255
  })
}

export const sampleFiles: Record<string, Uint8Array> = {
  'index.usearch': sampleBytes(5_000, 1),
  'vectors.f32': sampleBytes(2_049, 2),
  'encoder.json': new TextEncoder().encode('{"dimensions":32}\n'),
  'golden.jsonl': sampleBytes(65, 3),
  'empty.bin': new Uint8Array(0),
}

export interface SampleInput {
  now?: Date
  build?: string
  files?: Record<string, Uint8Array>
  announce?: (version: string) => Promise<void>
}

export function publishSample(
  modelsDirectory: string,
  { now = new Date(2026, 10, 21, 8), build, files = sampleFiles, announce }: SampleInput = {},
): Promise<PublishedVersion> {
  return publishVersion({
    modelsDirectory,
    now,
    build,
    announce,
    write: async (staging) => {
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(staging, name), bytes)
      return sampleBody
    },
  })
}
