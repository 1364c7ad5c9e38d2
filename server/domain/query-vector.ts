/** A query vector as it comes over the wire: a list of numbers, base64 of little-endian f32, or those bytes themselves. */
import { DomainError } from './error'

const bytesPerValue = 4

/** Whatever can be read as numbers: whether they fit the version (how many, finite, not all 0) is for the engine. Throws `invalid_value`, `vector_wrong_length`. */
export function readQueryVector(vector: readonly number[] | string | Uint8Array): Float32Array {
  if (typeof vector === 'string') return fromBytes(decodeBase64(vector))
  if (vector instanceof Uint8Array) return fromBytes(vector)
  return Float32Array.from(vector)
}

function fromBytes(bytes: Uint8Array): Float32Array {
  if (bytes.byteLength % bytesPerValue !== 0) {
    throw new DomainError('vector_wrong_length', 'the bytes are no whole number of f32 values', {
      details: [{ path: '/vector', message: 'must be a multiple of 4 bytes' }],
    })
  }
  const values = new Float32Array(bytes.byteLength / bytesPerValue)
  // every machine that the runtime has a build for is little-endian
  new Uint8Array(values.buffer).set(bytes)
  return values
}

function decodeBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text)
  } catch (cause) {
    throw new DomainError('invalid_value', 'the vector is no base64', { cause, details: [{ path: '/vector', message: 'must be base64' }] })
  }
}
