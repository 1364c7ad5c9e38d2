/**
 * A first mapping to edit, guessed from the names and the values of a source's tables, with a reason in words for each choice.
 * Pure: the same tables give the same guess. What it returns always fits the schema of a mapping.
 */
import { Value } from '@sinclair/typebox/value'
import { limits } from '../contract/limits'
import { Mapping, type RowRoutings } from '../contract/mapping'
import { bestColumn, type GuessColumn, type GuessTable, isKey, overlap, percent } from './guess/evidence'
import { guessFeatures } from './guess/features'
import { listRoutings, resultScore, rowRoutingScore, rowRoutings, workResults } from './guess/routing'
import { nameScore, plainName, withoutOwner } from './guess/vocabulary'

export type { GuessColumn, GuessTable } from './guess/evidence'

export interface Guess {
  mapping: Mapping | null
  reasons: string[]
}

interface ItemTable {
  table: GuessTable
  key: GuessColumn | null
  score: number
  share: number
}

/** Guesses which table holds the items, the routings and the work results, and what their columns mean. */
export function guessMapping(tables: GuessTable[]): Guess {
  const filled = tables.filter((table) => table.rows > 0 && table.columns.length > 1)
  const ranked = filled
    .map((table) => ({ table, score: rowRoutingScore(table) - (resultScore(table) > 1 ? 2 : 0) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
  for (const { table } of ranked) {
    const item = bestColumn(table, 'item')!
    const items = itemTableFor(table, item, filled)
    if (items) return rowGuess(table, item, items, filled)
  }
  const lists = filled.map((table) => ({ table, found: listRoutings(table) })).find(({ found }) => found !== null)
  if (lists) return listGuess(lists.table, lists.found!)
  const missing =
    ranked.length > 0
      ? `${ranked[0].table.name} looks like routings, but no table has a key that its column ${bestColumn(ranked[0].table, 'item')!.name} joins to`
      : 'No table looks like routings: none has an item, an operation and many rows an item, or lists of operations in a cell'
  return { mapping: null, reasons: [missing] }
}

/** The table whose key holds the routing table's items. */
function itemTableFor(routings: GuessTable, item: GuessColumn, tables: GuessTable[]): ItemTable | null {
  let best: ItemTable | null = null
  for (const table of tables) {
    if (table === routings) continue
    for (const key of table.columns) {
      if (!isKey(table, key)) continue
      const share = overlap(item, key)
      if (share < 0.3) continue
      const sameName = plainName(key.name, table.name) === plainName(item.name, routings.name) ? 2 : 0
      const named = /item|product|part|material|article|품목|제품|부품|자재/i.test(withoutOwner(table.name)) ? 1 : 0
      const score = share * 3 + nameScore('item', key.name, table.name) + sameName + named + Math.min(table.columns.length, 40) / 40
      if (score > (best?.score ?? 0)) best = { table, key, score, share }
    }
  }
  return best
}

function rowGuess(routings: GuessTable, item: GuessColumn, items: ItemTable, tables: GuessTable[]): Guess {
  const { table, key, share } = items
  const reasons = [
    `${routings.name} holds the routings: ${routings.rows} rows for ${item.distinct} items`,
    `${table.name} holds the items: its column ${key!.name} is unique and holds ${percent(share)} of the values of ${routings.name}.${item.name}`,
  ]
  const section = withOperationNames(rowRoutings(routings, item, reasons), routings, tables, reasons)
  const reports = tables
    .filter((other) => other !== routings && other !== table && resultScore(other) > 0)
    .sort((left, right) => resultScore(right) - resultScore(left))
    .find((other) => overlap(bestColumn(other, 'item')!, key!) > 0.3)
  const results = reports ? workResults(reports, reasons) : undefined
  return finished(table, key, { routings: section, ...(results ? { results } : {}) }, reasons)
}

/** Names of the operations from the table whose key they are, when the routing table has none. */
function withOperationNames(section: RowRoutings, routings: GuessTable, tables: GuessTable[], reasons: string[]): RowRoutings {
  const operation = routings.columns.find((column) => column.name === section.operation)
  if (!operation || section.operationName) return section
  for (const table of tables) {
    const key = table.columns.find(
      (column) => plainName(column.name, table.name) === plainName(operation.name, routings.name) && isKey(table, column),
    )
    if (table === routings || !key || overlap(operation, key) < 0.9) continue
    const name = bestColumn(table, 'operationName', (column) => column !== key) ?? bestColumn(table, 'title', (column) => column !== key)
    if (!name) continue
    reasons.push(`${table.name}.${name.name} names the operations: ${key.name} is the key of ${table.name}`)
    const as = 'operations'
    return {
      ...section,
      joins: [{ table: table.name, as, on: [{ left: operation.name, right: key.name }] }],
      operationName: `${as}.${name.name}`,
    }
  }
  return section
}

function listGuess(table: GuessTable, { routings, column, steps }: NonNullable<ReturnType<typeof listRoutings>>): Guess {
  const key =
    table.columns.find((other) => other !== column && isKey(table, other) && nameScore('item', other.name, table.name) > 0) ?? null
  const reasons = [
    `${table.name}.${column.name} holds routings as lists of operations: ${steps} different ones`,
    key
      ? `${table.name}.${key.name} is the key of an item: unique and named like one`
      : `${table.name} has no key named like an item's: rows are numbered`,
  ]
  return finished(table, key, { routings }, reasons, [column.name])
}

function finished(
  table: GuessTable,
  key: GuessColumn | null,
  sections: Pick<Mapping, 'routings' | 'results'>,
  reasons: string[],
  taken: string[] = [],
): Guess {
  const title = bestColumn(table, 'title', (column) => column !== key && column.type === 'text')
  const family = bestColumn(table, 'family', (column) => column !== key && column.distinct > 1 && column.distinct < table.rows / 2)
  if (title) reasons.push(`${title.name} is the title of an item by its name`)
  if (family) reasons.push(`${family.name} is the family of an item: ${family.distinct} values, by its name`)
  const used = new Set([key?.name, ...taken].filter((name) => name !== undefined))
  const features = guessFeatures(table, used, reasons).slice(0, limits.attributesMax)
  if (features.length === 0)
    return { mapping: null, reasons: [...reasons, `${table.name} has no column that could be an attribute of its items`] }
  const mapping: Mapping = {
    name: withoutOwner(table.name).split('/').pop()!.replaceAll('*', '').slice(0, limits.nameCharactersMax) || 'guess',
    description: 'Guessed from the names and values of the tables: check it before training.',
    items: {
      table: table.name,
      ...(key ? { key: key.name } : {}),
      ...(title ? { title: title.name } : {}),
      ...(family ? { family: family.name } : {}),
    },
    features,
    ...sections,
  }
  return Value.Check(Mapping, mapping)
    ? { mapping, reasons }
    : { mapping: null, reasons: [...reasons, 'The names of the tables or columns are too long for a mapping'] }
}
