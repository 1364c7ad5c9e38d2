/** `routewright predict` as a process, on a small plant that is trained for it. */
import { beforeAll, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Prediction } from '../../server/contract/predict'
import { writeSample } from '../../server/pipeline/sample'
import { temporaryDirectory } from '../artifacts/sample-version'

const main = join(import.meta.dir, '..', '..', 'server', 'main.ts')
const folder = temporaryDirectory()
const sample = join(folder, 'sample')
const place = ['--models', join(folder, 'models'), '--database', join(folder, 'rw.sqlite')]
const items = join(folder, 'items.json')

async function routewright(...args: string[]) {
  const child = Bun.spawn([process.execPath, main, ...args, ...place], { stdout: 'pipe', stderr: 'pipe', cwd: folder })
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return {
    exit: await child.exited,
    error,
    lines: () =>
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Prediction),
  }
}

beforeAll(async () => {
  await writeSample({ out: sample, items: 150, seed: 5 })
  writeFileSync(items, JSON.stringify([{ PART_TYPE: 'GLAND' }, { PART_TYPE: 'SLEEVE' }]))
  const trained = await routewright('train', '--source', sample, '--mapping', join(sample, 'mapping.json'), '--activate')
  expect([trained.exit, trained.error.slice(-500)]).toEqual([0, expect.any(String)])
}, 120_000)

const predict = (...args: string[]) => routewright('predict', '--items', items, '--json', ...args)

test('the rows of a file are asked with the breadth or the recall that is named', async () => {
  const recalls = async (...args: string[]) => (await predict(...args)).lines().map(({ efSearch, recall }) => ({ efSearch, ...recall }))
  expect(await recalls('--ef-search', '48')).toEqual(Array(2).fill(expect.objectContaining({ efSearch: 48, asked: null, exact: false })))
  expect(await recalls('--recall', '1')).toEqual(Array(2).fill(expect.objectContaining({ asked: 1, expected: 1, exact: true })))
}, 60_000)

test('both, and what is out of bounds, is refused as a wrong use', async () => {
  for (const args of [
    ['--ef-search', '48', '--recall', '0.9'],
    ['--recall', '0.4'],
    ['--recall', 'much'],
    ['--ef-search', '15'],
  ]) {
    const { exit, error } = await predict(...args)
    expect([exit, error]).toEqual([
      2,
      expect.stringContaining(args[0].slice(2) === 'ef-search' && args.length === 4 ? 'efSearch or recall' : args[0]),
    ])
  }
}, 60_000)
