/** The groups that the neighbours belong to, and the routings that are frequent in them. */
import { limits } from '../contract/limits'
import type { EvidenceRouting, Neighbour } from './evidence'
import { type GroupKind, type GroupTable, groupItems, groupKinds, type WholeGroup } from './group-table'
import { type Knowledge, MISSING_CODE } from './knowledge'

/** A group that neighbours belong to. */
export interface Group {
  kind: GroupKind
  /** Of the family or of the signature. */
  code: number
  /** Share of the neighbours' say that belongs to it, 0 to 1; over the groups of one kind at most 1. */
  weight: number
  /** Its neighbours, nearest first. */
  neighbours: Neighbour[]
}

/** How often a sequence of operations occurs in a group. */
export interface GroupRouting {
  signature: number
  /** Share of the group's items, each item's say divided among its routings by their orders; the shares of a group sum to 1. */
  share: number
  /** The routing with these operations that was ordered most often. */
  routing: number
}

export interface GroupTally {
  /** Items of the group, without those left out. */
  members: number
  /** Most frequent first. */
  routings: GroupRouting[]
}

/** A version of 325,000 items has about as many; each holds its rows and some tens of routings. */
const groupsKeptMax = 4_096
const nobody: ReadonlySet<number> = new Set()

/** Heaviest first; of equal ones the family before the signature. */
export function groupsOf({ items, routings }: Knowledge, neighbours: Neighbour[], evidence: EvidenceRouting[]): Group[] {
  const groups = new Map<string, Group>()
  const add = (kind: GroupKind, code: number, neighbour: Neighbour, weight: number) => {
    const key = `${kind} ${code}`
    const group = groups.get(key) ?? { kind, code, weight: 0, neighbours: [] }
    group.weight += weight
    if (group.neighbours.at(-1) !== neighbour) group.neighbours.push(neighbour)
    groups.set(key, group)
  }
  for (const neighbour of neighbours) {
    const family = items.family?.codes[neighbour.item] ?? MISSING_CODE
    if (family !== MISSING_CODE) add('family', family, neighbour, neighbour.weight)
  }
  for (const { routing, neighbour, weight } of evidence) add('signature', routings.signature[routing], neighbour, weight)
  return [...groups.values()].sort((a, b) => b.weight - a.weight || groupKinds.indexOf(a.kind) - groupKinds.indexOf(b.kind))
}

/**
 * Counts the routings of a group. Of a large one, `limits.groupSampleMax` items at even distances are counted: their shares are
 * within two points of all.
 * @param left rows that do not count
 * @param isAllowed null: all others do
 */
export function tallyGroup(
  knowledge: Knowledge,
  table: GroupTable,
  { kind, code }: Pick<Group, 'kind' | 'code'>,
  left: ReadonlySet<number>,
  isAllowed: ((row: number) => boolean) | null = null,
): GroupTally {
  const whole = wholeGroup(knowledge, table, kind, code)
  if (isAllowed !== null) {
    const rows = whole.rows.filter((row) => isAllowed(row) && !left.has(row))
    return tallyOf(countRows(knowledge, rows, nobody), rows.length)
  }
  const places = placesIn(whole.rows, left)
  if (places.length === 0) return whole.tally.told
  const counts = withoutPlaces(knowledge, whole, places) ?? countRows(knowledge, whole.rows, left)
  return tallyOf(counts, whole.rows.length - places.length)
}

/** What the counted items of a group say together. */
interface Counts {
  items: number
  bySignature: Map<number, Count>
}

interface Count {
  /** Σ of the items' shares. */
  sum: number
  /** The routing that was ordered most often. */
  routing: number
}

type Whole = WholeGroup<{ counts: Counts; told: GroupTally }>

/** Counted once and kept. */
function wholeGroup(knowledge: Knowledge, table: GroupTable, kind: GroupKind, code: number): Whole {
  const key = `${kind} ${code}`
  const known = table.counted.get(key) as Whole | undefined
  if (known !== undefined) return known
  const rows = groupItems(table, knowledge, kind, code)
  const counts = countRows(knowledge, rows, nobody)
  const whole = { rows, tally: { counts, told: tallyOf(counts, rows.length) } }
  if (table.counted.size >= groupsKeptMax) table.counted.clear()
  table.counted.set(key, whole)
  return whole
}

function countRows({ items, routings }: Knowledge, rows: Uint32Array, left: ReadonlySet<number>): Counts {
  const bySignature = new Map<number, Count>()
  let counted = 0
  for (let at = 0; at < Math.min(rows.length, limits.groupSampleMax); at++) {
    const row = rows[placeOf(rows, at)]
    const total = left.has(row) ? 0 : ordersOf({ items, routings }, row)
    if (total === 0) continue
    counted++
    for (let routing = items.routingOffsets[row]; routing < items.routingOffsets[row + 1]; routing++) {
      const known = bySignature.get(routings.signature[routing])
      const share = routings.orders[routing] / total
      if (known === undefined) bySignature.set(routings.signature[routing], { sum: share, routing })
      else {
        known.sum += share
        if (routings.orders[routing] > routings.orders[known.routing]) known.routing = routing
      }
    }
  }
  return { items: counted, bySignature }
}

/** The counts less those of a few items; null where one of them has the routing that a count names: then all are counted again. */
function withoutPlaces({ items, routings }: Knowledge, { rows, tally: { counts } }: Whole, places: number[]): Counts | null {
  const bySignature = new Map(counts.bySignature)
  let left = counts.items
  for (const place of places) {
    const row = rows[place]
    const total = isCounted(rows, place) ? ordersOf({ items, routings }, row) : 0
    if (total === 0) continue
    left--
    for (let routing = items.routingOffsets[row]; routing < items.routingOffsets[row + 1]; routing++) {
      const signature = routings.signature[routing]
      const known = bySignature.get(signature)!
      if (known.routing === routing) return null
      bySignature.set(signature, { ...known, sum: known.sum - routings.orders[routing] / total })
    }
  }
  return { items: left, bySignature }
}

/** An item of which none was ordered says nothing. */
function ordersOf({ items, routings }: Pick<Knowledge, 'items' | 'routings'>, row: number): number {
  let total = 0
  for (let routing = items.routingOffsets[row]; routing < items.routingOffsets[row + 1]; routing++) total += routings.orders[routing]
  return total
}

const strideOf = (rows: Uint32Array): number => Math.max(1, rows.length / limits.groupSampleMax)

/** Of one of the items at even distances. */
const placeOf = (rows: Uint32Array, at: number): number => Math.floor(at * strideOf(rows))

/** Whether the item at this place is one of those at even distances. */
function isCounted(rows: Uint32Array, place: number): boolean {
  const next = Math.ceil(place / strideOf(rows))
  return placeOf(rows, next) === place || placeOf(rows, next - 1) === place
}

function tallyOf({ items, bySignature }: Counts, members: number): GroupTally {
  const routings = Array.from(bySignature, ([signature, { sum, routing }]) => ({ signature, share: sum / items, routing }))
  routings.sort((a, b) => b.share - a.share || a.signature - b.signature)
  return { members, routings }
}

/** Where the wanted stand among ascending rows; those that do not are left out. */
function placesIn(rows: Uint32Array, wanted: ReadonlySet<number>): number[] {
  const places: number[] = []
  for (const row of wanted) {
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (rows[middle] < row) low = middle + 1
      else high = middle
    }
    if (rows[low] === row) places.push(low)
  }
  return places
}

/** A routing of the groups with what speaks for it. */
export interface GroupProposal extends GroupRouting {
  /** Σ over groups of weight × share, the mean over the kinds of groups that there are, 0 to 1. An estimate, not calibrated. */
  estimate: number
}

/** The routings of the groups that are most frequent where the neighbours say most, best first. */
export function proposeFromGroups(groups: readonly (Group & GroupTally)[]): GroupProposal[] {
  const kinds = new Set(groups.map(({ kind }) => kind)).size
  const proposals = new Map<number, GroupProposal & { most: number }>()
  for (const { weight, routings } of groups) {
    for (const { signature, share, routing } of routings) {
      const part = (weight * share) / kinds
      const known = proposals.get(signature) ?? { signature, share, routing, estimate: 0, most: 0 }
      known.estimate += part
      // its source comes from the group that says most for it
      if (part > known.most) Object.assign(known, { most: part, share, routing })
      proposals.set(signature, known)
    }
  }
  return [...proposals.values()]
    .sort((a, b) => b.estimate - a.estimate || a.signature - b.signature)
    .map(({ most: _most, ...proposal }) => proposal)
}
