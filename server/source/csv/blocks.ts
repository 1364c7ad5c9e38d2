/** The records of a text table, block by block, with the header understood and malformed records set apart. */
import { DomainError } from '../../domain/error'
import type { Dialect } from './dialect'
import { decoder } from './dictionary'
import { Tokenizer, type Tokens } from './tokenizer'

const blockBytes = 4 * 1024 * 1024
/** A record longer than this is no record. */
const recordBytesMax = 64 * 1024 * 1024

export interface Block extends Tokens {
  /** 1-based number of the block's first record in the file; the header is record 0. */
  firstRecord: number
}

/** Tokens of the whole file, header record first. Memory is one block. */
export async function* blocks(path: string, dialect: Dialect): AsyncGenerator<Block> {
  const tokenizer = new Tokenizer(dialect.delimiter, dialect.carriageReturnOnly)
  let rest: Uint8Array = new Uint8Array(0)
  let firstRecord = 0
  for await (const { bytes, last } of utf8Chunks(path, dialect)) {
    const block = joined(rest, bytes)
    const tokens = tokenizer.tokens(block, last)
    rest = block.slice(tokens.consumed)
    if (rest.length > recordBytesMax)
      throw new DomainError('source_unreadable', `A row of the table is longer than ${recordBytesMax >> 20} MB`)
    yield { ...tokens, firstRecord }
    firstRecord += tokens.recordCount
  }
}

function joined(rest: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (rest.length === 0) return bytes
  const block = new Uint8Array(rest.length + bytes.length)
  block.set(rest)
  block.set(bytes, rest.length)
  return block
}

/** The file in chunks whose delimiters are single bytes: as it is, or UTF-16 turned into UTF-8. */
async function* utf8Chunks(path: string, { encoding, bomBytes }: Dialect): AsyncGenerator<{ bytes: Uint8Array; last: boolean }> {
  const file = Bun.file(path)
  const size = file.size
  const utf16 = encoding.startsWith('utf-16') ? new TextDecoder(encoding as 'utf-16le') : null
  for (let offset = bomBytes; offset < size; offset += blockBytes) {
    const last = offset + blockBytes >= size
    const raw = new Uint8Array(await file.slice(offset, Math.min(offset + blockBytes, size)).arrayBuffer())
    yield { bytes: utf16 ? new TextEncoder().encode(utf16.decode(raw, { stream: !last })) : raw, last }
  }
}

/** Encoding of the bytes that `blocks` gives. */
export function blockEncoding({ encoding }: Dialect): string {
  return encoding.startsWith('utf-16') ? 'utf-8' : encoding
}

/** The names of the header record: trimmed, blank ones `column_3`, repeated ones `name_2`. */
export function headerNames(block: Block, encoding: string): string[] {
  const decode = decoder(encoding)
  const names: string[] = []
  const taken = new Set<string>()
  for (let field = block.records[0]; field < block.records[1]; field++) {
    const text = decode(block.bytes.subarray(block.starts[field], block.ends[field])).replace(/\s+/g, ' ').trim().normalize('NFC')
    const wanted = text === '' ? `column_${field + 1}` : text
    let name = wanted
    for (let copy = 2; taken.has(name); copy++) name = `${wanted}_${copy}`
    taken.add(name)
    names.push(name)
  }
  return names
}

/** What is wrong with a record of `fields` fields where `width` are due; null when nothing is. */
export type RecordFault = 'blank' | 'short' | 'long' | null

/** A record may be blank (an empty line), or have more fields than the header as long as those are empty. */
export function recordFault({ records, starts, ends }: Tokens, record: number, width: number): RecordFault {
  const first = records[record]
  const fields = records[record + 1] - first
  if (fields === width) return null
  if (fields === 1 && starts[first] === ends[first]) return 'blank'
  if (fields < width) return 'short'
  for (let field = first + width; field < first + fields; field++) if (starts[field] !== ends[field]) return 'long'
  return null
}
