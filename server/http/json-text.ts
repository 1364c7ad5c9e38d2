/**
 * JSON from a stranger: the shape is checked in one pass over the text before anything is built, so that a hostile body costs no more
 * than its reading. Too deep, a key twice in one object and `__proto__` as a key are refused; the rest is left to JSON.parse.
 */
import { limits } from '../contract/limits'
import { DomainError } from '../domain/error'

/** Throws `bad_json` or `too_deep`. */
export function parseJson(text: string, { depthMax = limits.jsonDepthMax }: { depthMax?: number } = {}): unknown {
  checkShape(text, depthMax)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DomainError('bad_json', 'the body is no valid JSON', { cause })
  }
}

/** Right for valid JSON; for anything else it may let pass what JSON.parse then refuses. */
function checkShape(text: string, depthMax: number): void {
  // keys seen in each open container; null stands for an array
  const open: (Set<string> | null)[] = [null]
  let keyComes = false
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = closingQuote(text, at)
        if (keyComes) addKey(open[open.length - 1]!, text.slice(at, end + 1))
        keyComes = false
        at = end
        break
      }
      case 0x2c:
        keyComes = open[open.length - 1] !== null
        break
      case 0x7b:
      case 0x5b:
        if (open.length > depthMax) throw new DomainError('too_deep', `the body is nested deeper than ${depthMax} levels`)
        keyComes = text.charCodeAt(at) === 0x7b
        open.push(keyComes ? new Set() : null)
        break
      case 0x7d:
      case 0x5d:
        if (open.length > 1) open.pop()
        keyComes = false
    }
  }
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
  const key = quoted.includes('\\') ? unescaped(quoted) : quoted.slice(1, -1)
  if (keys.has(key)) throw new DomainError('bad_json', 'a key appears twice in one object')
  if (key === '__proto__') throw new DomainError('bad_json', 'a key of this name is not accepted')
  keys.add(key)
}

function unescaped(quoted: string): string {
  try {
    return JSON.parse(quoted)
  } catch (cause) {
    throw new DomainError('bad_json', 'the body is no valid JSON', { cause })
  }
}
