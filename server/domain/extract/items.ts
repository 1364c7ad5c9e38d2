/** The items of a plant: one per key, the first row of a key wins. */
import type { Mapping } from '../../contract/mapping'
import type { Items } from '../plant'
import { ascending, rowsWhere, textColumnOf } from './distinct'
import { featureColumn } from './feature-column'
import type { Findings } from './findings'
import { selectedView, type TableView } from './table-view'

/** No row of the item table has the key. */
export const UNKNOWN_ITEM = -1
/** The mapping's filters left the item out: its routings are left out too, and nothing is wrong with them. */
export const FILTERED_ITEM = -2

export interface ItemTable {
  items: Items
  /** Per item: its row in the view. */
  viewRows: Uint32Array
  /** Item by clean key; UNKNOWN_ITEM or FILTERED_ITEM. */
  find(key: string): number
}

/** Reads keys, titles, families and features of the view's rows. */
export function itemTable(view: TableView, { items: spec, features }: Mapping, findings: Findings): ItemTable {
  const { viewRows, keys, find } = keyedRows(view, spec.key, findings)
  const rows = selectedView(view, viewRows)
  const text = (ref: string | undefined) => (ref === undefined ? null : textColumnOf(rows.distinct(ref)))
  return {
    viewRows,
    find,
    items: {
      count: keys.length,
      keys,
      title: text(spec.title),
      family: text(spec.family),
      features: features.map((feature) => featureColumn(rows, feature, findings)),
    },
  }
}

function keyedRows(
  view: TableView,
  key: string | undefined,
  findings: Findings,
): Pick<ItemTable, 'viewRows' | 'find'> & { keys: string[] } {
  if (key === undefined) {
    const viewRows = ascending(view.count)
    const keys = Array.from(viewRows, (row) => String(view.rowNumber(row)))
    const itemOf = new Map(keys.map((text, item) => [text, item]))
    return { viewRows, keys, find: (text) => itemOf.get(text) ?? UNKNOWN_ITEM }
  }
  const all = view.distinct(key)
  const { codes, dictionary } = textColumnOf(all)
  const seen = new Uint8Array(dictionary.length)
  const keep = new Uint8Array(codes.length)
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!
    if (code === 0) findings.add('item_key_missing', key, view.rowNumber(row), '')
    else if (seen[code] === 1) findings.add('item_key_duplicate', key, view.rowNumber(row), dictionary[code]!)
    else {
      seen[code] = 1
      keep[row] = 1
    }
  }
  const viewRows = rowsWhere(keep)
  const keys = Array.from(viewRows, (row) => dictionary[codes[row]!]!)
  const itemOf = new Map(keys.map((text, item) => [text, item]))
  if (view.filtered > 0) for (const value of all.values) if (value !== null) addFiltered(itemOf, value)
  return { viewRows, keys, find: (text) => itemOf.get(text) ?? UNKNOWN_ITEM }
}

/** A source's column has the values of all rows: those of no kept row belong to filtered ones. */
function addFiltered(itemOf: Map<string, number>, value: string | number): void {
  const text = String(value)
  if (!itemOf.has(text)) itemOf.set(text, FILTERED_ITEM)
}
