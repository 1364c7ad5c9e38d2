/** Reads a request's body: JSON only, bounded before it is read, UTF-8 only, an object only. One parser per bound. */
import { DomainError } from '../domain/error'
import { parseJson } from './json-text'
import { bodyBytes } from './request-body'

/** The `parse` of a route whose body may have at most `bytesMax` bytes; `accept`: further content types. (The framework's own parser never runs; its name makes the reference say JSON.) */
export const jsonBody = (bytesMax: number, { accept = [] }: { accept?: string[] } = {}) => [
  readJsonObject(bytesMax, ['application/json', ...accept]),
  'json' as const,
]

/** Throws `unsupported_media_type`, `body_too_large`, `bad_json`, `too_deep` or `invalid_value`. */
const readJsonObject =
  (bytesMax: number, accepted: string[]) =>
  async ({ request }: { request: Request }): Promise<object> => {
    checkBodyHeaders(request, bytesMax, accepted)
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

/** Throws `unsupported_media_type`, `body_too_large`. */
export function checkBodyHeaders(request: Request, bytesMax: number, accepted: string[]): void {
  const type = request.headers.get('content-type')
  if (type === null ? request.body !== null : !isAccepted(type, accepted)) {
    throw new DomainError('unsupported_media_type', `the body must be ${accepted.join(' or ')}`)
  }
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw new DomainError('unsupported_media_type', 'a compressed body is not accepted')
  }
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax)
}

/** One of the types, with charset utf-8 at most. */
function isAccepted(type: string, accepted: string[]): boolean {
  if (accepted.includes(type)) return true
  const match = /^([a-z/+-]+)\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.exec(type)
  return match !== null && accepted.includes(match[1].toLowerCase())
}

/** A body of known length is read at once (its length was checked); one of unknown length is counted while it comes. */
async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array(0)
  if (request.headers.has('content-length')) return bodyBytes(request)
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
