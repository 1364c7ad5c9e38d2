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
    return tallyRows(knowledge, rows, { left: nobody, members: rows.length })
  }
  const without = countIn(whole.rows, left)
  return without === 0 ? whole.tally : tallyRows(knowledge, whole.rows, { left, members: whole.rows.length - without })
}

/** Most groups have none of those who are left out: they are counted once and kept. */
function wholeGroup(knowledge: Knowledge, table: GroupTable, kind: GroupKind, code: number): WholeGroup<GroupTally> {
  const key = `${kind} ${code}`
  const known = table.counted.get(key) as WholeGroup<GroupTally> | undefined
  if (known !== undefined) return known
  const rows = groupItems(table, knowledge, kind, code)
  const whole = { rows, tally: tallyRows(knowledge, rows, { left: nobody, members: rows.length }) }
  if (table.counted.size >= groupsKeptMax) table.counted.clear()
  table.counted.set(key, whole)
  return whole
}

function tallyRows(
  { items, routings }: Knowledge,
  rows: Uint32Array,
  { left, members }: { left: ReadonlySet<number>; members: number },
): GroupTally {
  const stride = Math.max(1, rows.length / limits.groupSampleMax)
  const found = new Map<number, GroupRouting>()
  let counted = 0
  for (let at = 0; at < rows.length; at += stride) {
    const row = rows[Math.floor(at)]
    if (left.has(row)) continue
    const from = items.routingOffsets[row]
    const to = items.routingOffsets[row + 1]
    let total = 0
    for (let routing = from; routing < to; routing++) total += routings.orders[routing]
    if (total === 0) continue
    counted++
    for (let routing = from; routing < to; routing++) {
      const signature = routings.signature[routing]
      const known = found.get(signature)
      const share = routings.orders[routing] / total
      if (known === undefined) found.set(signature, { signature, share, routing })
      else {
        known.share += share
        if (routings.orders[routing] > routings.orders[known.routing]) known.routing = routing
      }
    }
  }
  const counts = [...found.values()]
  for (const routing of counts) routing.share /= counted
  counts.sort((a, b) => b.share - a.share || a.signature - b.signature)
  return { members, routings: counts }
}

/** How many of the wanted are among ascending rows. */
function countIn(rows: Uint32Array, wanted: ReadonlySet<number>): number {
  let count = 0
  for (const row of wanted) {
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (rows[middle] < row) low = middle + 1
      else high = middle
    }
    if (rows[low] === row) count++
  }
  return count
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
