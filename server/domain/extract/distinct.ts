/** Columns as codes into their distinct values: whatever is done to a value is done once, however many rows have it. */
import { cleanText, isNullText } from '../attribute-text'
import { type Column, MISSING, type TextColumn } from '../plant'

export interface Distinct {
  codes: Uint32Array
  /** Values by code; code 0 is missing and its value null. Some may be used by no row. */
  values: (string | number | null)[]
}

/** The distinct values of a column of a source. */
export function distinctOf(column: Column): Distinct {
  if (column.kind === 'text') {
    const values: (string | null)[] = column.dictionary.slice()
    values[MISSING] = null
    return { codes: column.codes, values }
  }
  return distinctNumbers(column.values)
}

function distinctNumbers(numbers: Float64Array): Distinct {
  const rows = numbers.length
  const codes = new Uint32Array(rows)
  const values: (number | null)[] = [null]
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, rows * 2)
  let slots = new Uint32Array(1 << 12)
  let mask = slots.length - 1
  for (let row = 0; row < rows; row++) {
    const number = numbers[row]!
    if (Number.isNaN(number)) continue
    let slot = number === 0 ? 0 : hashOf(bits[row * 2]!, bits[row * 2 + 1]!) & mask
    let code = slots[slot]!
    while (code !== 0 && values[code] !== number) {
      slot = (slot + 1) & mask
      code = slots[slot]!
    }
    if (code === 0) {
      code = values.push(number) - 1
      slots[slot] = code
      if (values.length * 2 > slots.length) {
        slots = rehashed(values as number[], slots.length * 4)
        mask = slots.length - 1
      }
    }
    codes[row] = code
  }
  return { codes, values }
}

function rehashed(values: readonly number[], size: number): Uint32Array<ArrayBuffer> {
  const slots = new Uint32Array(size)
  const one = new Float64Array(1)
  const bits = new Uint32Array(one.buffer)
  for (let code = 1; code < values.length; code++) {
    one[0] = values[code]!
    let slot = one[0] === 0 ? 0 : hashOf(bits[0]!, bits[1]!) & (size - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (size - 1)
    slots[slot] = code
  }
  return slots
}

function hashOf(low: number, high: number): number {
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** Which codes occur. */
export function usedCodes(codes: Uint32Array, count: number): Uint8Array {
  const used = new Uint8Array(count)
  for (let row = 0; row < codes.length; row++) used[codes[row]!] = 1
  return used
}

/** Clean texts of the values that occur, in a dictionary of their own. Texts that exports write for null are missing. */
export function textColumnOf({ codes, values }: Distinct): TextColumn {
  const used = usedCodes(codes, values.length)
  const dictionary = ['']
  const codeOf = new Map<string, number>()
  const target = new Uint32Array(values.length)
  for (let code = 1; code < values.length; code++) {
    if (used[code] === 0) continue
    const text = cleanText(values[code]!)
    if (isNullText(text)) continue
    let merged = codeOf.get(text)
    if (merged === undefined) {
      merged = dictionary.push(text) - 1
      codeOf.set(text, merged)
    }
    target[code] = merged
  }
  return { kind: 'text', codes: gathered(target, codes), dictionary }
}

/** A text column of one value in every row; missing when the text is blank. */
export function constantColumn(text: string, rows: number): TextColumn {
  const value = cleanText(text)
  return value === ''
    ? { kind: 'text', codes: new Uint32Array(rows), dictionary: [''] }
    : { kind: 'text', codes: new Uint32Array(rows).fill(1), dictionary: ['', value] }
}

/** `values[at[i]]` for every i. */
export function gathered(values: Uint32Array, at: Uint32Array): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(at.length)
  for (let i = 0; i < at.length; i++) result[i] = values[at[i]!]!
  return result
}

/** `values[at[i]]` for every i. */
export function gatheredNumbers(values: Float64Array, at: Uint32Array): Float64Array<ArrayBuffer> {
  const result = new Float64Array(at.length)
  for (let i = 0; i < at.length; i++) result[i] = values[at[i]!]!
  return result
}

/** The rows whose flag is not 0, in order. */
export function rowsWhere(flags: Uint8Array): Uint32Array<ArrayBuffer> {
  let count = 0
  for (let row = 0; row < flags.length; row++) if (flags[row] !== 0) count++
  const rows = new Uint32Array(count)
  let at = 0
  for (let row = 0; row < flags.length; row++) if (flags[row] !== 0) rows[at++] = row
  return rows
}

/** 0, 1, 2 … */
export function ascending(count: number): Uint32Array<ArrayBuffer> {
  const numbers = new Uint32Array(count)
  for (let i = 0; i < count; i++) numbers[i] = i
  return numbers
}
