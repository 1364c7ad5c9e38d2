/** Text values and how they become dictionary codes, the same for every kind of source. */
import { MISSING, type TextColumn } from '../domain/plant'

/** Trimmed and NFC: what a text cell means. Most values are ASCII, for which NFC has nothing to do. */
export function cleanText(value: string): string {
  const trimmed = value.trim()
  return isAscii(trimmed) ? trimmed : trimmed.normalize('NFC')
}

function isAscii(value: string): boolean {
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) > 127) return false
  return true
}

/** Collects a text column value by value. */
export class TextColumnBuilder {
  #codes: Uint32Array<ArrayBuffer>
  #rows = 0
  readonly #dictionary = ['']
  readonly #codeOf = new Map<string, number>([['', MISSING]])
  /** Codes of values as they came, so that trimming and NFC happen once per distinct value. */
  readonly #rawCodeOf = new Map<string, number>([['', MISSING]])

  constructor(rowsExpected = 1024) {
    this.#codes = new Uint32Array(Math.max(rowsExpected, 16))
  }

  add(value: string | null): void {
    if (this.#rows === this.#codes.length) {
      const larger = new Uint32Array(this.#codes.length * 2)
      larger.set(this.#codes)
      this.#codes = larger
    }
    this.#codes[this.#rows++] = value === null ? MISSING : (this.#rawCodeOf.get(value) ?? this.#addValue(value))
  }

  #addValue(value: string): number {
    const text = cleanText(value)
    let code = this.#codeOf.get(text)
    if (code === undefined) {
      code = this.#dictionary.push(text) - 1
      this.#codeOf.set(text, code)
    }
    this.#rawCodeOf.set(value, code)
    return code
  }

  column(): TextColumn {
    return { kind: 'text', codes: this.#codes.slice(0, this.#rows), dictionary: this.#dictionary }
  }
}
