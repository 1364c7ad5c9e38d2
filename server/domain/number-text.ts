/** Numbers that people wrote in files: thousands separated by commas, a decimal point, an exponent. Never a decimal comma: `1,234` is ambiguous. */
const plain = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const grouped = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/

/** The number in a trimmed text; NaN when there is none, or when it is too large for a double. Never -0. */
export function parseNumberText(text: string): number {
  let value = Number.NaN
  if (plain.test(text)) value = Number(text)
  else if (grouped.test(text)) value = Number(text.replaceAll(',', ''))
  return Number.isFinite(value) ? value + 0 : Number.NaN
}
