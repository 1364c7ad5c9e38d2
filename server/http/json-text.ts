/**
 * JSON from a stranger: the shape is checked in one pass over the text before anything is built, so that a hostile body costs no more
 * than its reading. Too deep, a key twice in one object and `__proto__` as a key are refused; the rest is left to JSON.parse.
 */
import { limits } from '../contract/limits'
import { DomainError } from '../domain/error'

/** Long texts are checked in slices of so many characters (about 2 ms), with a turn for others in between. */
const sliceCharacters = 262_144

/** Throws `bad_json` or `too_deep`. */
export async function parseJson(text: string, { depthMax = limits.jsonDepthMax }: { depthMax?: number } = {}): Promise<unknown> {
  const shape: Shape = { open: [null], keyComes: false, depthMax }
  for (let at = 0; at < text.length; ) {
    at = checkSlice(shape, text, at, at + sliceCharacters)
    if (at < text.length) await new Promise(setImmediate)
  }
  const value = parse(text)
  // Whoever checks the value next takes as long again (10 MB: 24 ms to parse, 30 to check).
  if (text.length > sliceCharacters) await new Promise(setImmediate)
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DomainError('bad_json', 'the body is no valid JSON', { cause })
  }
}

/** What is open at one point of the text. */
interface Shape {
  /** Keys seen in each open container; null stands for a list, and for the text itself. */
  open: (Set<string> | null)[]
  keyComes: boolean
  depthMax: number
}

/**
 * Checks from `at` to `until` and returns where the next slice starts (a string is never cut).
 * Right for valid JSON; of anything else it may let pass what JSON.parse then refuses.
 */
function checkSlice(shape: Shape, text: string, at: number, until: number): number {
  const { open, depthMax } = shape
  for (; at < until && at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = closingQuote(text, at)
        if (shape.keyComes) addKey(open[open.length - 1]!, text.slice(at, end + 1))
        shape.keyComes = false
        at = end
        break
      }
      case 0x2c:
        shape.keyComes = open[open.length - 1] !== null
        break
      case 0x7b:
      case 0x5b:
        if (open.length > depthMax) throw new DomainError('too_deep', `the body is nested deeper than ${depthMax} levels`)
        shape.keyComes = text.charCodeAt(at) === 0x7b
        open.push(shape.keyComes ? new Set() : null)
        break
      case 0x7d:
      case 0x5d:
        if (open.length > 1) open.pop()
        shape.keyComes = false
    }
  }
  return at
}

/** Position of the quote that ends the string which starts at `start`; the end of the text when there is none. */
function closingQuote(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++
    if (backslashes % 2 === 0) return at
  }
  return text.length
}

function addKey(keys: Set<string>, quoted: string): void {
  const key = quoted.includes('\\') ? (parse(quoted) as string) : quoted.slice(1, -1)
  if (keys.has(key)) throw new DomainError('bad_json', 'a key appears twice in one object')
  if (key === '__proto__') throw new DomainError('bad_json', 'a key of this name is not accepted')
  keys.add(key)
}
