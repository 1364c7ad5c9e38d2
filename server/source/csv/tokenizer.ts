/**
 * Finds records and fields in the bytes of a text table (RFC 4180 with what real exports add). One tokenizer serves rows and
 * columns, so `source read` shows what training reads. Works on any encoding whose delimiters, quotes and line ends are single
 * ASCII bytes that are no part of another character: UTF-8, CP949, windows-1252.
 *
 * Own code because polars gives no row numbers of malformed rows, and csv-parse makes a string of every cell where few are distinct.
 * An opening quote that is not closed before a delimiter or line end is text (`"A" special`, a lone inch mark), not the start
 * of a field that swallows the rest of the file.
 */
const QUOTE = 34
const LINE_FEED = 10
const CARRIAGE_RETURN = 13
/** A quoted field longer than this is an opening quote nobody closed. */
const quotedBytesMax = 1024 * 1024

/** The fields of the complete records of a block: record r owns fields `records[r]` … `records[r + 1]`. */
export interface Tokens {
  bytes: Uint8Array
  starts: Int32Array
  ends: Int32Array
  records: Int32Array
  recordCount: number
  /** Bytes of the block that belong to complete records; the rest must be given again, at the start of the next block. */
  consumed: number
  /** Records in which a quote was taken for text. */
  strayQuotes: number
}

export class Tokenizer {
  #starts = new Int32Array(1 << 16)
  #ends = new Int32Array(1 << 16)
  #records = new Int32Array(1 << 12)
  readonly #delimiter: number
  readonly #lineEnd: number

  constructor(delimiter: string, carriageReturnOnly: boolean) {
    this.#delimiter = delimiter.charCodeAt(0)
    this.#lineEnd = carriageReturnOnly ? CARRIAGE_RETURN : LINE_FEED
  }

  /** Tokens of a block; they are valid until the next call. Quoted fields are unescaped in place, `bytes` is the caller's block. */
  tokens(bytes: Uint8Array, last: boolean): Tokens {
    const delimiter = this.#delimiter
    const lineEnd = this.#lineEnd
    const length = bytes.length
    let fields = 0
    let recordCount = 0
    let consumed = 0
    let strayQuotes = 0
    let at = 0
    while (at < length) {
      const firstField = fields
      let stray = false
      let complete = false
      // one record
      for (;;) {
        if (fields + 1 >= this.#starts.length) this.#growFields()
        let start = at
        let end = -1
        if (at < length && bytes[at] === QUOTE) {
          const close = closingQuote(bytes, at, delimiter, lineEnd, last)
          if (close === INCOMPLETE) break
          if (close === STRAY) stray = true
          else {
            start = at + 1
            at = close + 1
            end = close
          }
        }
        while (at < length && bytes[at] !== delimiter && bytes[at] !== lineEnd) at++
        if (at >= length && !last) break
        if (end < 0) {
          end = at
          if (bytes[end] !== delimiter && lineEnd === LINE_FEED && end > start && bytes[end - 1] === CARRIAGE_RETURN) end--
        }
        this.#starts[fields] = start
        this.#ends[fields] = end
        fields++
        if (at >= length || bytes[at] === lineEnd) {
          at++
          complete = true
          break
        }
        at++
      }
      if (!complete) {
        fields = firstField
        break
      }
      if (recordCount + 1 >= this.#records.length) this.#growRecords()
      this.#records[recordCount++] = firstField
      if (stray) strayQuotes++
      consumed = Math.min(at, length)
    }
    this.#records[recordCount] = fields
    // Escapes are undone only now: an incomplete record is read again and must still have them.
    undoEscapes(bytes, this.#starts, this.#ends, fields)
    return { bytes, starts: this.#starts, ends: this.#ends, records: this.#records, recordCount, consumed, strayQuotes }
  }

  #growFields(): void {
    this.#starts = doubled(this.#starts)
    this.#ends = doubled(this.#ends)
  }

  #growRecords(): void {
    this.#records = doubled(this.#records)
  }
}

const INCOMPLETE = -1
const STRAY = -2

/** Where the quote at `open` closes; STRAY when what follows is not the end of a field, INCOMPLETE when the block ends first. */
function closingQuote(bytes: Uint8Array, open: number, delimiter: number, lineEnd: number, last: boolean): number {
  let at = open + 1
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at)
    if (quote < 0) return last || bytes.length - open > quotedBytesMax ? STRAY : INCOMPLETE
    if (quote - open > quotedBytesMax) return STRAY
    let next = quote + 1
    if (next < bytes.length && bytes[next] === QUOTE) {
      at = next + 1
      continue
    }
    if (next < bytes.length && bytes[next] === CARRIAGE_RETURN && lineEnd === LINE_FEED) next++
    if (next >= bytes.length) return last ? quote : INCOMPLETE
    return bytes[next] === delimiter || bytes[next] === lineEnd ? quote : STRAY
  }
}

/** `""` becomes `"` in quoted fields. A field is quoted when a quote stands before its start. */
function undoEscapes(bytes: Uint8Array, starts: Int32Array, ends: Int32Array, fields: number): void {
  for (let field = 0; field < fields; field++) {
    const start = starts[field]
    const end = ends[field]
    if (start === 0 || bytes[start - 1] !== QUOTE || bytes[end] !== QUOTE) continue
    let from = bytes.subarray(start, end).indexOf(QUOTE)
    if (from < 0) continue
    from += start
    let to = from
    while (from < end) {
      bytes[to++] = bytes[from]
      from += bytes[from] === QUOTE ? 2 : 1
    }
    ends[field] = to
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
