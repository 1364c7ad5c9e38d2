/** JSON written straight into bytes that are used again and again: for answers that are mostly numbers, and made many times a second. */
import type { Utf8Texts } from './utf8-texts'

const bytesMin = 16_384
const [quote, backslash, comma, point, digit0] = [0x22, 0x5c, 0x2c, 0x2e, 0x30]
/** Of a whole number of 32 bits. */
const digitsMax = 10
/** Behind the point of a score, as many as an f32 has. */
const scoreDigits = 7
const scoreUnit = 10 ** scoreDigits
/** JavaScript writes smaller ones with an exponent. */
const scoreMin = 1e-6
/** A double with its sign, point and exponent. */
const doubleCharactersMax = 32

export class JsonBytes {
  #room = Buffer.allocUnsafeSlow(bytesMin)
  #at = 0

  /** Begins another document: what was given out before is written over. */
  clear(): this {
    this.#at = 0
    return this
  }

  /** As it is: punctuation, names, what is JSON already. */
  raw(text: string): this {
    this.#reserve(3 * text.length)
    this.#at += this.#room.write(text, this.#at)
    return this
  }

  /** A list of whole numbers from 0, less than 2³². */
  integers(values: ArrayLike<number>): this {
    this.#reserve(2 + values.length * (digitsMax + 1))
    return this.#list(values.length, (index) => this.#integer(values[index]))
  }

  /** A list of numbers rounded to seven places, written as `JSON.stringify` writes them. */
  scores(values: ArrayLike<number>): this {
    this.#reserve(2 + values.length * (doubleCharactersMax + 1))
    return this.#list(values.length, (index) => this.#score(values[index]))
  }

  /**
   * A list of some of many texts, which lie far from each other: where each begins, and its first byte, is read for all before the first
   * is copied, so that the processor waits for the memory of many at once.
   */
  texts({ bytes, offsets }: Utf8Texts, rows: ArrayLike<number>): this {
    const count = rows.length
    const bounds = new Uint32Array(2 * count)
    const firsts = new Uint8Array(count)
    let length = 0
    for (let at = 0; at < count; at++) {
      bounds[2 * at] = offsets[rows[at]]
      bounds[2 * at + 1] = offsets[rows[at] + 1]
      length += bounds[2 * at + 1] - bounds[2 * at]
    }
    for (let at = 0; at < count; at++) firsts[at] = bytes[bounds[2 * at]]
    // with quotes and commas; six characters for one that is escaped
    this.#reserve(2 + 6 * length + 3 * count)
    return this.#list(count, (at) => this.#text(bytes, bounds[2 * at], bounds[2 * at + 1]))
  }

  /** A view of what was written: good until `clear`. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#room.subarray(0, this.#at)
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#room.length) return
    const more = Buffer.allocUnsafeSlow(2 * (this.#at + bytes))
    more.set(this.bytes())
    this.#room = more
  }

  #list(count: number, write: (index: number) => void): this {
    this.#room[this.#at++] = 0x5b
    for (let index = 0; index < count; index++) {
      if (index > 0) this.#room[this.#at++] = comma
      write(index)
    }
    this.#room[this.#at++] = 0x5d
    return this
  }

  #integer(value: number): void {
    let digits = 1
    for (let above = 10; above <= value; above *= 10) digits++
    let rest = value
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const tenth = (rest / 10) >>> 0
      this.#room[at] = digit0 + rest - 10 * tenth
      rest = tenth
    }
    this.#at += digits
  }

  #score(value: number): void {
    const units = Math.round(value * scoreUnit)
    const rounded = units / scoreUnit
    if (!(rounded >= scoreMin && rounded < 1)) {
      this.#at += this.#room.write(JSON.stringify(rounded), this.#at, 'latin1')
      return
    }
    const start = this.#at
    this.#room[start] = digit0
    this.#room[start + 1] = point
    let rest = units
    // nothing ends in a zero
    let end = start + 2
    for (let at = start + 1 + scoreDigits; at > start + 1; at--) {
      const tenth = (rest / 10) | 0
      const digit = rest - 10 * tenth
      rest = tenth
      this.#room[at] = digit0 + digit
      if (digit !== 0 && end === start + 2) end = at + 1
    }
    this.#at = end
  }

  #text(bytes: Uint8Array, from: number, to: number): void {
    const start = this.#at
    this.#room[this.#at++] = quote
    for (let at = from; at < to; at++) {
      const byte = bytes[at]
      // what is beyond ASCII JSON writes as it is
      if (byte < 0x20 || byte === quote || byte === backslash) {
        const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', from, to)
        this.#at = start + this.#room.write(JSON.stringify(text), start)
        return
      }
      this.#room[this.#at++] = byte
    }
    this.#room[this.#at++] = quote
  }
}
