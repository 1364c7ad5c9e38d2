/** Values of flags, and figures as they are shown. */
import type { Cell } from './report'

/** Whole numbers from 1, separated by commas. Throws with the flag's name. */
export function wholeNumbers(flag: string, text: string): number[] {
  const numbers = text.split(',').map(Number)
  if (numbers.every((number) => Number.isInteger(number) && number >= 1)) return numbers
  throw new Error(`--${flag} must be whole numbers from 1, separated by commas`)
}

/** Three decimals below 10, two below 100, whole from 1,000: enough for any of the tables. */
export function round(value: number): number {
  if (!Number.isFinite(value)) return value
  const size = Math.abs(value)
  const digits = size < 10 ? 3 : size < 100 ? 2 : size < 1_000 ? 1 : 0
  return Number(value.toFixed(digits))
}

/** Quotient of two cells, or null when one of them is no number or zero. */
export function finiteRatio(value: Cell, by: Cell): number | null {
  const ratio = typeof value === 'number' && typeof by === 'number' ? value / by : Number.NaN
  return Number.isFinite(ratio) ? round(ratio) : null
}
