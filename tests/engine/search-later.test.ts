/** Searches off the thread: the answers of those on it, and an end when the time is over. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AnnIndex, buildIndex, type Search } from '../../server/engine/ann-index'

const count = 8_000
const dimensions = 32
const directory = mkdtempSync(join(tmpdir(), 'routewright-later-'))
let index: AnnIndex

/** Unit vectors of a small generator of its own. */
function vectors(rows: number, seed: number): Float32Array {
  const out = new Float32Array(rows * dimensions)
  let state = seed
  for (let row = 0; row < rows; row++) {
    const part = out.subarray(row * dimensions, (row + 1) * dimensions)
    let squared = 0
    for (let at = 0; at < dimensions; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      part[at] = state / 2 ** 32 - 0.5
      squared += part[at] ** 2
    }
    for (let at = 0; at < dimensions; at++) part[at] /= Math.sqrt(squared)
  }
  return out
}

beforeAll(async () => {
  await buildIndex(vectors(count, 1), { dimensions, directory })
  const [imagePath, indexPath, vectorsPath] = ['serving.image', 'index.usearch', 'vectors.f32'].map((name) => join(directory, name))
  index = AnnIndex.open({ imagePath, indexPath, vectorsPath, dimensions, count })
}, 60_000)
afterAll(() => {
  index.retire()
  rmSync(directory, { recursive: true })
})

const searches = (timeoutMs: number | null): Search[] => {
  const vector = vectors(1, 7)
  const moved = new Float32Array(dimensions).fill(1).fill(3, 0, 8)
  return [null, moved].flatMap((factors) =>
    [null, new Uint32Array(count / 32).fill(0x77777777)].flatMap((allowed) =>
      [null, 64].map((ef) => ({ vector, factors, k: 10, ef, allowed, timeoutMs })),
    ),
  )
}

test('every kind of search finds off the thread what it finds on it', async () => {
  for (const search of searches(null)) expect(await index.searchLater(search)).toEqual(index.searchNow(search))
})

test('every kind of search ends when the time is over, on the thread and off it', async () => {
  for (const search of searches(0)) {
    expect(() => index.searchNow(search)).toThrow(expect.objectContaining({ code: 'deadline_exceeded' }))
    await expect(index.searchLater(search)).rejects.toMatchObject({ code: 'deadline_exceeded' })
  }
})

test('what is wrong is refused off the thread, too', async () => {
  const [search] = searches(null)
  await expect(index.searchLater({ ...search, k: 0 })).rejects.toMatchObject({ code: 'bad_request' })
  await expect(index.searchLater({ ...search, ef: 5_000 })).rejects.toMatchObject({ code: 'bad_request' })
  await expect(index.searchLater({ ...search, vector: new Float32Array(3) })).rejects.toMatchObject({ code: 'vector_wrong_length' })
})
