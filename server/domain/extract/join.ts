/** Left join by dictionary: keys are compared once per distinct text, rows by their codes. */
import { cleanText, isNullText } from '../attribute-text'
import { type Distinct, gathered } from './distinct'
import { pairIds } from './pair-ids'

export interface Match {
  /** Per left row: the first right row with the same keys, `noRow` without. */
  rows: Uint32Array
  /** Left rows whose keys are all there and match nothing. */
  unmatched: Uint32Array
}

/** First match of the left rows among the right rows on one or more keys. A missing key matches nothing. */
export function matchedRows(
  keys: readonly { left: Distinct; right: Distinct }[],
  leftRows: number,
  rightRows: number,
  noRow: number,
): Match {
  // Left and right rows become one column of ids: equal ids are equal keys, 0 is a missing key.
  let combined: Uint32Array | null = null
  for (const { left, right } of keys) {
    const codes = sharedCodes(left, right, leftRows, rightRows)
    combined = combined === null ? codes : bothPresent(combined, codes)
  }
  const ids = combined!
  let idCount = 0
  for (let row = 0; row < ids.length; row++) if (ids[row]! >= idCount) idCount = ids[row]! + 1
  const firstRight = new Uint32Array(idCount).fill(noRow)
  for (let row = rightRows - 1; row >= 0; row--) firstRight[ids[leftRows + row]!] = row
  firstRight[0] = noRow
  const leftIds = ids.subarray(0, leftRows)
  const rows = gathered(firstRight, leftIds)
  const unmatched: number[] = []
  for (let row = 0; row < leftRows; row++) if (rows[row] === noRow && leftIds[row] !== 0) unmatched.push(row)
  return { rows, unmatched: Uint32Array.from(unmatched) }
}

function sharedCodes(left: Distinct, right: Distinct, leftRows: number, rightRows: number): Uint32Array {
  const codeOf = new Map<string, number>()
  const target = (values: Distinct['values']) =>
    Uint32Array.from(values, (value) => {
      const text = cleanText(value)
      if (isNullText(text)) return 0
      const known = codeOf.get(text)
      if (known !== undefined) return known
      codeOf.set(text, codeOf.size + 1)
      return codeOf.size
    })
  const codes = new Uint32Array(leftRows + rightRows)
  codes.set(gathered(target(left.values), left.codes))
  codes.set(gathered(target(right.values), right.codes), leftRows)
  return codes
}

function bothPresent(a: Uint32Array, b: Uint32Array): Uint32Array {
  const { ids } = pairIds(a, b)
  for (let row = 0; row < ids.length; row++) ids[row] = a[row] === 0 || b[row] === 0 ? 0 : ids[row]! + 1
  return ids
}
