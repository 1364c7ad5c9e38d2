/**
 * How a text table is written: encoding, delimiter, line ends. Detection looks at the whole file for the encoding (Korean
 * text may start at row 50,000) and at the first lines for the delimiter. What the caller states is never doubted.
 */
import { isUtf8 } from 'node:buffer'
import { DomainError } from '../../domain/error'
import type { OpenOptions } from '../source'

export interface Dialect {
  /** A label for TextDecoder; 'utf-8', 'utf-16le', 'utf-16be', 'euc-kr' (CP949) or 'windows-1252' when detected. */
  encoding: string
  /** One byte in the UTF-8 (or CP949) stream. */
  delimiter: string
  /** Length of the byte order mark, to be skipped. */
  bomBytes: number
  /** Lines end with a lone carriage return. */
  carriageReturnOnly: boolean
}

/** In order of preference where two split the lines equally well. */
const delimiters = [',', '\t', ';', '|', '^', '~', '\x1f', '\x01', ':']
const headBytes = 256 * 1024
const blockBytes = 4 * 1024 * 1024
/** Names that people use for encodings, as TextDecoder knows them. CP949 is what WHATWG calls euc-kr. */
const encodingNames: Record<string, string> = { cp949: 'euc-kr', ms949: 'euc-kr', uhc: 'euc-kr', 'windows-949': 'euc-kr', utf8: 'utf-8' }

/** The encoding label as TextDecoder knows it. Throws `source_unsupported` for a name that nobody knows. */
export function encodingLabel(name: string): string {
  const label = encodingNames[name.toLowerCase()] ?? name.toLowerCase()
  try {
    return new TextDecoder(label as 'utf-8').encoding
  } catch (cause) {
    throw new DomainError('source_unsupported', 'The text encoding asked for is not known', { cause })
  }
}

/** Looks at the bytes of the file. Reads it once in blocks when no encoding is stated and no mark gives it away. */
export async function detectDialect(path: string, options: OpenOptions): Promise<Dialect> {
  const head = new Uint8Array(await Bun.file(path).slice(0, headBytes).arrayBuffer())
  const mark = byteOrderMark(head)
  const encoding = options.encoding
    ? encodingLabel(options.encoding)
    : (mark?.encoding ?? utf16WithoutMark(head) ?? ((await isUtf8File(path)) ? 'utf-8' : await legacyEncoding(path)))
  const bomBytes = mark && mark.encoding === encoding ? mark.bytes : 0
  const text = new TextDecoder(encoding as 'utf-8').decode(head.subarray(bomBytes))
  const delimiter = options.delimiter ?? detectDelimiter(text, path)
  if (delimiter.length !== 1 || delimiter.charCodeAt(0) > 127) {
    throw new DomainError('source_unsupported', 'A delimiter is one ASCII character')
  }
  return { encoding, delimiter, bomBytes, carriageReturnOnly: !text.includes('\n') && text.includes('\r') }
}

function byteOrderMark(head: Uint8Array): { encoding: string; bytes: number } | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bytes: 3 }
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bytes: 2 }
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bytes: 2 }
  return null
}

/** Delimiters, digits and line ends are ASCII: in UTF-16 every second byte of them is 0. */
function utf16WithoutMark(head: Uint8Array): string | null {
  const zeros = [0, 0]
  const length = Math.min(head.length, 4096)
  for (let at = 0; at < length; at++) if (head[at] === 0) zeros[at & 1]++
  if (zeros[0] + zeros[1] < length / 10) return null
  return zeros[1] > zeros[0] ? 'utf-16le' : 'utf-16be'
}

/** Blocks that end at a line end, so that no character is cut. */
async function* lineBlocks(path: string): AsyncGenerator<Uint8Array> {
  const file = Bun.file(path)
  let offset = 0
  while (offset < file.size) {
    const block = new Uint8Array(await file.slice(offset, offset + blockBytes).arrayBuffer())
    if (block.length === 0) return
    const last = offset + block.length >= file.size ? block.length : block.lastIndexOf(10) + 1 || block.lastIndexOf(13) + 1 || block.length
    yield block.subarray(0, last)
    offset += last
  }
}

async function isUtf8File(path: string): Promise<boolean> {
  for await (const block of lineBlocks(path)) if (!isUtf8(block)) return false
  return true
}

/** Not UTF-8: CP949 when the bytes allow it (Korean Windows), else the western code page, which allows anything. */
async function legacyEncoding(path: string): Promise<string> {
  for await (const block of lineBlocks(path)) {
    try {
      new TextDecoder('euc-kr' as 'utf-8', { fatal: true }).decode(block)
    } catch {
      return 'windows-1252'
    }
  }
  return 'euc-kr'
}

/** The delimiter that cuts the first lines into the most even, and then the most, fields. */
function detectDelimiter(text: string, path: string): string {
  const lines = headRecords(text)
  const preferred = /\.(tsv|tab)$/i.test(path) ? ['\t', ...delimiters] : delimiters
  let best = { delimiter: preferred[0], score: 0 }
  for (const delimiter of preferred) {
    const counts = lines.map((line) => line.split(delimiter).length)
    const fields = counts[0] ?? 1
    if (fields < 2) continue
    const even = counts.filter((count) => count === fields).length / counts.length
    // One more field in every line weighs less than lines that disagree.
    const score = even * even * (1 + Math.log2(fields) / 8)
    if (score > best.score * 1.0001) best = { delimiter, score }
  }
  return best.delimiter
}

/** The first 200 records with their quoted parts cut out, so that only real delimiters are left to count. */
function headRecords(text: string): string[] {
  const whole =
    text.length < headBytes / 4 ? text : text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1 || text.length)
  return whole
    .replace(/"(?:[^"]|""){0,100000}"/g, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, 200)
}
