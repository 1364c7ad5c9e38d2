/** Times in minutes per piece or per lot, computed once: value × unit ÷ quantity. */
import type { TimeColumn, TimeUnit } from '../../contract/mapping'
import { cleanText, isNullText } from '../attribute-text'
import { parseNumberText } from '../number-text'
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
 * Minutes per row; NaN is missing. `hold` is subtracted before the division. A negative result, and a time whose quantity is
 * blank or not above 0, is found and missing.
 */
export function minutesColumn(view: TableView, time: TimeColumn, findings: Findings, { hold }: { hold?: TimeColumn } = {}): Float64Array {
  const minutes = numbersOf(view, time.column, findings)
  scale(minutes, ...minutesOf[time.unit])
  if (hold !== undefined) {
    const held = minutesColumn(view, hold, findings)
    for (let row = 0; row < minutes.length; row++) if (!Number.isNaN(held[row]!)) minutes[row]! -= held[row]!
  }
  for (let row = 0; row < minutes.length; row++) {
    if (minutes[row]! < 0) {
      findings.add('time_negative', time.column, view.rowNumber(row), minutes[row]!)
      minutes[row] = Number.NaN
    }
  }
  if (typeof time.per === 'number') scale(minutes, 1, time.per)
  else if (time.per !== undefined) divide(view, minutes, time.per, findings)
  return minutes
}

function divide(view: TableView, minutes: Float64Array, per: string, findings: Findings): void {
  const quantities = numbersOf(view, per, findings)
  for (let row = 0; row < minutes.length; row++) {
    if (quantities[row]! > 0) minutes[row]! /= quantities[row]!
    else if (!Number.isNaN(minutes[row]!)) {
      findings.add('quantity_invalid', per, view.rowNumber(row), Number.isNaN(quantities[row]!) ? '' : quantities[row]!)
      minutes[row] = Number.NaN
    }
  }
}

function scale(values: Float64Array, factor: number, divisor: number): void {
  if (factor !== divisor) for (let row = 0; row < values.length; row++) values[row] = (values[row]! * factor) / divisor
}
