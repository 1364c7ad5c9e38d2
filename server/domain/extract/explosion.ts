/** One row per part of a list in a cell. */
import { cleanText } from '../attribute-text'
import type { TextColumn } from '../plant'
import type { Distinct } from './distinct'

export interface Explosion {
  /** Row that each new row comes from. */
  rows: Uint32Array
  /** The parts, one per new row; a cell without parts keeps its row with the part missing. */
  parts: TextColumn
}

/** Splits every cell at the separator; blank parts are no parts. */
export function explodedRows({ codes, values }: Distinct, separator: string): Explosion {
  const dictionary = ['']
  const codeOf = new Map<string, number>()
  const partsOf = values.map((value) => {
    const texts = cleanText(value).split(separator).map(cleanText)
    const parts = texts
      .filter((text) => text !== '')
      .map((text) => {
        let code = codeOf.get(text)
        if (code === undefined) {
          code = dictionary.push(text) - 1
          codeOf.set(text, code)
        }
        return code
      })
    return parts.length === 0 ? [0] : parts
  })
  let count = 0
  for (let row = 0; row < codes.length; row++) count += partsOf[codes[row]!]!.length
  const rows = new Uint32Array(count)
  const partCodes = new Uint32Array(count)
  let at = 0
  for (let row = 0; row < codes.length; row++) {
    for (const part of partsOf[codes[row]!]!) {
      rows[at] = row
      partCodes[at++] = part
    }
  }
  return { rows, parts: { kind: 'text', codes: partCodes, dictionary } }
}
