/** The usual spelling of a search is read as the parser of all bodies reads it; everything else is left to that. */
import { describe, expect, test } from 'bun:test'
import { readVectorBytes, readVectorSearch } from '../../server/domain/vector-search-body'

const vector = Float32Array.from([0.25, -1.5, 3, 1e-7, 0, 7.125])
const bytes = new Uint8Array(vector.buffer)
const base64 = bytes.toBase64()
const read = (text: string) => {
  try {
    return readVectorSearch(new TextEncoder().encode(text))
  } catch {
    return null
  }
}

describe('is read', () => {
  test('as base64 or a list, with and without options', () => {
    for (const spelled of [JSON.stringify(base64), JSON.stringify([...vector])])
      for (const options of [{}, { k: 50 }, { k: 1_000, efSearch: 64 }, { recall: 0.95 }, { efSearch: 16, k: 3 }]) {
        const tail = JSON.stringify(options).slice(1)
        expect(read(`{"vector":${spelled}${tail === '}' ? tail : `,${tail}`}`)).toEqual({ vector, options })
      }
    expect(read('{"vector":[ 1 , 2e0 ]}')?.vector).toEqual(Float32Array.from([1, 2]))
    expect(read('{"vector":[]}')?.vector.length).toBe(0)
  })

  test('as bytes, wherever they lie', () => {
    const shifted = new Uint8Array(bytes.length + 1)
    shifted.set(bytes, 1)
    for (const of of [bytes, shifted.subarray(1)]) {
      expect(readVectorBytes(of, '')).toEqual({ vector, options: {} })
      expect(readVectorBytes(of, 'k=50&efSearch=64')).toEqual({ vector, options: { k: 50, efSearch: 64 } })
      expect(readVectorBytes(of, 'efSearch=64')).toEqual({ vector, options: { efSearch: 64 } })
    }
  })
})

test('whatever is spelled otherwise, or is wrong, is not read', () => {
  const others = [
    '',
    '{}',
    '{"k":50}',
    ` {"vector":"${base64}"}`,
    `{"vector": "${base64}"}`,
    `{"k":5,"vector":"${base64}"}`,
    `{"vector":"${base64}","k":50,"k":60}`,
    `{"vector":"${base64}","vector":"${base64}"}`,
    `{"vector":"${base64}","__proto__":{}}`,
    `{"vector":"${base64}","k":0}`,
    `{"vector":"${base64}","k":1001}`,
    `{"vector":"${base64}","k":"50"}`,
    `{"vector":"${base64}","k":5e1}`,
    `{"vector":"${base64}","other":1}`,
    `{"vector":"${base64}" ,"k":50}`,
    `{"vector":"${base64}"} `,
    `{"vector":"${base64}"}}`,
    `{"vector":"${base64}"`,
    `{"vector":"${base64}`,
    `{"vector":"${base64.slice(0, 4)}\n${base64.slice(4)}"}`,
    `{"vector":"${base64.slice(0, 4)} ${base64.slice(4, -1)}"}`,
    '{"vector":"AA=="}',
    '{"vector":"AAAAAAA"}',
    '{"vector":"\\u0041AAAAAAA"}',
    '{"vector":"AAAA-_AA"}',
    '{"vector":["1"]}',
    '{"vector":[null]}',
    '{"vector":[true,1]}',
    '{"vector":[[1],2]}',
    '{"vector":[{"a":1}]}',
    '{"vector":[1,]}',
    '{"vector":[1,"]"]}',
    '{"vector":[NaN]}',
    `{"vector":[${'1,'.repeat(16_384)}1]}`,
    '{"vector":[1],"k":50,"한":1}',
  ]
  for (const text of others) expect([text.slice(0, 60), read(text)]).toEqual([text.slice(0, 60), null])
  for (const query of [
    'k=0',
    'k=1001',
    'k=50efSearch=64',
    'k=050',
    'k=5.0',
    'k=50&k=60',
    'efSearch=64&k=5',
    'recall=0.9',
    'depth=1',
    'k=50&',
    'K=5',
  ])
    expect([query, readVectorBytes(bytes, query)]).toEqual([query, null])
})
