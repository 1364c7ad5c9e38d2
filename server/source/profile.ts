/** What stands in a column: counted on its codes, so 200,000 rows of 41 columns take a fraction of a second. */
import type { SourceColumn } from '../contract/source'
import { parseNumberText } from '../domain/number-text'
import { type Column, MISSING } from '../domain/plant'
import type { CellType } from './source'
import { unitsInName, unitsInValues } from './unit-words'

const topMax = 10
const topCharactersMax = 120

/** Values with their counts, the most frequent first; equal counts in order of appearance. */
export interface Counted {
  /** Rows with a value. */
  present: number
  values: { value: string; count: number }[]
}

/** Distinct values of a column among its rows. */
export function countValues(column: Column, rows: number): Counted {
  const counts = column.kind === 'text' ? countCodes(column.codes, column.dictionary) : countNumbers(column.values)
  const values = counts.sort((left, right) => right.count - left.count)
  return { present: values.reduce((sum, { count }) => sum + count, 0), values: rows === 0 ? [] : values }
}

function countCodes(codes: Uint32Array, dictionary: string[]): Counted['values'] {
  const counts = new Uint32Array(dictionary.length)
  for (let row = 0; row < codes.length; row++) counts[codes[row]]++
  const values: Counted['values'] = []
  for (let code = MISSING + 1; code < counts.length; code++)
    if (counts[code] > 0) values.push({ value: dictionary[code], count: counts[code] })
  return values
}

function countNumbers(numbers: Float64Array): Counted['values'] {
  const counts = new Map<number, number>()
  for (const number of numbers) if (!Number.isNaN(number)) counts.set(number, (counts.get(number) ?? 0) + 1)
  return [...counts].map(([value, count]) => ({ value: String(value), count }))
}

/** What the values look like where the source calls them text; null when they are just text. */
export function looksLike({ values }: Counted): 'integer' | 'number' | 'datetime' | null {
  if (values.length === 0) return null
  if (values.every(({ value }) => isPlainNumber(value))) {
    return values.every(({ value }) => Number.isInteger(parseNumberText(value)) && !value.includes('.')) ? 'integer' : 'number'
  }
  return values.every(({ value }) => isoDate.test(value)) ? 'datetime' : null
}

const isoDate = /^\d{4}[-./]\d{1,2}[-./]\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$/
/** A leading zero makes a code, an exponent more likely a code than a number. */
const plainNumber = /^[+-]?(?:0|[1-9]\d{0,14}|[1-9]\d{0,2}(?:,\d{3})+)?(?:\.\d*)?$/

function isPlainNumber(value: string): boolean {
  return plainNumber.test(value) && /\d/.test(value)
}

/** The profile of one column, as `source inspect` shows it. */
export function profileColumn(name: string, type: CellType, counted: Counted, rows: number): SourceColumn {
  const { present, values } = counted
  const likeness = type === 'text' ? looksLike(counted) : null
  const profile: SourceColumn = {
    name,
    type,
    missing: rows === 0 ? 0 : round((rows - present) / rows),
    distinct: values.length,
    top: values.slice(0, topMax).map(({ value, count }) => ({ value: value.slice(0, topCharactersMax), count })),
    units: [...new Set([...unitsInName(name), ...(type === 'text' ? unitsInValues(name, values) : [])])],
  }
  if (likeness) profile.looksLike = likeness
  if (likeness === 'integer' || likeness === 'number' || type === 'integer' || type === 'number' || type === 'decimal') {
    const numbers = values.map(({ value }) => parseNumberText(value)).filter((value) => !Number.isNaN(value))
    if (numbers.length > 0) {
      profile.min = numbers.reduce((least, value) => Math.min(least, value))
      profile.max = numbers.reduce((most, value) => Math.max(most, value))
    }
  }
  return profile
}

function round(share: number): number {
  return Math.round(share * 1e6) / 1e6
}
