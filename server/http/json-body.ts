/** Reads a request's body: JSON only, bounded before it is read, UTF-8 only, an object only. One parser per bound. */
import { DomainError } from '../domain/error'
import { parseJson } from './json-text'

/** The `parse` of a route whose body may have at most `bytesMax` bytes. (The framework's own parser never runs; its name makes the reference say JSON.) */
export const jsonBody = (bytesMax: number) => [readJsonObject(bytesMax), 'json' as const]

/** Throws `unsupported_media_type`, `body_too_large`, `bad_json`, `too_deep` or `invalid_value`. */
const readJsonObject =
  (bytesMax: number) =>
  async ({ request }: { request: Request }): Promise<object> => {
    checkHeaders(request, bytesMax)
    const bytes = await readBytes(request, bytesMax)
    if (bytes.byteLength === 0) throw new DomainError('bad_json', 'the body is empty; a JSON object is needed')
    const body = await parseJson(decode(bytes))
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new DomainError('invalid_value', 'the body is not as the contract says', {
        details: [{ path: '', message: 'Expected object' }],
      })
    }
    return body
  }

function checkHeaders(request: Request, bytesMax: number): void {
  const type = request.headers.get('content-type')
  if (type === null ? request.body !== null : !isJson(type)) {
    throw new DomainError('unsupported_media_type', 'the body must be application/json')
  }
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw new DomainError('unsupported_media_type', 'a compressed body is not accepted')
  }
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax)
}

/** `application/json`, with charset utf-8 at most. */
const isJson = (type: string) => type === 'application/json' || /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type)

/** A body of known length is read at once (its length was checked); one of unknown length is counted while it comes. */
async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array(0)
  if (request.headers.has('content-length')) return request.bytes()
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength
    if (length > bytesMax) throw tooLarge(bytesMax)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** One decoder for all: without `stream` it keeps nothing between calls. */
const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new DomainError('bad_json', 'the body is no valid UTF-8', { cause })
  }
}

const tooLarge = (bytesMax: number) => new DomainError('body_too_large', `the body has more than ${bytesMax} bytes`)
