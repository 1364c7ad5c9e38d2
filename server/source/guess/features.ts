/** Which columns of the item table are attributes, and of what kind. */
import type { Feature } from '../../contract/mapping'
import { type GuessColumn, type GuessTable, isDate, isKey, isNumeric, percent } from './evidence'
import { plainName } from './vocabulary'

const categoryValuesMax = 60
const unitWords: ReadonlySet<string> = new Set(['mm', 'cm', 'm', 'inch', 'kg', 'g', 'lb'])
const dimension =
  /diameter|thick|length|width|height|depth|size|weight|dimension|radius|외경|내경|두께|길이|폭|높이|치수|중량|무게|직경|durchmesser|länge|breite|gewicht/i

/** Features in the order of the table, with a reason for each column taken or left out. `used` are columns with another role. */
export function guessFeatures(table: GuessTable, used: Set<string>, reasons: string[]): Feature[] {
  const units = unitColumns(table)
  const beside = new Set([...units.values()].filter((column) => column.suffix).map(({ unitColumn }) => unitColumn.name))
  const features: Feature[] = []
  const left: string[] = []
  for (const column of table.columns) {
    if (used.has(column.name)) continue
    const refusal = beside.has(column.name) ? 'the unit of another column' : uselessness(table, column)
    if (refusal) {
      left.push(`${column.name} (${refusal})`)
      continue
    }
    const { feature, reason } = featureOf(table, column, units.get(column.name)?.unitColumn ?? null)
    features.push(feature)
    reasons.push(`${column.name} is ${reason}`)
  }
  if (left.length > 0) reasons.push(`Left out of the attributes: ${left.join(', ')}`)
  return features
}

/** Why a column says nothing about an item; null when it may say something. */
function uselessness(table: GuessTable, column: GuessColumn): string | null {
  if (column.type === 'binary' || column.type === 'json') return `${column.type} values`
  if (column.distinct === 0) return 'empty'
  if (column.distinct === 1 && dimension.test(column.name) && Number(column.values[0]) === 0) return 'always 0'
  if (column.distinct === 1 && column.missing === 0) return 'one value in all rows'
  if (column.missing > 0.995) return `missing in ${percent(column.missing)} of the rows`
  if (isDate(column)) return 'a date'
  if (column.values.slice(0, 50).every((value) => /^\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?$/i.test(value)))
    return 'a technical identifier'
  return isKey(table, column) && !isNumeric(column) && column.values.every((value) => !value.includes(' ')) ? 'a second key' : null
}

function featureOf(table: GuessTable, column: GuessColumn, unitColumn: GuessColumn | null): { feature: Feature; reason: string } {
  const base = { column: column.name }
  const code = /(cd|code|id|no|코드|번호|구분)$/i.test(column.name.trim())
  if (isNumeric(column) && (dimension.test(column.name) || unitColumn || (!code && column.distinct > 3))) {
    return numberFeature(table, column, unitColumn)
  }
  const repeats = column.distinct <= Math.max(12, table.rows / 2)
  if ((column.distinct <= categoryValuesMax && repeats) || column.distinct < table.rows / 500) {
    return {
      feature: { ...base, kind: 'category' },
      reason: `a category: ${column.distinct} values, the most frequent ${column.top[0]?.value}`,
    }
  }
  const looked = column.values.slice(0, 500)
  const hierarchical = looked.filter((value) => /^[^\s]+[-/#.][^\s]/.test(value)).length > looked.length / 2
  if (hierarchical && sharedPrefixes(looked) > 0.5) {
    return { feature: { ...base, kind: 'code' }, reason: `a hierarchical code: ${column.distinct} values that share beginnings` }
  }
  const wordy = looked.filter((value) => /\s/.test(value)).length
  if (wordy > looked.length / 3) return { feature: { ...base, kind: 'text' }, reason: `text: ${column.distinct} values of several words` }
  if (wordy < looked.length / 10 && column.distinct < table.rows / 10) {
    return {
      feature: { ...base, kind: 'category' },
      reason: `a category: ${column.distinct} values without blanks, the most frequent ${column.top[0]?.value}`,
    }
  }
  return sharedPrefixes(looked) > 0.5
    ? { feature: { ...base, kind: 'code' }, reason: `a code: ${column.distinct} values that share beginnings` }
    : { feature: { ...base, kind: 'text' }, reason: `text: ${column.distinct} different values` }
}

function numberFeature(table: GuessTable, column: GuessColumn, unitColumn: GuessColumn | null): { feature: Feature; reason: string } {
  const unit = column.units.find((found) => unitWords.has(found)) ?? unitColumn?.units.find((found) => unitWords.has(found))
  const size = dimension.test(column.name)
  const unknown: number[] = []
  const zeros = column.top.find(({ value }) => Number(value) === 0)?.count ?? 0
  if (size && zeros > 0) unknown.push(0)
  if (size && column.max === 9999) unknown.push(9999)
  const feature: Feature = {
    column: column.name,
    kind: 'number',
    ...(unit ? { unit } : {}),
    ...(unitColumn ? { unitColumn: unitColumn.name } : {}),
    ...(unknown.length > 0 ? { unknown } : {}),
    ...((column.min ?? 0) >= 0 && size ? { scale: 'log' as const } : {}),
  }
  const beside = unitColumn ? `, its unit in ${unitColumn.name}` : unit ? ` in ${unit}` : ''
  const zero =
    unknown.length > 0 ? `; ${unknown.join(' and ')} taken for unknown (0 in ${percent(zeros / Math.max(1, table.rows))} of the rows)` : ''
  return { feature, reason: `a number from ${column.min} to ${column.max}${beside}${zero}` }
}

/** Share of values that begin, up to their first sign, like another value. */
function sharedPrefixes(values: string[]): number {
  const prefixOf = (value: string) => /^[^-/#.\s]+/.exec(value)?.[0].slice(0, 4) ?? value.slice(0, 3)
  const counts = new Map<string, number>()
  for (const value of values) counts.set(prefixOf(value), (counts.get(prefixOf(value)) ?? 0) + 1)
  return values.filter((value) => counts.get(prefixOf(value))! > 1).length / Math.max(1, values.length)
}

/** The unit column of each numeric column: the one named after it, or the only one among the dimensions. */
function unitColumns(table: GuessTable): Map<string, { unitColumn: GuessColumn; suffix: boolean }> {
  const holders = table.columns.filter(
    (column) => column.type === 'text' && column.units.some((unit) => unitWords.has(unit)) && column.distinct <= 100,
  )
  const found = new Map<string, { unitColumn: GuessColumn; suffix: boolean }>()
  for (const unitColumn of holders) {
    const stem = plainName(unitColumn.name, table.name)
      .replace(/(unit|uom)?(measurecode|cd|code)?$/, '')
      .replace(/(unit|uom|단위)$/, '')
    const owner = table.columns.find(
      (column) => column !== unitColumn && isNumeric(column) && plainName(column.name, table.name) === stem && stem !== '',
    )
    if (owner) found.set(owner.name, { unitColumn, suffix: true })
  }
  // 'OUTDIAMETER_UNIT' is the unit of the inner diameter and the thickness too, when these have none of their own.
  const named = [...found].filter(([name]) => /diameter|length|치수|외경|길이/i.test(name))
  if (named.length === 1) {
    for (const column of table.columns) {
      const length = /diameter|thick|length|width|height|외경|내경|두께|길이|폭/i.test(column.name)
      if (length && isNumeric(column) && !found.has(column.name))
        found.set(column.name, { unitColumn: named[0][1].unitColumn, suffix: false })
    }
  }
  return found
}
