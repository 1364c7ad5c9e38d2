/**
 * Orders as routings: the orders of an item that ran the same operations on the same resources, in the same order, are one
 * routing. It carries the number of the newest of them (the greatest order number) and the mean of their times.
 */
import type { Steps } from '../plant'
import { pickedSteps, type RoutingTable, routingIndex, timedResults } from './routing-table'
import type { RowGroups } from './row-groups'
import { offsetsOf, sortedByKey } from './sorting'

/** Merges the groups (orders) of each item; its most often run routing comes first, then the newer. */
export function historyRoutings(groups: RowGroups, rows: Steps, itemCount: number): RoutingTable {
  const merged = mergedOrders(groups, rows, itemCount)
  const { representative, orders, routingOf } = merged
  const count = representative.length
  const stepOffsets = new Uint32Array(count + 1)
  for (let routing = 0; routing < count; routing++) {
    const group = representative[routing]!
    stepOffsets[routing + 1] = stepOffsets[routing]! + groups.offsets[group + 1]! - groups.offsets[group]!
  }
  const newest = new Uint32Array(stepOffsets[count]!)
  for (let routing = 0; routing < count; routing++) {
    const start = groups.offsets[representative[routing]!]!
    for (let step = stepOffsets[routing]!; step < stepOffsets[routing + 1]!; step++) newest[step] = start + step - stepOffsets[routing]!
  }
  const stepOf = new Uint32Array(rows.count)
  for (let group = 0; group < routingOf.length; group++) {
    const start = groups.offsets[group]!
    for (let row = start; row < groups.offsets[group + 1]!; row++) stepOf[row] = stepOffsets[routingOf[group]!]! + row - start
  }
  const item = Uint32Array.from(representative, (group) => groups.items[group]!)
  const mean = (values: Float64Array) => meansOf(values, stepOf, newest.length)
  return {
    routings: {
      count,
      itemOffsets: offsetsOf(item, itemCount),
      item,
      label: Array.from(representative, (group) => groups.labels.dictionary[groups.labels.codes[group]!]!),
      orders,
      stepOffsets,
    },
    steps: {
      ...pickedSteps(rows, newest),
      leadTimeDays: mean(rows.leadTimeDays),
      setup: mean(rows.setup),
      run: mean(rows.run),
      queue: mean(rows.queue),
      wait: mean(rows.wait),
      move: mean(rows.move),
      actualSetup: mean(rows.actualSetup),
      actualRun: mean(rows.actualRun),
    },
    results: timedResults(stepOf, rows.actualSetup, rows.actualRun),
    index: routingIndex(groups, itemCount, routingOf),
  }
}

interface MergedOrders {
  /** Per routing: its newest group. */
  representative: Uint32Array
  orders: Uint32Array
  /** Per group. */
  routingOf: Uint32Array
}

function mergedOrders(groups: RowGroups, rows: Steps, itemCount: number): MergedOrders {
  const groupCount = groups.items.length
  const itemGroups = offsetsOf(groups.items, itemCount)
  // Numbered as they are met, sorted by item and number of orders afterwards.
  const newest: number[] = []
  const orders: number[] = []
  const met = new Uint32Array(groupCount)
  const byHash = new Map<number, number>()
  for (let item = 0; item < itemCount; item++) {
    if (byHash.size > 0) byHash.clear()
    for (let group = itemGroups[item]!; group < itemGroups[item + 1]!; group++) {
      let hash = hashOfGroup(groups, rows, group)
      let routing = byHash.get(hash)
      while (routing !== undefined && !sameWork(groups, rows, newest[routing]!, group)) {
        hash = (hash + 1) >>> 0
        routing = byHash.get(hash)
      }
      if (routing === undefined) {
        routing = newest.push(group) - 1
        orders.push(0)
        byHash.set(hash, routing)
      }
      newest[routing] = group
      orders[routing]!++
      met[group] = routing
    }
  }
  return inOrder(newest, orders, met, groups.items, itemCount)
}

function inOrder(newest: number[], orders: number[], met: Uint32Array, items: Uint32Array, itemCount: number): MergedOrders {
  const byOrders = Uint32Array.from(newest.keys()).sort((a, b) => orders[b]! - orders[a]! || newest[b]! - newest[a]!)
  const sorted = sortedByKey(
    byOrders,
    Uint32Array.from(newest, (group) => items[group]!),
    itemCount,
  )
  const rank = new Uint32Array(sorted.length)
  for (let routing = 0; routing < sorted.length; routing++) rank[sorted[routing]!] = routing
  return {
    representative: Uint32Array.from(sorted, (routing) => newest[routing]!),
    orders: Uint32Array.from(sorted, (routing) => orders[routing]!),
    routingOf: met.map((routing) => rank[routing]!),
  }
}

function hashOfGroup({ offsets }: RowGroups, { operation, resource }: Steps, group: number): number {
  let hash = 0x811c9dc5
  for (let row = offsets[group]!; row < offsets[group + 1]!; row++) {
    hash = Math.imul(hash ^ operation.codes[row]!, 0x01000193)
    hash = Math.imul(hash ^ (resource.codes[row]! + 0x9e37), 0x01000193)
  }
  return (hash ^ (hash >>> 15)) >>> 0
}

function sameWork({ offsets }: RowGroups, { operation, resource }: Steps, a: number, b: number): boolean {
  const length = offsets[a + 1]! - offsets[a]!
  if (offsets[b + 1]! - offsets[b]! !== length) return false
  for (let step = 0; step < length; step++) {
    const left = offsets[a]! + step
    const right = offsets[b]! + step
    if (operation.codes[left] !== operation.codes[right] || resource.codes[left] !== resource.codes[right]) return false
  }
  return true
}

/** Mean per step of the values that are there; NaN where none is. */
export function meansOf(values: Float64Array, stepOf: Uint32Array, stepCount: number): Float64Array {
  const means = new Float64Array(stepCount)
  const counts = new Uint32Array(stepCount)
  for (let row = 0; row < values.length; row++) {
    if (Number.isNaN(values[row]!)) continue
    means[stepOf[row]!]! += values[row]!
    counts[stepOf[row]!]!++
  }
  for (let step = 0; step < stepCount; step++) means[step] = counts[step] === 0 ? Number.NaN : means[step]! / counts[step]!
  return means
}
