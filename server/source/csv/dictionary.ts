/**
 * Codes for byte strings: every distinct value of a column is kept once, as bytes, and becomes text only at the end.
 * An open-addressing table over one arena: no object per value, so 1.76 million rows of 25 columns fit in little memory.
 */
import { MISSING, type TextColumn } from '../../domain/plant'
import { cleanText } from '../text'

export class ByteDictionary {
  #slots = new Int32Array(1 << 10)
  #hashes = new Int32Array(1 << 9)
  /** Value of code c is arena[offsets[c] … offsets[c + 1]]; code 0 is the empty value. */
  #offsets = new Int32Array((1 << 9) + 1)
  #arena = new Uint8Array(1 << 14)
  #count = 1

  /** Code of the bytes from `start` to `end`; blanks around a value are no part of it. */
  code(bytes: Uint8Array, start: number, end: number): number {
    while (start < end && bytes[start] <= 32) start++
    while (end > start && bytes[end - 1] <= 32) end--
    if (start === end) return MISSING
    let hash = 0x811c9dc5 | 0
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193)
    hash ^= hash >>> 15
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (;;) {
      const code = this.#slots[slot]
      if (code === 0) return this.#add(bytes, start, end, hash, slot)
      if (this.#hashes[code] === hash && this.#equals(code, bytes, start, end)) return code
      slot = (slot + 1) & mask
    }
  }

  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = this.#offsets[code]
    if (this.#offsets[code + 1] - at !== end - start) return false
    const arena = this.#arena
    for (let from = start; from < end; from++) if (arena[at++] !== bytes[from]) return false
    return true
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const code = this.#count++
    const at = this.#offsets[code]
    const next = at + end - start
    if (next > this.#arena.length) this.#arena = grown(this.#arena, new Uint8Array(Math.max(next, this.#arena.length * 2)))
    this.#arena.set(bytes.subarray(start, end), at)
    if (code + 1 >= this.#hashes.length) {
      this.#hashes = grown(this.#hashes, new Int32Array(this.#hashes.length * 2))
      this.#offsets = grown(this.#offsets, new Int32Array(this.#hashes.length + 1))
    }
    this.#hashes[code] = hash
    this.#offsets[code + 1] = next
    this.#slots[slot] = code
    if (this.#count * 2 > this.#slots.length) this.#rehash()
    return code
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    for (let code = 1; code < this.#count; code++) {
      let slot = this.#hashes[code] & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = code
    }
    this.#slots = slots
  }

  /** The column of these codes as text; equal texts after trimming and NFC share a code. `codes` is changed in place. */
  column(codes: Uint32Array, encoding: string): TextColumn {
    const decode = decoder(encoding)
    const dictionary = ['']
    const codeOf = new Map<string, number>([['', MISSING]])
    const target = new Uint32Array(this.#count)
    let moved = false
    for (let code = 1; code < this.#count; code++) {
      const text = cleanText(decode(this.#arena.subarray(this.#offsets[code], this.#offsets[code + 1])))
      let merged = codeOf.get(text)
      if (merged === undefined) {
        merged = dictionary.push(text) - 1
        codeOf.set(text, merged)
      }
      target[code] = merged
      moved ||= merged !== code
    }
    if (moved) for (let row = 0; row < codes.length; row++) codes[row] = target[codes[row]]
    return { kind: 'text', codes, dictionary }
  }
}

/** Text of bytes in an encoding. ASCII and UTF-8 go the short way, which is what nearly all values are. */
export function decoder(encoding: string): (bytes: Uint8Array) => string {
  if (encoding === 'utf-8') {
    const text = new TextDecoder()
    return (bytes) => text.decode(bytes)
  }
  const text = new TextDecoder(encoding as 'utf-8')
  return (bytes) => text.decode(bytes)
}

function grown<T extends Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(old: T, larger: T): T {
  larger.set(old)
  return larger
}
