/** What only the addon's index has: building, opening, batches, blocks, retirement; and errors that keep their code. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { awaitNative, binding, callNative } from '../../server/engine/addon'
import { AnnIndex, buildIndex, NO_KEY } from '../../server/engine/ann-index'
import { engineRuntime, engineVersions } from '../../server/engine/cpu'
import { builtFolder, clusteredVectors, emptyFolder, type Folder } from './vectors'

const dimensions = 24
const count = 2_000
const vectors = clusteredVectors(2, count, dimensions)
const query = clusteredVectors(50, 1, dimensions)
let folder: Folder
beforeAll(async () => {
  folder = await builtFolder(vectors, dimensions)
})
afterAll(() => folder.remove())

describe('building', () => {
  test('reports progress up to all rows and says what it wrote', async () => {
    const other = emptyFolder(dimensions)
    const seen: [number, number][] = []
    const onProgress = (done: number, total: number) => seen.push([done, total])
    const built = await buildIndex(vectors, { dimensions, directory: other.path, threads: 2, onProgress })
    expect(seen.at(-1)).toEqual([count, count])
    expect(built.threads).toBe(2)
    const { imagePath, indexPath, vectorsPath } = other.paths(count)
    expect(built.bytes).toBe(Bun.file(imagePath!).size + Bun.file(indexPath).size + Bun.file(vectorsPath).size)
    expect(built.memoryBytes).toBeGreaterThan(0)
    expect<Float32Array>(new Float32Array(readFileSync(vectorsPath).buffer)).toEqual(vectors)
    other.remove()
  })

  test('leaves the JavaScript thread free', async () => {
    const other = emptyFolder(dimensions)
    const many = clusteredVectors(3, 20_000, dimensions)
    let ticks = 0
    const timer = setInterval(() => ticks++, 5)
    await buildIndex(many, { dimensions, directory: other.path, threads: 1 })
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(5)
    other.remove()
  })

  test('ends with cancelled when the signal aborts, before and while', async () => {
    const other = emptyFolder(dimensions)
    const many = clusteredVectors(3, 40_000, dimensions)
    const options = { dimensions, directory: other.path, threads: 1 }
    await expect(buildIndex(many, { ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
    const abort = new AbortController()
    const start = performance.now()
    const building = buildIndex(many, { ...options, signal: abort.signal, onProgress: () => abort.abort() })
    await expect(building).rejects.toMatchObject({ code: 'cancelled' })
    expect(performance.now() - start).toBeLessThan(20_000)
    other.remove()
  })

  test('takes rows from a file where it lies', async () => {
    const other = emptyFolder(dimensions)
    const { vectorsPath } = folder.paths(count)
    await buildIndex({ path: vectorsPath }, { dimensions, directory: other.path, connectivity: 8, threads: 1 })
    const index = AnnIndex.open({ ...other.paths(count), vectorsPath })
    expect(index.search(vectors.subarray(0, dimensions), { k: 1, ef: 32 }).keys[0]).toBe(0)
    index.retire()
    other.remove()
  })

  test.each([
    ['dimensions', { dimensions: 0 }],
    ['dimensions', { dimensions: 1.5 }],
    ['connectivity', { connectivity: 1 }],
    ['expansionAdd', { expansionAdd: 5_000 }],
    ['threads', { threads: -1 }],
  ])('refuses %s out of range', async (name, change) => {
    const building = buildIndex(vectors, { dimensions, directory: folder.path, ...change })
    await expect(building).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining(name) })
  })

  test('names the row that has no direction or another norm than 1', async () => {
    const other = emptyFolder(dimensions)
    const attempt = (value: number) => {
      const bad = vectors.slice().fill(value, 7 * dimensions, 8 * dimensions)
      return buildIndex(bad, { dimensions, directory: other.path })
    }
    await expect(attempt(0)).rejects.toMatchObject({ code: 'vector_zero', message: expect.stringContaining('row 7:') })
    await expect(attempt(Number.NaN)).rejects.toMatchObject({ code: 'vector_not_finite', message: expect.stringContaining('row 7:') })
    await expect(attempt(1)).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining('row 7:') })
    other.remove()
  })
})

describe('opening', () => {
  test.each([
    ['other dimensions', { dimensions: 25 }, 'artifact_mismatch'],
    ['another count', { count: 1_999 }, 'artifact_mismatch'],
    ['a missing image', { imagePath: '/nowhere/serving.image' }, 'artifact_missing'],
    ['a missing graph', { imagePath: null, indexPath: '/nowhere/index.usearch' }, 'artifact_missing'],
    ['a fraction of a vector', { count: 1.5 }, 'bad_request'],
  ])('refuses %s', (_, change, code) => {
    expect(() => AnnIndex.open({ ...folder.paths(count), ...change })).toThrow(expect.objectContaining({ code }))
  })

  test('refuses files that were cut or whose head was altered', async () => {
    const other = await builtFolder(vectors, dimensions)
    const { indexPath, vectorsPath } = other.paths(count)
    const open = () => AnnIndex.open({ ...other.paths(count), imagePath: null })
    const whole = readFileSync(indexPath)
    const head = 8 + count * (dimensions + 4)
    for (const at of [0, 4, head, head + 14, head + 17, head + 33, head + 64]) {
      const altered = Uint8Array.from(whole)
      altered[at] ^= 1
      writeFileSync(indexPath, altered)
      expect(open).toThrow(expect.objectContaining({ code: expect.stringMatching(/^artifact_(corrupt|mismatch)$/) }))
    }
    writeFileSync(indexPath, whole)
    open().retire()
    truncateSync(indexPath, whole.length - 1)
    expect(open).toThrow(expect.objectContaining({ code: 'artifact_corrupt' }))
    writeFileSync(indexPath, whole)
    truncateSync(vectorsPath, 4_000)
    expect(open).toThrow(expect.objectContaining({ code: 'artifact_mismatch' }))
    other.remove()
  })
})

describe('an opened index', () => {
  let index: AnnIndex
  beforeAll(() => {
    index = AnnIndex.open(folder.paths(count))
  })
  const queries = clusteredVectors(60, 33, dimensions)

  test('answers a batch as it answers single queries, and the caller may change the queries at once', async () => {
    const passed = queries.slice()
    const pending = index.searchBatch(passed, { k: 5, ef: 48, threads: 2 })
    passed.fill(Number.NaN)
    const { keys, scores } = await pending
    const exact = await index.exactBatch(queries, { k: 5, threads: 2 })
    for (let at = 0; at < 33; at++) {
      const one = queries.subarray(at * dimensions, (at + 1) * dimensions)
      const single = index.search(one, { k: 5, ef: 48 })
      expect<Uint32Array>(keys.slice(at * 5, at * 5 + 5)).toEqual(single.keys)
      expect<Float32Array>(scores.slice(at * 5, at * 5 + 5)).toEqual(single.scores)
      expect<Uint32Array>(exact.keys.slice(at * 5, at * 5 + 5)).toEqual(index.exact(one, { k: 5 }).keys)
    }
  })

  test('refuses a bad batch by the number of the query', async () => {
    const bad = queries.slice().fill(0, 2 * dimensions, 3 * dimensions)
    const failure = { code: 'vector_zero', message: expect.stringContaining('query 2:') }
    await expect(index.searchBatch(bad, { k: 5, ef: 32 })).rejects.toMatchObject(failure)
    await expect(index.exactBatch(bad, { k: 5 })).rejects.toMatchObject(failure)
    await expect(index.searchBatch(queries.subarray(1), { k: 5, ef: 32 })).rejects.toMatchObject({ code: 'vector_wrong_length' })
    await expect(index.searchBatch(queries, { k: 0, ef: 32 })).rejects.toMatchObject({ code: 'bad_request' })
    await expect(index.searchBatch(queries, { k: 5, ef: 1.5 })).rejects.toMatchObject({ code: 'bad_request' })
    await expect(index.searchBatch(queries, { k: 5, ef: 32, threads: 0 })).rejects.toMatchObject({ code: 'bad_request' })
    expect(await index.searchBatch(new Float32Array(0), { k: 5, ef: 32 })).toEqual({
      keys: new Uint32Array(0),
      scores: new Float32Array(0),
    })
  })

  test('many batches at once, all are answered alike', async () => {
    const narrow = AnnIndex.open(folder.paths(count))
    const batches = Array.from({ length: 8 }, () => narrow.searchBatch(queries, { k: 5, ef: 48, threads: 4 }))
    const [first, ...rest] = await Promise.all(batches)
    for (const other of rest) expect(other).toEqual(first)
    narrow.retire()
  })

  test('shares of blocks sum to the similarity', () => {
    const { keys, scores } = index.search(query, { k: 4, ef: 32 })
    const { dots, norms } = index.blockDots(query, keys, Uint32Array.of(0, 10, 24))
    keys.forEach((_, at) => {
      expect(dots[at * 2] + dots[at * 2 + 1]).toBeCloseTo(scores[at], 5)
      expect(norms[at * 2] + norms[at * 2 + 1]).toBeCloseTo(1, 5)
    })
    const bad = expect.objectContaining({ code: 'bad_request' })
    expect(() => index.blockDots(query, Uint32Array.of(count), Uint32Array.of(0, 24))).toThrow(bad)
    expect(() => index.blockDots(query, keys, Uint32Array.of(10, 0))).toThrow(bad)
    expect(() => index.blockDots(query, keys, Uint32Array.of(0, 25))).toThrow(bad)
  })

  test('pads a batch that finds fewer than k', async () => {
    const other = await builtFolder(vectors.slice(0, 2 * dimensions), dimensions)
    const small = AnnIndex.open(other.paths(2))
    const { keys, scores } = await small.searchBatch(query, { k: 3, ef: 16 })
    expect(keys[2]).toBe(NO_KEY)
    expect(scores[2]).toBe(Number.NEGATIVE_INFINITY)
    expect(small.search(query, { k: 3, ef: 16 }).keys).toHaveLength(2)
    small.retire()
    other.remove()
  })

  test('is healthy, and a retired one refuses every question', async () => {
    const other = AnnIndex.open(folder.paths(count))
    other.health()
    const running = other.exactBatch(queries, { k: 5 })
    other.retire()
    other.retire()
    await running.catch((error) => expect(error.code).toBe('model_not_loaded'))
    const refused = expect.objectContaining({ code: 'model_not_loaded' })
    expect(() => other.search(query, { k: 1, ef: 16 })).toThrow(refused)
    expect(() => other.exact(query, { k: 1 })).toThrow(refused)
    expect(() => other.vector(0)).toThrow(refused)
    expect(() => other.health()).toThrow(refused)
    await expect(other.searchBatch(query, { k: 1, ef: 16 })).rejects.toMatchObject({ code: 'model_not_loaded' })
  })
})

describe('the border', () => {
  test('a panic becomes engine_failed, on the thread and off it, and the process lives on', async () => {
    expect(() => callNative(() => binding.panicNow())).toThrow(expect.objectContaining({ code: 'engine_failed' }))
    await expect(awaitNative(() => binding.panicLater())).rejects.toMatchObject({ code: 'engine_failed' })
    expect(engineVersions().usearch).toMatch(/^2\./)
  })

  test('an argument of a wrong type is an engine_failed without its text', () => {
    const wrong = () => callNative(() => binding.summarizeGroups('secret' as never, 1 as never, 2 as never, 3 as never, true, 4 as never))
    expect(wrong).toThrow(expect.objectContaining({ code: 'engine_failed', message: 'the engine failed' }))
  })

  test('the fastest arithmetic of this processor is in use unless another is asked for', () => {
    const { kernels, available } = engineRuntime()
    expect(available.at(-1)).toBe('portable')
    expect(kernels).toBe(process.env.ROUTEWRIGHT_KERNELS ?? available[0])
  })

  const paths = ['avx512vnni', 'avx512bw', 'avx2', 'neon-dotprod', 'neon', 'portable']
  test.each(paths)('answers are the same with %s arithmetic', async (kernels) => {
    if (!engineRuntime().available.includes(kernels)) {
      console.warn(`SKIPPED: this processor has no ${kernels}`)
      return
    }
    const child = Bun.spawn(
      [process.execPath, `${import.meta.dir}/search-with-kernels.ts`, folder.path, String(count), String(dimensions)],
      {
        env: { ...process.env, ROUTEWRIGHT_KERNELS: kernels },
        stdout: 'pipe',
      },
    )
    const answer = await new Response(child.stdout).json()
    const index = AnnIndex.open(folder.paths(count))
    const expected = await index.searchBatch(clusteredVectors(60, 33, dimensions), { k: 5, ef: 48 })
    expect(answer).toEqual({ kernels, keys: [...expected.keys] })
    index.retire()
  })
})
