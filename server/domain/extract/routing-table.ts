/** Routings with their steps, and by which routing number of which item a report of work done finds them. */
import type { Results, Routings, Steps } from '../plant'
import { ascending, gathered, gatheredNumbers, rowsWhere } from './distinct'
import type { RowGroups } from './row-groups'
import { offsetsOf } from './sorting'

export interface RoutingTable {
  routings: Routings
  steps: Steps
  /** Actual times of single orders, where routing numbers are orders. */
  results: Results
  index: RoutingIndex
}

/** Routing numbers of the items: item i has the entries offsets[i] … offsets[i + 1], ascending by the rank of their label. */
export interface RoutingIndex {
  offsets: Uint32Array
  labels: string[]
  routing: Uint32Array
  /** Rank by label; entries of an item ascend by it. */
  rankOf: ReadonlyMap<string, number>
}

export const noResults: Results = { count: 0, step: new Uint32Array(0), setup: new Float64Array(0), run: new Float64Array(0) }

/** Each routing number of an item is a routing of its own. */
export function variantRoutings(groups: RowGroups, steps: Steps, itemCount: number): RoutingTable {
  const count = groups.items.length
  const index = routingIndex(groups, itemCount, ascending(count))
  return {
    routings: {
      count,
      itemOffsets: index.offsets,
      item: groups.items,
      label: index.labels,
      orders: new Uint32Array(count).fill(1),
      stepOffsets: groups.offsets,
    },
    steps,
    results: noResults,
    index,
  }
}

/** Where each group's routing number leads. */
export function routingIndex({ items, labels, labelRanks }: RowGroups, itemCount: number, routing: Uint32Array): RoutingIndex {
  return {
    offsets: offsetsOf(items, itemCount),
    labels: Array.from(labels.codes, (code) => labels.dictionary[code]!),
    routing,
    rankOf: new Map(labels.dictionary.map((text, code) => [text, labelRanks[code]!])),
  }
}

/** Steps picked by row. */
export function pickedSteps(steps: Steps, rows: Uint32Array): Steps {
  const numbers = (values: Float64Array) => gatheredNumbers(values, rows)
  const text = <T extends Steps['operation']>(column: T): T => ({ ...column, codes: gathered(column.codes, rows) })
  return {
    ...steps,
    count: rows.length,
    sequence: Int32Array.from(rows, (row) => steps.sequence[row]!),
    operation: text(steps.operation),
    resource: text(steps.resource),
    inside: Uint8Array.from(rows, (row) => steps.inside[row]!),
    batch: Uint8Array.from(rows, (row) => steps.batch[row]!),
    partner: text(steps.partner),
    leadTimeDays: numbers(steps.leadTimeDays),
    setup: numbers(steps.setup),
    run: numbers(steps.run),
    queue: numbers(steps.queue),
    wait: numbers(steps.wait),
    move: numbers(steps.move),
    actualSetup: numbers(steps.actualSetup),
    actualRun: numbers(steps.actualRun),
  }
}

/** Reports with at least one time; the others have nothing to learn from. */
export function timedResults(step: Uint32Array, setup: Float64Array, run: Float64Array): Results {
  const timed = new Uint8Array(step.length)
  for (let row = 0; row < timed.length; row++) timed[row] = Number.isNaN(setup[row]!) && Number.isNaN(run[row]!) ? 0 : 1
  const rows = rowsWhere(timed)
  return { count: rows.length, step: gathered(step, rows), setup: gatheredNumbers(setup, rows), run: gatheredNumbers(run, rows) }
}
