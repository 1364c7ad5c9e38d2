/**
 * A search by vector as programs spell it: `{"vector":"…","k":50}`, `{"vector":[…],"k":50}`, or the bytes of the vector with the options
 * in the address. Read without looking at each character; whatever is spelled otherwise, or wrong, is left to the parser of all bodies.
 */
import { Value } from '@sinclair/typebox/value'
import { limits } from '../contract/limits'
import { VectorSearchRequest } from '../contract/vector-search'
import { readQueryVector } from './query-vector'

export interface VectorSearchBody {
  vector: Float32Array
  options: Omit<VectorSearchRequest, 'vector'>
}

const beforeText = '{"vector":"'
const beforeList = '{"vector":['
const [quote, bracket] = [0x22, 0x5d]
const inAddress = /^(?:k=([1-9]\d{0,3}))?(?:(?:^|&)efSearch=([1-9]\d{0,4}))?$/

/** Null for what is not spelled so. The vector may be a view of the bytes. Throws `vector_wrong_length`, and what JSON and base64 throw. */
export function readVectorSearch(bytes: Uint8Array<ArrayBuffer>): VectorSearchBody | null {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = beforeText.length
  const before = body.toString('latin1', 0, start)
  if (before !== beforeText && before !== beforeList) return null
  const end = body.indexOf(before === beforeText ? quote : bracket, start)
  if (end === -1) return null
  const options = readOptions(body.toString('latin1', end + 1))
  if (options === null) return null
  const vector =
    before === beforeText ? fromBase64(body.toString('latin1', start, end)) : fromList(body.toString('latin1', start - 1, end + 1))
  return vector === null ? null : { vector, options }
}

/** Of a body that is nothing but the vector. `query`: the address behind the question mark. Null and throws as `readVectorSearch`. */
export function readVectorBytes(bytes: Uint8Array<ArrayBuffer>, query: string): VectorSearchBody | null {
  const [found, k, efSearch] = inAddress.exec(query) ?? []
  if (found === undefined) return null
  const options = { ...(k === undefined ? {} : { k: Number(k) }), ...(efSearch === undefined ? {} : { efSearch: Number(efSearch) }) }
  return Value.Check(VectorSearchRequest, options) ? { vector: readQueryVector(bytes), options } : null
}

/** What follows the vector: `}` or `,"k":50}`. In the one spelling in which no key can come twice. */
function readOptions(text: string): VectorSearchBody['options'] | null {
  if (text === '}') return {}
  if (!text.startsWith(',')) return null
  const json = `{${text.slice(1)}`
  const options = JSON.parse(json)
  return JSON.stringify(options) === json && !('vector' in options) && Value.Check(VectorSearchRequest, options) ? options : null
}

/** With its padding and without blanks: so it has one length only. */
function fromBase64(text: string): Float32Array | null {
  if (text.length > limits.vectorBase64CharactersMax) return null
  const bytes = Uint8Array.fromBase64(text)
  return text.length === 4 * Math.ceil(bytes.length / 3) ? readQueryVector(bytes) : null
}

function fromList(text: string): Float32Array | null {
  const values: unknown[] = JSON.parse(text)
  if (values.length > limits.vectorDimensionsMax || values.some((value) => typeof value !== 'number')) return null
  return readQueryVector(values as number[])
}
