/** Searches among allowed keys: the addon's index against the brute-force twin without what is not allowed. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AllowedKeys, AnnIndex } from '../../server/engine/ann-index'
import { BruteForce } from './brute-force'
import { builtFolder, clusteredVectors, type Folder } from './vectors'

const dimensions = 24
const count = 2_001
const vectors = clusteredVectors(2, count, dimensions)
const twin = new BruteForce(vectors, dimensions)
let folder: Folder
let index: AnnIndex
beforeAll(async () => {
  folder = await builtFolder(vectors, dimensions)
  index = AnnIndex.open(folder.paths(count))
})
afterAll(() => {
  index.retire()
  folder.remove()
})

function keysWhere(isAllowed: (key: number) => boolean): AllowedKeys {
  const words = new Uint32Array(Math.ceil(count / 32))
  for (let key = 0; key < count; key++) if (isAllowed(key)) words[key >> 5] |= 1 << (key & 31)
  return words
}

describe('among allowed keys', () => {
  test.each([1, 2, 3, 7, 50, 500])('the exact answer is the twin’s where one in %d is allowed', (every) => {
    const allowed = keysWhere((key) => key % every === 0)
    for (let seed = 60; seed < 70; seed++) {
      const query = clusteredVectors(seed, 1, dimensions)
      const truth = [...twin.exact(query, { k: 1_000 }).keys].filter((key) => key % every === 0)
      const { keys, scores } = index.exact(query, { k: 10, allowed })
      expect([...keys].slice(0, truth.length)).toEqual(truth.slice(0, 10))
      expect(keys.length).toBe(Math.min(10, Math.ceil(count / every)))
      expect(index.exact(query, { k: 1_000, allowed }).scores[0]).toBe(scores[0])
    }
  })

  test('a search finds nearly all of them at every share, and says when it missed none', () => {
    for (const every of [1, 2, 4, 10, 100]) {
      const allowed = keysWhere((key) => key % every === every - 1)
      let found = 0
      for (let seed = 100; seed < 150; seed++) {
        const query = clusteredVectors(seed, 1, dimensions)
        const exact = index.exact(query, { k: 10, allowed })
        const { keys, scores, scanned } = index.search(query, { k: 10, ef: 128, allowed })
        expect([...keys].every((key) => key % every === every - 1)).toBe(true)
        if (scanned) expect([keys, scores]).toEqual([exact.keys, exact.scores])
        found += exact.keys.filter((key) => keys.includes(key)).length
      }
      expect(found).toBeGreaterThanOrEqual(490)
    }
  })

  test('by the weighted cosine, dimensions without weight do not count', () => {
    const factors = new Float32Array(dimensions).fill(1).fill(0, 12)
    const allowed = keysWhere((key) => key % 2 === 1)
    const query = clusteredVectors(70, 1, dimensions)
    const { keys } = index.searchWeighed(query, factors, { k: 10, ef: 64, allowed })
    const all = index.searchWeighed(query, factors, { k: 1_000 }).keys.filter((key) => key % 2 === 1)
    expect<Uint32Array>(keys).toEqual(all.subarray(0, 10))
  })

  test('when nothing is allowed nothing is found', () => {
    const allowed = keysWhere(() => false)
    const query = clusteredVectors(71, 1, dimensions)
    expect(index.search(query, { k: 5, ef: 64, allowed })).toEqual({ keys: new Uint32Array(0), scores: new Float32Array(0), scanned: true })
  })

  test('a set of another length, or with bits beyond the last key, is a bad request', () => {
    const query = clusteredVectors(71, 1, dimensions)
    const beyond = keysWhere(() => true)
    beyond[beyond.length - 1] |= 1 << 31
    for (const allowed of [new Uint32Array(1), new Uint32Array(beyond.length + 1), beyond]) {
      expect(() => index.search(query, { k: 5, ef: 64, allowed })).toThrow(expect.objectContaining({ code: 'bad_request' }))
      expect(() => index.exact(query, { k: 5, allowed })).toThrow(expect.objectContaining({ code: 'bad_request' }))
    }
  })
})
