/** Text of cells and requests in one form: NFC, without surrounding blanks, without lone surrogates. */

/** Texts that exports write for null. `NA` and `none` are not among them: plants use both as real codes. */
const nullTexts: ReadonlySet<string> = new Set(['', 'nan', 'null', '<na>', '#n/a', 'nat'])

/** The canonical text of a value; '' for null. A number is written as JavaScript writes it, so 1 and 1.0 are equal. */
export function cleanText(raw: string | number | boolean | null): string {
  if (raw === null) return ''
  return typeof raw === 'string' ? raw.toWellFormed().normalize('NFC').trim() : String(raw)
}

/** Whether a clean text stands for null in an export: blank, `nan`, `NULL` and the like. */
export function isNullText(text: string): boolean {
  return text.length <= 4 && nullTexts.has(text.toLowerCase())
}
