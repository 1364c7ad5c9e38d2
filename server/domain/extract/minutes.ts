/** Times in minutes per piece or per lot, computed once: value × unit ÷ quantity. */
import type { TimeColumn, TimeUnit } from '../../contract/mapping'
import { cleanText, isNullText } from '../attribute-text'
import { parseNumberText } from '../number-text'
import { textColumnOf } from './distinct'
import type { Findings } from './findings'
import type { TableView } from './table-view'

/** Minutes are value × [0] ÷ [1]: a division is exact where a factor of 1/60 is not. */
const minutesOf: Record<TimeUnit, [number, number]> = { s: [1, 60], min: [1, 1], h: [60, 1], day: [1440, 1] }

/** A column's numbers, NaN where there is none; texts that are no number are found as `number_invalid`. */
export function numbersOf(view: TableView, ref: string, findings: Findings): Float64Array {
  const column = view.column(ref)
  if (column.kind === 'number') {
    const values = column.values.slice()
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!
      if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
        findings.add('number_invalid', ref, view.rowNumber(row), value)
        values[row] = Number.NaN
      }
    }
    return values
  }
  const invalid = new Uint8Array(column.dictionary.length)
  const numbers = Float64Array.from(column.dictionary, (raw, code) => {
    const text = cleanText(raw)
    const number = parseNumberText(text)
    if (Number.isNaN(number) && !isNullText(text)) invalid[code] = 1
    return number
  })
  const values = new Float64Array(column.codes.length)
  for (let row = 0; row < values.length; row++) {
    const code = column.codes[row]!
    values[row] = numbers[code]!
    if (invalid[code] === 1) findings.add('number_invalid', ref, view.rowNumber(row), column.dictionary[code]!)
  }
  return values
}

/** Numbers that cannot be below 0; others are found as `time_negative` and missing. */
export function amountsOf(view: TableView, ref: string, findings: Findings): Float64Array {
  const values = numbersOf(view, ref, findings)
  for (let row = 0; row < values.length; row++) {
    if (values[row]! < 0) {
      findings.add('time_negative', ref, view.rowNumber(row), values[row]!)
      values[row] = Number.NaN
    }
  }
  return values
}

/**
 * Minutes per row; NaN is missing. `hold` is subtracted before the division. A negative result, a time of unknown unit, and a
 * time whose quantity is blank or not above 0, is found and missing.
 */
export function minutesColumn(view: TableView, time: TimeColumn, findings: Findings, { hold }: { hold?: TimeColumn } = {}): Float64Array {
  const minutes = typeof time.column === 'string' ? numbersOf(view, time.column, findings) : constant(view, time.column.value)
  const shown = typeof time.column === 'string' ? time.column : null
  if (time.unitBy === undefined) scale(minutes, ...minutesOf[time.unit])
  else scaleByUnit(view, minutes, time.unit, time.unitBy, findings)
  if (hold !== undefined) {
    const held = minutesColumn(view, hold, findings)
    for (let row = 0; row < minutes.length; row++) if (!Number.isNaN(held[row]!)) minutes[row]! -= held[row]!
  }
  for (let row = 0; row < minutes.length; row++) {
    if (minutes[row]! < 0) {
      findings.add('time_negative', shown, view.rowNumber(row), minutes[row]!)
      minutes[row] = Number.NaN
    }
  }
  if (time.perBy !== undefined) divideByKind(view, minutes, time.perBy, findings)
  else if (typeof time.per === 'number') scale(minutes, 1, time.per)
  else if (time.per !== undefined) divide(view, minutes, numbersOf(view, time.per, findings), time.per, findings)
  return minutes
}

function constant(view: TableView, value: number): Float64Array {
  return new Float64Array(view.count).fill(value)
}

function scale(values: Float64Array, factor: number, divisor: number): void {
  if (factor !== divisor) for (let row = 0; row < values.length; row++) values[row] = (values[row]! * factor) / divisor
}

function scaleByUnit(
  view: TableView,
  minutes: Float64Array,
  usual: TimeUnit,
  { column, units }: NonNullable<TimeColumn['unitBy']>,
  findings: Findings,
): void {
  const { codes, dictionary } = textColumnOf(view.distinct(column))
  const known = new Map(Object.entries(units).map(([text, unit]) => [cleanText(text), unit]))
  const factors = dictionary.map((text, code) => (code === 0 ? minutesOf[usual] : known.has(text) ? minutesOf[known.get(text)!] : null))
  for (let row = 0; row < minutes.length; row++) {
    const factor = factors[codes[row]!]!
    if (factor !== null) minutes[row] = (minutes[row]! * factor[0]) / factor[1]
    else if (!Number.isNaN(minutes[row]!)) {
      findings.add('unit_unknown', column, view.rowNumber(row), dictionary[codes[row]!]!)
      minutes[row] = Number.NaN
    }
  }
}

function divide(view: TableView, minutes: Float64Array, quantities: Float64Array, shown: string, findings: Findings): void {
  for (let row = 0; row < minutes.length; row++) {
    if (quantities[row]! > 0) minutes[row]! /= quantities[row]!
    else if (!Number.isNaN(minutes[row]!)) {
      findings.add('quantity_invalid', shown, view.rowNumber(row), Number.isNaN(quantities[row]!) ? '' : quantities[row]!)
      minutes[row] = Number.NaN
    }
  }
}

/** The quantity of each row by the kind that a column names; a kind that is not listed has none. */
function divideByKind(
  view: TableView,
  minutes: Float64Array,
  { column, quantities }: NonNullable<TimeColumn['perBy']>,
  findings: Findings,
): void {
  const { codes, dictionary } = textColumnOf(view.distinct(column))
  const byRow = new Float64Array(view.count).fill(Number.NaN)
  for (const [text, quantity] of Object.entries(quantities)) {
    const code = dictionary.indexOf(cleanText(text))
    if (code < 0) continue
    const values = typeof quantity === 'number' ? constant(view, quantity) : numbersOf(view, quantity, findings)
    for (let row = 0; row < byRow.length; row++) if (codes[row] === code) byRow[row] = values[row]!
  }
  divide(view, minutes, byRow, column, findings)
}
