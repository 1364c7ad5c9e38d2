/** JSON written into bytes is the text that the runtime writes. */
import { expect, test } from 'bun:test'
import { JsonBytes } from '../../server/domain/json-bytes'
import { seededRandom } from '../../server/domain/random'
import type { Utf8Texts } from '../../server/domain/utf8-texts'

const text = (json: JsonBytes) => new TextDecoder('utf-8', { fatal: true }).decode(json.bytes())
const random = seededRandom(7)
const asScores = (values: number[]) => JSON.stringify(values.map((value) => Math.round(value * 1e7) / 1e7))

function asBytes(texts: string[]): Utf8Texts {
  const offsets = [0]
  for (const one of texts) offsets.push(offsets[offsets.length - 1] + Buffer.byteLength(one))
  // behind something else, as a column lies in its file
  return { bytes: Buffer.from(`before${texts.join('')}`).subarray(6), offsets }
}

test('whole numbers of every length', () => {
  const edges = Array.from({ length: 10 }, (_, power) => [10 ** power - 1, 10 ** power, 10 ** power + 1]).flat()
  const values = [...edges, 2 ** 32 - 1, ...Array.from({ length: 2_000 }, () => Math.floor(random() * 2 ** (32 * random())))]
  expect(text(new JsonBytes().integers(values))).toBe(JSON.stringify(values))
  expect(text(new JsonBytes().integers(new Uint32Array(0)))).toBe('[]')
})

test('scores, also those that are rare: none, all, negative, tiny, above 1', () => {
  const edges = [0, -0, 1, -1, 0.5, 0.1, 1e-6, 9.9e-7, 1e-7, 4e-8, 0.99999996, 0.9999999, 1.0000001, -0.25, 12.5, 0.1000001]
  const values = [...edges, ...Float32Array.from({ length: 5_000 }, () => random()), ...Array.from({ length: 500 }, () => random() * 1e-5)]
  expect(text(new JsonBytes().scores(values))).toBe(asScores(values))
})

test('texts, also those that need more than their own bytes', () => {
  const texts = [
    '',
    'P0000001',
    'a"b',
    'a\\b',
    'a\u0000b',
    '한글',
    'é',
    '\u2028',
    '\ud800',
    '😀',
    'x'.repeat(40_000),
    '\u0001'.repeat(9_000),
  ]
  const rows = [...texts.keys(), 3, 1, 1]
  // half a surrogate pair has no bytes of its own
  const written = rows.map((row) => texts[row].toWellFormed())
  expect(text(new JsonBytes().texts(asBytes(texts), rows))).toBe(JSON.stringify(written))
  expect(text(new JsonBytes().texts(asBytes(texts), []))).toBe('[]')
})

test('one document after the other, however long the one before was', () => {
  const json = new JsonBytes()
  for (const length of [3, 30_000, 5, 100_000, 1]) {
    const keys = Array.from({ length }, (_, at) => at)
    json.clear().raw('{"name":"한","keys":').integers(keys).raw(',"scores":').scores(keys).raw('}')
    expect(JSON.parse(text(json))).toEqual({ name: '한', keys, scores: keys })
  }
})
