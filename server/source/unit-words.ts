/** Units that a column's name or its values state, in one spelling each. */

/** Spellings in lower case → unit. */
const spellings: Record<string, string> = {
  ...spelled('mm', 'mm ㎜ millimeter millimetre millimeters millimetres'),
  ...spelled('cm', 'cm ㎝ centimeter centimetre'),
  ...spelled('m', 'meter metre meters metres'),
  ...spelled('inch', 'inch inches " ″ 인치'),
  ...spelled('kg', 'kg ㎏ kilogram kilograms'),
  ...spelled('g', 'gram grams gr'),
  ...spelled('lb', 'lb lbs pound pounds'),
  ...spelled('s', 'sec secs second seconds 초'),
  ...spelled('min', 'min mins minute minutes 분'),
  ...spelled('h', 'hr hrs hour hours 시간'),
  ...spelled('day', 'day days 일'),
  ...spelled('piece', 'ea pcs pc piece pieces set 개'),
}
/** Letters too short to be a unit inside a name or beside a number, but clear as a whole cell of a unit column. */
const lengthLetters: Record<string, string> = { in: 'inch', m: 'm', g: 'g' }
/** The ERP writes minutes as M. */
const timeLetters: Record<string, string> = { m: 'min', s: 's', h: 'h', d: 'day' }

function spelled(unit: string, words: string): Record<string, string> {
  return Object.fromEntries(words.split(' ').map((word) => [word, unit]))
}

/** The unit that a whole cell names in a column of this name; null when it names none. H in a column of classes is no hour. */
export function unitOfCell(text: string, column: string): string | null {
  const word = text.trim().toLowerCase().replace(/\.$/, '')
  if (spellings[word]) return spellings[word]
  if (/time|시간|zeit/i.test(column)) return timeLetters[word] ?? null
  return /unit|uom|단위|measure|einheit/i.test(column) ? (lengthLetters[word] ?? null) : null
}

/** Units in a column's name: `Dauer[min]`, `length_mm`, `MACH_WORKED_HOURS`, `무게(kg)`. */
export function unitsInName(name: string): string[] {
  const bracketed = [...name.matchAll(/[[(]([^\])]+)[\])]/g)].map((match) => unitOfCell(match[1], 'unit'))
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
  // A name like `실적시간` means a time, not hours; `set` and `std` in a name mean other things.
  const named = words.map((word) =>
    /^[a-z]{2,}$/.test(word) && !['set', 'min', 'pc', 'second'].includes(word) ? (spellings[word] ?? null) : null,
  )
  const minutes = /(?:^|[_\s])min$/i.test(name) ? ['min'] : []
  return [...new Set([...bracketed, ...named, ...minutes].filter((unit) => unit !== null))]
}

/**
 * Units in a text column: as whole cells (a unit column: every unit that at least one value in a thousand names, when units are
 * most of what it holds) or behind numbers (`92.5 mm`).
 */
export function unitsInValues(name: string, values: { value: string; count: number }[]): string[] {
  const total = values.reduce((sum, { count }) => sum + count, 0)
  const looked = values.slice(0, 2_000)
  const whole = sums(looked, (value) => unitOfCell(value, name))
  const covered = [...whole.values()].reduce((sum, count) => sum + count, 0)
  if (covered > total / 2 && values.length <= 100) return frequent(whole, total)
  return frequent(
    sums(looked, (value) => spellings[/^[+-]?\d+(?:\.\d+)?\s*([\p{L}㎜㎝㎏"″]+)\.?$/u.exec(value)?.[1].toLowerCase() ?? ''] ?? null),
    total,
  )
}

function sums(values: { value: string; count: number }[], unitOf: (value: string) => string | null): Map<string, number> {
  const found = new Map<string, number>()
  for (const { value, count } of values) {
    const unit = unitOf(value)
    if (unit) found.set(unit, (found.get(unit) ?? 0) + count)
  }
  return found
}

function frequent(counts: Map<string, number>, total: number): string[] {
  return [...counts].filter(([, count]) => count * 1_000 >= total).map(([unit]) => unit)
}
