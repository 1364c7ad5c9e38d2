/** One file as an HTTP answer: kept in memory with its compressed variants and an ETag each, made when first asked for. */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

export type Encoding = 'br' | 'gzip' | 'identity'

/** The parts of Elysia's `set` that an answer needs. */
export interface AnswerSet {
  headers: Record<string, string | number>
  status?: number | string
}

export interface AssetOptions {
  type: string
  cacheControl: string
  /** Reads a variant that the build made (`name.br`, `name.gz`); null when there is none. */
  readVariant?: (encoding: Exclude<Encoding, 'identity'>) => Promise<Uint8Array> | null
}

export type Asset = (request: Request, set: AnswerSet) => Promise<Uint8Array | Response>

const compressible = /^(text\/|application\/(javascript|json|manifest)|image\/svg)/

/** `read` is called once. Answers 304 for a matching `If-None-Match`. */
export function createAsset(read: () => Promise<Uint8Array>, { type, cacheControl, readVariant }: AssetOptions): Asset {
  const variants = new Map<Encoding, Promise<{ bytes: Uint8Array; etag: string }>>()
  const load = async (encoding: Encoding) => {
    const bytes = encoding === 'identity' ? await read() : await (readVariant?.(encoding) ?? compress(await read(), encoding))
    return { bytes, etag: `"${Bun.hash(bytes).toString(36)}"` }
  }
  return async (request, set) => {
    const encoding = compressible.test(type) ? preferred(request.headers.get('accept-encoding') ?? '') : 'identity'
    const variant = variants.get(encoding) ?? load(encoding)
    variants.set(encoding, variant)
    const { bytes, etag } = await variant
    set.headers['content-type'] = type
    set.headers['cache-control'] = cacheControl
    set.headers.etag = etag
    set.headers.vary = 'accept-encoding'
    if (request.headers.get('if-none-match')?.includes(etag)) return new Response(null, { status: 304 })
    if (encoding !== 'identity') set.headers['content-encoding'] = encoding
    return bytes
  }
}

function preferred(accepted: string): Encoding {
  const takes = (name: string) => new RegExp(`\\b${name}\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))`).test(accepted)
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : 'identity'
}

/** Off the JavaScript thread; medium effort, because it happens while a client waits. */
const compress = (bytes: Uint8Array, encoding: Exclude<Encoding, 'identity'>): Promise<Uint8Array> =>
  encoding === 'br'
    ? promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } })
    : promisify(gzip)(bytes, { level: 6 })
