/** A query vector as it comes over the wire: a list of numbers, base64 of little-endian f32, or those bytes themselves. */
import { DomainError } from './error'

const bytesPerValue = 4

/**
 * Whatever can be read as numbers: whether they fit the version (how many, finite, not all 0) is for the engine. Of bytes it is a view
 * where they lie on a multiple of four. Throws `invalid_value`, `vector_wrong_length`.
 */
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
  // every machine that the runtime has a build for is little-endian
  const aligned = bytes.byteOffset % bytesPerValue === 0 ? bytes : Uint8Array.from(bytes)
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / bytesPerValue)
}

function decodeBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text)
  } catch (cause) {
    throw new DomainError('invalid_value', 'the vector is no base64', { cause, details: [{ path: '/vector', message: 'must be base64' }] })
  }
}
