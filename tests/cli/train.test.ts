/** What `train` says of the memory that it took, in words and as JSON. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrainReport } from '../../server/pipeline/train/train'
import { routewright } from '../serve/live-server'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'routewright-cli-train-'))
  expect((await routewright('sample', '--items', '150', '--seed', '4', '--out', folder)).exitCode).toBe(0)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const train = (...more: string[]) =>
  routewright(
    ...['train', '--source', folder, '--mapping', join(folder, 'mapping.json')],
    ...['--models', join(folder, 'models'), '--database', join(folder, 'db.sqlite'), ...more],
  )

test('the graph’s memory is told beside that of the whole process, which is never less', async () => {
  const { stdout, exitCode } = await train('--json')
  expect(exitCode).toBe(0)
  const { graphMemoryBytes, processMemoryBytes, unreachedVectors, vectors }: TrainReport = JSON.parse(stdout)
  // codes and links of every vector at least; the runtime alone takes tens of megabytes
  expect(graphMemoryBytes).toBeGreaterThan(vectors * 32)
  expect(processMemoryBytes).toBeGreaterThan(Math.max(graphMemoryBytes, 30_000_000))
  expect(unreachedVectors).toBeLessThan(vectors)
  const words = (await train()).stdout.replaceAll(/\s+/g, ' ')
  expect(words).toMatch(/Memory: at most [\d.]+ [kMG]i?B for the graph, [\d.]+ [kMG]i?B for the whole process\./)
  expect(words).toMatch(new RegExp(`\\d+ of ${vectors} vectors are not found by a narrow walk for themselves\\.`))
}, 60_000)
