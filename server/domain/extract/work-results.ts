/**
 * Reports of work done, joined to the steps: by item and operation, and by routing number and sequence where they are mapped.
 * Of several steps that fit, one on the reported resource is taken before another, and the item's first routing before the next.
 */
import type { WorkResults } from '../../contract/mapping'
import type { Results } from '../plant'
import { constantColumn, gathered, rowsWhere, textColumnOf } from './distinct'
import type { Findings } from './findings'
import { meansOf } from './history'
import { FILTERED_ITEM, type ItemTable, UNKNOWN_ITEM } from './items'
import { minutesColumn } from './minutes'
import { type RoutingIndex, type RoutingTable, timedResults } from './routing-table'
import { sequenceNumber } from './row-groups'
import { selectedView, type TableView } from './table-view'

const NO_STEP = 0xffffffff
const NO_CODE = -1

export interface ReportRows {
  table: RoutingTable
  /** Reports of items that the mapping filters. */
  filtered: number
}

/**
 * The routing table with the reports added to its results, and their means as the steps' actual times. A report that fits no
 * step is noted (`result_unmatched`): plants keep reports of items and routings that are gone.
 */
export function withWorkResults(view: TableView, spec: WorkResults, items: ItemTable, table: RoutingTable, findings: Findings): ReportRows {
  const { steps, filtered } = matchedSteps(view, spec, items, table, findings)
  const matched = rowsWhere(matchedFlags(steps))
  const rows = selectedView(view, matched)
  const missing = () => new Float64Array(matched.length).fill(Number.NaN)
  const setup = spec.setup === undefined ? missing() : minutesColumn(rows, spec.setup, findings)
  const run = spec.run === undefined ? missing() : minutesColumn(rows, spec.run, findings, { hold: spec.hold })
  const reported = timedResults(gathered(steps, matched), setup, run)
  return { filtered, table: withSamples(table, reported) }
}

function matchedFlags(steps: Uint32Array): Uint8Array {
  const flags = new Uint8Array(steps.length)
  for (let row = 0; row < steps.length; row++) if (steps[row] !== NO_STEP) flags[row] = 1
  return flags
}

/** Reports replace an actual time that the routing itself states: they are what it was reviewed from. */
function withSamples(table: RoutingTable, reported: Results): RoutingTable {
  const { steps, results } = table
  const setup = meansOf(reported.setup, reported.step, steps.count)
  const run = meansOf(reported.run, reported.step, steps.count)
  const prefer = (means: Float64Array, stated: Float64Array) => means.map((mean, step) => (Number.isNaN(mean) ? stated[step]! : mean))
  return {
    ...table,
    steps: { ...steps, actualSetup: prefer(setup, steps.actualSetup), actualRun: prefer(run, steps.actualRun) },
    results: {
      count: results.count + reported.count,
      step: joined(results.step, reported.step, Uint32Array),
      setup: joined(results.setup, reported.setup, Float64Array),
      run: joined(results.run, reported.run, Float64Array),
    },
  }
}

function joined<T extends Uint32Array | Float64Array>(a: T, b: T, Kind: new (length: number) => T): T {
  const both = new Kind(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

function matchedSteps(view: TableView, spec: WorkResults, items: ItemTable, table: RoutingTable, findings: Findings) {
  const item = textColumnOf(view.distinct(spec.item))
  const itemByCode = Int32Array.from(item.dictionary, items.find)
  const operation =
    typeof spec.operation === 'string' ? textColumnOf(view.distinct(spec.operation)) : constantColumn(spec.operation.value, view.count)
  const operationByCode = translated(operation.dictionary, table.steps.operation.dictionary)
  const resource = spec.resource === undefined ? null : textColumnOf(view.distinct(spec.resource))
  const resourceByCode = resource && translated(resource.dictionary, table.steps.resource.dictionary)
  const labels = spec.routing === undefined ? null : textColumnOf(view.distinct(spec.routing))
  const sequences = spec.sequence === undefined ? null : view.distinct(spec.sequence)
  const sequenceByCode = sequences?.values.map(sequenceNumber)
  const entryRanks = labels && Float64Array.from(table.index.labels, (label) => table.index.rankOf.get(label)!)
  const labelRankByCode = labels?.dictionary.map((label) => table.index.rankOf.get(label) ?? NO_CODE)

  const steps = new Uint32Array(view.count).fill(NO_STEP)
  let filtered = 0
  for (let row = 0; row < view.count; row++) {
    const found = itemByCode[item.codes[row]!]!
    if (item.codes[row] === 0) findings.add('item_key_missing', spec.item, view.rowNumber(row), '')
    else if (operation.codes[row] === 0)
      findings.add('operation_missing', typeof spec.operation === 'string' ? spec.operation : null, view.rowNumber(row), '')
    else if (sequenceByCode && sequenceByCode[sequences!.codes[row]!] === NO_CODE)
      findings.add('sequence_invalid', spec.sequence!, view.rowNumber(row), sequences!.values[sequences!.codes[row]!]!)
    else if (found === FILTERED_ITEM) filtered++
    else {
      if (found !== UNKNOWN_ITEM) {
        steps[row] = stepFor(table, {
          routings: labels ? entry(table.index, entryRanks!, found, labelRankByCode![labels.codes[row]!]!) : itemRoutings(table, found),
          operation: operationByCode[operation.codes[row]!]!,
          sequence: sequenceByCode ? sequenceByCode[sequences!.codes[row]!]! : NO_CODE,
          resource: resourceByCode ? resourceByCode[resource!.codes[row]!]! : NO_CODE,
        })
      }
      if (steps[row] === NO_STEP) findings.add('result_unmatched', spec.item, view.rowNumber(row), item.dictionary[item.codes[row]!]!)
    }
  }
  return { steps, filtered }
}

/** Per text of one dictionary: its code in another, NO_CODE when it is not there. */
function translated(from: readonly string[], to: readonly string[]): Int32Array {
  const codeOf = new Map(to.map((text, code) => [text, code]))
  return Int32Array.from(from, (text) => (text === '' ? NO_CODE : (codeOf.get(text) ?? NO_CODE)))
}

interface RoutingRange {
  start: number
  end: number
}

function itemRoutings({ routings }: RoutingTable, item: number): RoutingRange {
  return { start: routings.itemOffsets[item]!, end: routings.itemOffsets[item + 1]! }
}

/** The item's routing of that number, by binary search: an item may have thousands of orders. */
function entry({ offsets, routing }: RoutingIndex, ranks: Float64Array, item: number, rank: number): RoutingRange {
  let low = offsets[item]!
  let high = offsets[item + 1]!
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ranks[middle]! < rank) low = middle + 1
    else high = middle
  }
  return low < offsets[item + 1]! && ranks[low] === rank ? { start: routing[low]!, end: routing[low]! + 1 } : { start: 0, end: 0 }
}

interface Sought {
  routings: RoutingRange
  operation: number
  /** NO_CODE: any. */
  sequence: number
  resource: number
}

function stepFor({ routings: { stepOffsets }, steps }: RoutingTable, { routings, operation, sequence, resource }: Sought): number {
  let found = NO_STEP
  const end = routings.end === routings.start ? 0 : stepOffsets[routings.end]!
  for (let step = stepOffsets[routings.start]!; step < end; step++) {
    if (steps.operation.codes[step] !== operation) continue
    if (sequence !== NO_CODE && steps.sequence[step] !== sequence) continue
    if (resource === NO_CODE || steps.resource.codes[step] === resource) return step
    if (found === NO_STEP) found = step
  }
  return found
}
