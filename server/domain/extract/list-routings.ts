/** Routings written as a list in a cell: `A+B+C`, a JSON list, or several alternatives of either. Lists carry no times. */
import type { ListRoutings } from '../../contract/mapping'
import { cleanText, isNullText } from '../attribute-text'
import type { Steps, TextColumn } from '../plant'
import { ascending, constantColumn, textColumnOf } from './distinct'
import type { Findings } from './findings'
import { FILTERED_ITEM, type ItemTable, UNKNOWN_ITEM } from './items'
import { noResults, type RoutingTable } from './routing-table'
import { offsetsOf, sortedByKey } from './sorting'
import type { TableView } from './table-view'

export interface ListRows {
  table: RoutingTable
  /** View rows left out because the mapping filters their item. */
  filtered: number
}

/** Reads the lists of a routing table of its own, found by the items' keys. */
export function listRoutings(view: TableView, spec: ListRoutings, items: ItemTable, findings: Findings): ListRows {
  const item = textColumnOf(view.distinct(spec.item!))
  const itemByCode = Int32Array.from(item.dictionary, items.find)
  const rows: number[] = []
  const owners: number[] = []
  let filtered = 0
  for (let row = 0; row < view.count; row++) {
    const found = itemByCode[item.codes[row]!]!
    if (item.codes[row] === 0) findings.add('item_key_missing', spec.item!, view.rowNumber(row), '')
    else if (found === FILTERED_ITEM) filtered++
    else if (found === UNKNOWN_ITEM)
      findings.add('routing_item_unknown', spec.item!, view.rowNumber(row), item.dictionary[item.codes[row]!]!)
    else {
      rows.push(row)
      owners.push(found)
    }
  }
  const sorted = sortedByKey(ascending(rows.length), Uint32Array.from(owners), items.items.count)
  const picked = Uint32Array.from(sorted, (at) => rows[at]!)
  return {
    filtered,
    table: routingsOf(
      view,
      spec,
      picked,
      Uint32Array.from(sorted, (at) => owners[at]!),
      items.items.count,
      findings,
    ),
  }
}

/** Reads the lists that stand in the items' own rows. */
export function ownListRoutings(view: TableView, spec: ListRoutings, { items, viewRows }: ItemTable, findings: Findings): RoutingTable {
  return routingsOf(view, spec, viewRows, ascending(viewRows.length), items.count, findings)
}

/** `rows` of the view and the item of each, ascending by item. */
function routingsOf(
  view: TableView,
  spec: ListRoutings,
  rows: Uint32Array,
  owners: Uint32Array,
  itemCount: number,
  findings: Findings,
): RoutingTable {
  const { codes, values } = view.distinct(spec.column)
  const operations = operationCodes()
  const parsed: (Uint32Array[] | null | undefined)[] = new Array(values.length)
  const item: number[] = []
  const lists: Uint32Array[] = []
  for (let at = 0; at < rows.length; at++) {
    const code = codes[rows[at]!]!
    if (parsed[code] === undefined) parsed[code] = alternativesIn(cleanText(values[code]!), spec, operations.code)
    const alternatives = parsed[code]
    if (alternatives === null) findings.add('list_invalid', spec.column, view.rowNumber(rows[at]!), values[code]!)
    for (const list of alternatives ?? []) {
      item.push(owners[at]!)
      lists.push(list)
    }
  }
  return tableOf(Uint32Array.from(item), lists, operations.dictionary, itemCount)
}

function operationCodes() {
  const dictionary = ['']
  const codeOf = new Map<string, number>()
  return {
    dictionary,
    code(text: string): number {
      let code = codeOf.get(text)
      if (code === undefined) {
        code = dictionary.push(text) - 1
        codeOf.set(text, code)
      }
      return code
    },
  }
}

/** The lists of operation codes in a cell, none for a blank cell, null when it is no list. */
function alternativesIn(text: string, spec: ListRoutings, code: (text: string) => number): Uint32Array[] | null {
  const lists = isNullText(text) ? [] : text.startsWith('[') ? jsonLists(text) : separated(text, spec)
  if (lists === null) return null
  return lists.map((list) => Uint32Array.from(list, code)).filter((list) => list.length > 0)
}

function separated(text: string, { separator, alternativesSeparator }: ListRoutings): string[][] {
  const alternatives = alternativesSeparator === undefined ? [text] : text.split(alternativesSeparator)
  return alternatives.map((list) => cleanParts(separator === undefined ? [list] : list.split(separator)))
}

function jsonLists(text: string): string[][] | null {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return null
  }
  if (!Array.isArray(json)) return null
  const lists: unknown[] = json.some(Array.isArray) ? json : [json]
  const isOperation = (part: unknown) => typeof part === 'string' || typeof part === 'number'
  if (!lists.every((list) => Array.isArray(list) && list.every(isOperation))) return null
  return (lists as (string | number)[][]).map(cleanParts)
}

function cleanParts(parts: readonly (string | number)[]): string[] {
  return parts.map(cleanText).filter((part) => part !== '')
}

/** Alternatives of an item are its routings `1`, `2`, …; their steps go by tens. */
function tableOf(item: Uint32Array, lists: readonly Uint32Array[], operations: string[], itemCount: number): RoutingTable {
  const stepOffsets = new Uint32Array(lists.length + 1)
  for (let routing = 0; routing < lists.length; routing++) stepOffsets[routing + 1] = stepOffsets[routing]! + lists[routing]!.length
  const count = stepOffsets[lists.length]!
  const codes = new Uint32Array(count)
  const sequence = new Int32Array(count)
  for (let routing = 0; routing < lists.length; routing++) {
    codes.set(lists[routing]!, stepOffsets[routing]!)
    for (let step = 0; step < lists[routing]!.length; step++) sequence[stepOffsets[routing]! + step] = (step + 1) * 10
  }
  const itemOffsets = offsetsOf(item, itemCount)
  const label = Array.from(item, (owner, routing) => String(routing - itemOffsets[owner]! + 1))
  return {
    routings: { count: lists.length, itemOffsets, item, label, orders: new Uint32Array(lists.length).fill(1), stepOffsets },
    steps: bareSteps({ kind: 'text', codes, dictionary: operations }, sequence),
    results: noResults,
    index: {
      offsets: itemOffsets,
      labels: label,
      routing: ascending(item.length),
      rankOf: new Map([...new Set(label)].map((text) => [text, Number(text)])),
    },
  }
}

/** Steps of which only the operation is known. */
function bareSteps(operation: TextColumn, sequence: Int32Array): Steps {
  const count = sequence.length
  const missing = () => new Float64Array(count).fill(Number.NaN)
  return {
    count,
    sequence,
    operation,
    operationNames: operation.dictionary.map(() => ''),
    operationGroups: operation.dictionary.map(() => ''),
    resource: constantColumn('', count),
    resourceNames: [''],
    resourceWorkCentres: [''],
    inside: new Uint8Array(count).fill(255),
    batch: new Uint8Array(count).fill(255),
    partner: constantColumn('', count),
    leadTimeDays: missing(),
    setup: missing(),
    run: missing(),
    queue: missing(),
    wait: missing(),
    move: missing(),
    actualSetup: missing(),
    actualRun: missing(),
  }
}
