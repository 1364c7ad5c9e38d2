/** The rows of a routing table in order: by item, routing number, sequence number, then as they came. */
import type { RowRoutings } from '../../contract/mapping'
import { parseNumberText } from '../number-text'
import type { TextColumn } from '../plant'
import { constantColumn, gathered, rowsWhere, textColumnOf } from './distinct'
import type { Findings } from './findings'
import { FILTERED_ITEM, type ItemTable, UNKNOWN_ITEM } from './items'
import { pairIds } from './pair-ids'
import { naturalRanks, sortedByKey } from './sorting'
import type { TableView } from './table-view'

export const SEQUENCE_MAX = 2 ** 31 - 1
const NO_SEQUENCE = -1

/** Rows with the same item and routing number are a group; rows and groups are sorted. All arrays are in that order. */
export interface RowGroups {
  /** Per sorted row: its row in the view. */
  viewRows: Uint32Array
  sequences: Int32Array
  operation: TextColumn
  resource: TextColumn
  /** Group g owns the sorted rows offsets[g] … offsets[g + 1]. */
  offsets: Uint32Array
  items: Uint32Array
  /** Routing numbers; code 0 where the plant wrote none. */
  labels: TextColumn
  /** Rank of each label code in natural order; groups of an item ascend by it. */
  labelRanks: Uint32Array
  /** View rows left out because the mapping filters their item. */
  filtered: number
}

/** Sorts the rows that are a step of a known item; the others are found under one bad rule each. */
export function rowGroups(view: TableView, spec: RowRoutings, { items, find }: ItemTable, findings: Findings): RowGroups {
  const item = textColumnOf(view.distinct(spec.item))
  const itemByCode = Int32Array.from(item.dictionary, find)
  const operation =
    typeof spec.operation === 'string' ? textColumnOf(view.distinct(spec.operation)) : constantColumn(spec.operation.value, view.count)
  const resource = spec.resource === undefined ? constantColumn('', view.count) : textColumnOf(view.distinct(spec.resource))
  const labels = spec.routing === undefined ? constantColumn('1', view.count) : textColumnOf(view.distinct(spec.routing))
  const sequences = sequencesOf(view, spec.sequence)

  const itemOf = new Uint32Array(view.count)
  const keep = new Uint8Array(view.count)
  let filtered = 0
  for (let row = 0; row < view.count; row++) {
    const found = itemByCode[item.codes[row]!]!
    if (item.codes[row] === 0) findings.add('item_key_missing', spec.item, view.rowNumber(row), '')
    else if (found === FILTERED_ITEM) filtered++
    else if (found === UNKNOWN_ITEM)
      findings.add('routing_item_unknown', spec.item, view.rowNumber(row), item.dictionary[item.codes[row]!]!)
    else if (operation.codes[row] === 0)
      findings.add('operation_missing', typeof spec.operation === 'string' ? spec.operation : null, view.rowNumber(row), '')
    else if (sequences !== null && sequences.byCode[sequences.codes[row]!] === NO_SEQUENCE)
      findings.add('sequence_invalid', spec.sequence!, view.rowNumber(row), sequences.shown[sequences.codes[row]!]!)
    else {
      itemOf[row] = found
      keep[row] = 1
    }
  }
  const labelRanks = naturalRanks(labels.dictionary)
  const ranks = gathered(labelRanks, labels.codes)
  let order = rowsWhere(keep)
  if (sequences !== null) order = sortedByKey(order, gathered(sequences.ranks, sequences.codes), sequences.rankCount)
  order = sortedByKey(order, ranks, labelRanks.length)
  order = sortedByKey(order, itemOf, items.count)
  const sequenceOf = sequences === null ? null : (row: number) => sequences.byCode[sequences.codes[row]!]!
  const sameGroup = (a: number, b: number) => itemOf[a] === itemOf[b] && ranks[a] === ranks[b]
  if (sequenceOf !== null) {
    const work = { operation, resource, same: (a: number, b: number) => sameGroup(a, b) && sequenceOf(a) === sequenceOf(b) }
    order = withoutRepeats(order, work, (rule, row) => {
      const value = `${sequenceOf(row)} ${operation.dictionary[operation.codes[row]!]}`
      findings.add(rule, spec.sequence!, view.rowNumber(row), value)
    })
  }

  const offsets: number[] = []
  for (let at = 0; at < order.length; at++) if (at === 0 || !sameGroup(order[at - 1]!, order[at]!)) offsets.push(at)
  const first = Uint32Array.from(offsets, (at) => order[at]!)
  offsets.push(order.length)
  return {
    viewRows: order,
    sequences: sequenceOf === null ? byTens(offsets, order.length) : Int32Array.from(order, sequenceOf),
    operation: { ...operation, codes: gathered(operation.codes, order) },
    resource: { ...resource, codes: gathered(resource.codes, order) },
    offsets: Uint32Array.from(offsets),
    items: gathered(itemOf, first),
    labels: { ...labels, codes: gathered(labels.codes, first) },
    labelRanks,
    filtered,
  }
}

interface Sequences {
  codes: Uint32Array
  /** Per code: the number, or NO_SEQUENCE. */
  byCode: Int32Array
  ranks: Uint32Array
  rankCount: number
  shown: string[]
}

function sequencesOf(view: TableView, ref: string | undefined): Sequences | null {
  if (ref === undefined) return null
  const { codes, values } = view.distinct(ref)
  const byCode = Int32Array.from(values, sequenceNumber)
  const sorted = [...new Set(byCode)].sort((a, b) => a - b)
  const rankOf = new Map(sorted.map((sequence, rank) => [sequence, rank]))
  return {
    codes,
    byCode,
    ranks: Uint32Array.from(byCode, (sequence) => rankOf.get(sequence)!),
    rankCount: sorted.length,
    shown: values.map((value) => (value === null ? '' : String(value))),
  }
}

/** The sequence number in a cell, NO_SEQUENCE when it is not a whole number from 0 to SEQUENCE_MAX. */
export function sequenceNumber(value: string | number | null): number {
  const number = typeof value === 'string' ? parseNumberText(value.trim()) : (value ?? NO_SEQUENCE)
  return Number.isInteger(number) && number >= 0 && number <= SEQUENCE_MAX ? number : NO_SEQUENCE
}

/** Operations go by tens where the plant does not number them. */
function byTens(offsets: readonly number[], count: number): Int32Array {
  const sequences = new Int32Array(count)
  for (let group = 0; group + 1 < offsets.length; group++) {
    for (let at = offsets[group]!; at < offsets[group + 1]!; at++) sequences[at] = (at - offsets[group]! + 1) * 10
  }
  return sequences
}

interface SequencedWork {
  operation: TextColumn
  resource: TextColumn
  /** Whether two rows have the same item, routing number and sequence number. */
  same(a: number, b: number): boolean
}

/** Rows with one sequence number in one routing: an exact repeat is a doubled row and left out, another operation is noted and stays. */
function withoutRepeats(
  order: Uint32Array<ArrayBuffer>,
  { operation, resource, same }: SequencedWork,
  found: (rule: 'step_duplicate' | 'sequence_duplicate', row: number) => void,
): Uint32Array<ArrayBuffer> {
  const places: number[] = []
  const runOf: number[] = []
  for (let at = 1, run = 0; at < order.length; at++) {
    if (!same(order[at - 1]!, order[at]!)) continue
    if (places.at(-1) !== at - 1) {
      run++
      places.push(at - 1)
      runOf.push(run)
    }
    places.push(at)
    runOf.push(run)
  }
  if (places.length === 0) return order
  const rows = Uint32Array.from(places, (at) => order[at]!)
  const work = pairIds(gathered(operation.codes, rows), gathered(resource.codes, rows))
  const { ids, first } = pairIds(Uint32Array.from(runOf), work.ids)
  const keep = new Uint8Array(order.length).fill(1)
  for (let i = 0; i < places.length; i++) {
    if (first[ids[i]!] !== i) {
      keep[places[i]!] = 0
      found('step_duplicate', rows[i]!)
    } else if (i > 0 && runOf[i - 1] === runOf[i]) found('sequence_duplicate', rows[i]!)
  }
  return gathered(order, rowsWhere(keep))
}
