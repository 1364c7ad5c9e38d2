/**
 * The table of requests that must be refused: what is sent → status and code. One table for the test (small services behind the real
 * HTTP layer) and for `bench/http/bad-requests.ts --url` (any live server).
 */
import { connect } from 'node:net'

export interface BadRequest {
  name: string
  /** The bytes on the wire, without `Host` and `Connection`, which `send` adds unless `raw`. */
  head: string
  body?: string | Uint8Array
  raw?: boolean
  status: number
  /** Code of the envelope; null where the runtime refuses before us and sends none. */
  code: string | null
}

export interface Answer {
  status: number
  code: string | null
  text: string
  headers: string
  ms: number
}

/** Stands in every request; must stand in no answer. */
export const canary = 'c4n4ry-7f3b'

const json = (path: string, body: string | Uint8Array, more = '') => ({
  head: `POST ${path} HTTP/1.1\r\nContent-Type: application/json\r\n${more}`,
  body,
})
const predict = (body: string | Uint8Array) => json('/api/v1/predict', body)
const whatIf = (body: string) => json('/api/v1/predict/counterfactual', body)
const groups = (body: string) => json('/api/v1/groups/recommendations', body)
const get = (path: string, more = '') => ({ head: `GET ${path} HTTP/1.1\r\n${more}` })
const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`

export const badRequests: BadRequest[] = [
  // values
  { name: 'NaN as a number', ...predict(`{"attributes":{"${canary}":NaN}}`), status: 400, code: 'bad_json' },
  { name: 'Infinity as a number', ...predict(`{"attributes":{"x":Infinity,"y":"${canary}"}}`), status: 400, code: 'bad_json' },
  { name: 'a number beyond double', ...predict(`{"attributes":{"x":1e999}}`), status: 422, code: 'invalid_value' },
  { name: 'topK as text', ...predict(`{"item":"${canary}","topK":"5"}`), status: 422, code: 'invalid_value' },
  { name: 'topK 0', ...predict('{"item":"x","topK":0}'), status: 422, code: 'invalid_value' },
  { name: 'topK 51', ...predict('{"item":"x","topK":51}'), status: 422, code: 'invalid_value' },
  { name: 'topK 1.5', ...predict('{"item":"x","topK":1.5}'), status: 422, code: 'invalid_value' },
  { name: 'topK true', ...predict('{"item":"x","topK":true}'), status: 422, code: 'invalid_value' },
  { name: 'efSearch 15', ...predict('{"item":"x","efSearch":15}'), status: 422, code: 'invalid_value' },
  { name: 'recall 0.4', ...predict('{"item":"x","recall":0.4}'), status: 422, code: 'invalid_value' },
  { name: 'recall 1.1', ...predict('{"item":"x","recall":1.1}'), status: 422, code: 'invalid_value' },
  { name: 'recall null', ...groups('{"item":"x","recall":null}'), status: 422, code: 'invalid_value' },
  { name: 'a knob that is not there', ...predict('{"item":"x","groupExpansion":11}'), status: 422, code: 'invalid_value' },
  { name: 'candidates null', ...predict('{"item":"x","candidates":null}'), status: 422, code: 'invalid_value' },
  { name: 'weight -1', ...predict('{"item":"x","weights":{"a":-1}}'), status: 422, code: 'invalid_value' },
  { name: 'an attribute that is a list', ...predict(`{"attributes":{"a":["${canary}"]}}`), status: 422, code: 'invalid_value' },
  { name: 'an attribute that is an object', ...predict(`{"attributes":{"a":{"b":"${canary}"}}}`), status: 422, code: 'invalid_value' },
  { name: 'an attribute of 10 KB', ...predict(`{"attributes":{"a":"${canary.repeat(1000)}"}}`), status: 422, code: 'invalid_value' },
  {
    name: '501 attributes',
    ...predict(`{"attributes":{${Array.from({ length: 501 }, (_, i) => `"a${i}":1`)}}}`),
    status: 422,
    code: 'invalid_value',
  },
  { name: 'an unknown field', ...predict(`{"item":"x","nonsense":"${canary}"}`), status: 422, code: 'invalid_value' },
  { name: 'an unknown attribute', ...predict(`{"attributes":{"no such attribute":"${canary}"}}`), status: 422, code: 'unknown_attribute' },
  { name: 'an unknown item', ...predict(`{"item":"${canary}"}`), status: 404, code: 'unknown_item' },
  { name: 'item as a number', ...predict('{"item":5}'), status: 422, code: 'invalid_value' },
  { name: 'an empty item', ...predict('{"item":""}'), status: 422, code: 'invalid_value' },
  { name: 'what if an unknown attribute', ...whatIf(`{"attributes":{},"change":{"NOPE":1}}`), status: 422, code: 'unknown_attribute' },
  { name: 'what if of an unknown item', ...whatIf(`{"item":"${canary}"}`), status: 404, code: 'unknown_item' },
  { name: 'what if with a list as a value', ...whatIf(`{"item":"x","change":{"a":["${canary}"]}}`), status: 422, code: 'invalid_value' },
  { name: 'what if, change as text', ...whatIf(`{"item":"x","change":"${canary}"}`), status: 422, code: 'invalid_value' },
  { name: 'what if, limit 0', ...whatIf('{"item":"x","limit":0}'), status: 422, code: 'invalid_value' },
  { name: 'what if, limit 51', ...whatIf('{"item":"x","limit":51}'), status: 422, code: 'invalid_value' },
  { name: 'what if with the own history', ...whatIf('{"item":"x","ignoreOwnHistory":false}'), status: 422, code: 'invalid_value' },
  { name: 'what if, half a document', ...whatIf(`{"item":"${canary}`), status: 400, code: 'bad_json' },
  { name: 'groups of an unknown item', ...groups(`{"item":"${canary}"}`), status: 404, code: 'unknown_item' },
  { name: 'groups by an unknown attribute', ...groups(`{"attributes":{"NOPE":1}}`), status: 422, code: 'unknown_attribute' },
  { name: 'groups, limit 51', ...groups('{"item":"x","limit":51}'), status: 422, code: 'invalid_value' },
  { name: 'groups with candidates', ...groups('{"item":"x","candidates":5}'), status: 422, code: 'invalid_value' },
  {
    name: 'groups, 51 left out',
    ...groups(`{"item":"x","without":${JSON.stringify(Array(51).fill(canary))}}`),
    status: 422,
    code: 'invalid_value',
  },
  { name: 'groups, null', ...groups('null'), status: 422, code: 'invalid_value' },
  {
    name: 'a batch with efSearch and recall',
    ...json('/api/v1/predict/batch', '{"items":[{"item":"x"}],"efSearch":96,"recall":0.9}'),
    status: 400,
    code: 'bad_request',
  },
  { name: 'batch without items', ...json('/api/v1/predict/batch', '{"items":[]}'), status: 422, code: 'invalid_value' },
  {
    name: 'batch of 10,001 items',
    ...json('/api/v1/predict/batch', `{"items":[${Array(10_001).fill('{"item":"x"}')}]}`),
    status: 422,
    code: 'invalid_value',
  },
  // bodies
  { name: 'no body', ...predict(''), status: 400, code: 'bad_json' },
  {
    name: 'no body, no length',
    head: 'POST /api/v1/predict HTTP/1.1\r\nContent-Type: application/json\r\n',
    status: 400,
    code: 'bad_json',
  },
  { name: 'a body of blanks', ...predict('   \n'), status: 400, code: 'bad_json' },
  { name: 'null', ...predict('null'), status: 422, code: 'invalid_value' },
  { name: 'a number', ...predict('5'), status: 422, code: 'invalid_value' },
  { name: 'a list', ...predict(`["${canary}"]`), status: 422, code: 'invalid_value' },
  { name: 'half a document', ...predict(`{"item":"${canary}`), status: 400, code: 'bad_json' },
  { name: 'two documents', ...predict(`{"item":"${canary}"}{}`), status: 400, code: 'bad_json' },
  { name: 'a key twice', ...predict(`{"item":"x","item":"${canary}"}`), status: 400, code: 'bad_json' },
  { name: 'a key twice, once escaped', ...predict(`{"item":"x","\\u0069tem":"${canary}"}`), status: 400, code: 'bad_json' },
  { name: '__proto__', ...predict(`{"__proto__":{"item":"${canary}"}}`), status: 400, code: 'bad_json' },
  { name: '__proto__ as an attribute', ...predict(`{"attributes":{"__proto__":{"x":1}}}`), status: 400, code: 'bad_json' },
  { name: 'constructor.prototype', ...predict(`{"constructor":{"prototype":{"x":"${canary}"}}}`), status: 422, code: 'invalid_value' },
  { name: 'invalid UTF-8', ...predict(new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])), status: 400, code: 'bad_json' },
  { name: 'nested 33 deep', ...predict(`{"a":${'['.repeat(32)}${']'.repeat(32)}}`), status: 400, code: 'too_deep' },
  { name: '100,000 lists deep', ...predict('['.repeat(100_000)), status: 400, code: 'too_deep' },
  { name: '100,000 objects deep', ...predict('{"a":'.repeat(100_000)), status: 400, code: 'too_deep' },
  { name: '1 MB and a byte', ...predict(`"${canary}${'x'.repeat(1_000_000)}"`), status: 413, code: 'body_too_large' },
  { name: '10 MB', ...predict(`"${'x'.repeat(10_000_000)}"`), status: 413, code: 'body_too_large' },
  {
    name: '10 MB in chunks',
    head: 'POST /api/v1/predict HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n',
    body: chunked(`"${'x'.repeat(10_000_000)}"`),
    raw: false,
    status: 413,
    code: 'body_too_large',
  },
  {
    name: '60 MB announced for a batch',
    ...json('/api/v1/predict/batch', '{', 'Content-Length: 60000000\r\n'),
    status: 413,
    code: 'body_too_large',
  },
  // media
  {
    name: 'a form',
    head: 'POST /api/v1/predict HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n',
    body: `item=${canary}`,
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'text',
    head: 'POST /api/v1/predict HTTP/1.1\r\nContent-Type: text/plain\r\n',
    body: '{}',
    status: 415,
    code: 'unsupported_media_type',
  },
  { name: 'no media type', head: 'POST /api/v1/predict HTTP/1.1\r\n', body: '{}', status: 415, code: 'unsupported_media_type' },
  {
    name: 'JSON in UTF-16',
    head: 'POST /api/v1/predict HTTP/1.1\r\nContent-Type: application/json; charset=utf-16\r\n',
    body: '{}',
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'a compressed body',
    ...json('/api/v1/predict', Bun.gzipSync('{}'), 'Content-Encoding: gzip\r\n'),
    status: 415,
    code: 'unsupported_media_type',
  },
  // addresses
  { name: 'nothing there', ...get(`/api/v1/${canary}`), status: 404, code: 'not_found' },
  { name: 'an unknown item by address', ...get(`/api/v1/items/${canary}`), status: 404, code: 'unknown_item' },
  { name: 'traversal as an item', ...get('/api/v1/items/..%2f..%2f..%2fetc%2fpasswd'), status: 404, code: 'unknown_item' },
  { name: 'traversal with backslashes', ...get('/api/v1/items/..%5c..%5cwin.ini'), status: 404, code: 'unknown_item' },
  { name: 'a NUL in an item', ...get(`/api/v1/items/${canary}%00`), status: 404, code: 'unknown_item' },
  { name: 'half an escape in an item', ...get('/api/v1/items/%E0%A4%A'), status: 422, code: 'invalid_value' },
  { name: 'an item of 300 characters', ...get(`/api/v1/items/${'x'.repeat(300)}`), status: 422, code: 'invalid_value' },
  { name: 'traversal as a version', ...get('/api/v1/models/..%2f..%2f..%2fetc%2fpasswd'), status: 422, code: 'invalid_value' },
  { name: 'a version that is none', ...get(`/api/v1/models/${canary}`), status: 422, code: 'invalid_value' },
  { name: 'an unknown version', ...get('/api/v1/models/2001.01.01_1'), status: 404, code: 'version_unknown' },
  { name: 'traversal as a file', ...get('/assets/..%2f..%2f..%2fpackage.json'), status: 404, code: 'not_found' },
  { name: 'traversal by dots', ...get('/../../../etc/passwd.txt'), status: 404, code: 'not_found' },
  { name: 'a query key twice', ...get(`/api/v1/items?search=a&search=${canary}`), status: 400, code: 'bad_request' },
  { name: 'an unknown query key', ...get(`/api/v1/items?nonsense=${canary}`), status: 422, code: 'invalid_value' },
  { name: 'limit 101', ...get('/api/v1/items?limit=101'), status: 422, code: 'invalid_value' },
  { name: 'limit as text', ...get(`/api/v1/items?limit=${canary}`), status: 422, code: 'invalid_value' },
  { name: 'limit NaN', ...get('/api/v1/items?limit=NaN'), status: 422, code: 'invalid_value' },
  { name: 'offset -1', ...get('/api/v1/items?offset=-1'), status: 422, code: 'invalid_value' },
  // methods and heads
  { name: 'GET on predict', ...get('/api/v1/predict'), status: 405, code: 'method_not_allowed' },
  { name: 'DELETE on an item', head: `DELETE /api/v1/items/${canary} HTTP/1.1\r\n`, status: 405, code: 'method_not_allowed' },
  { name: 'PUT on the first page', head: 'PUT /index.html HTTP/1.1\r\nContent-Length: 0\r\n', status: 404, code: 'not_found' },
  { name: 'HEAD on predict', head: 'HEAD /api/v1/predict HTTP/1.1\r\n', status: 405, code: null },
  { name: 'TRACE', head: `TRACE / HTTP/1.1\r\nX-Secret: ${canary}\r\n`, status: 405, code: 'method_not_allowed' },
  { name: 'CONNECT', head: 'CONNECT example.org:443 HTTP/1.1\r\n', status: 405, code: 'method_not_allowed' },
  { name: 'two hosts', ...get('/livez', 'Host: other.example\r\n'), status: 400, code: 'bad_request' },
  { name: 'no host', head: 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n', raw: true, status: 400, code: null },
  {
    name: 'length and chunks at once',
    head: 'POST /api/v1/predict HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n',
    body: '0\r\n\r\n',
    raw: false,
    status: 400,
    code: null,
  },
  { name: 'a head of 100 KB', ...get('/livez', `X-Huge: ${'y'.repeat(100_000)}\r\n`), status: 431, code: null },
]

/** Sends one request over its own connection, byte for byte (and with a machine's key, where one is given), and reads the answer. */
export function send(url: URL, { head, body = '', raw = false }: BadRequest, { key }: { key?: string } = {}): Promise<Answer> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body)
  const sized = /content-length:|transfer-encoding:/i.test(head) || bytes.byteLength === 0
  const lines = raw
    ? head
    : `${head}${key === undefined ? '' : `Authorization: Bearer ${key}\r\n`}Host: ${url.host}\r\nConnection: close\r\n${sized ? '' : `Content-Length: ${bytes.byteLength}\r\n`}\r\n`
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const socket = connect({ host: url.hostname, port: Number(url.port) })
    const finish = () => {
      socket.destroy()
      resolve(parse(Buffer.concat(parts).toString('utf8'), performance.now() - startedAt))
    }
    socket.setTimeout(15_000, () => reject(new Error('no answer in 15 s')))
    socket.on('connect', () => socket.write(Buffer.concat([Buffer.from(lines), bytes])))
    socket.on('data', (part) => {
      parts.push(part)
      // A server that refuses a body early may leave the connection open for the rest of it.
      if (complete(Buffer.concat(parts).toString('latin1'))) finish()
    })
    socket.on('close', finish)
    socket.on('error', (error) => (parts.length > 0 ? finish() : reject(error)))
  })
}

function complete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1]
  return end !== -1 && length !== undefined && text.length >= end + 4 + Number(length)
}

function parse(text: string, ms: number): Answer {
  const end = text.indexOf('\r\n\r\n')
  const body = text.slice(end + 4)
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)
  return { status, code: /"code":"([a-z_]+)"/.exec(body)?.[1] ?? null, text: body, headers: text.slice(0, end), ms }
}
