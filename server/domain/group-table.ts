/** Which items belong together: those of one family, and those that were made by the same operations in the same order. */
import { type Knowledge, MISSING_CODE } from './knowledge'

export const groupKinds = ['family', 'signature'] as const
export type GroupKind = (typeof groupKinds)[number]

/** CSR: members of group g are members[offsets[g] … offsets[g+1]], ascending. */
interface Members {
  offsets: Uint32Array
  members: Uint32Array
}

/** A group as a whole, nobody left out: what is counted once a version and group. */
export interface WholeGroup<Tally> {
  rows: Uint32Array
  tally: Tally
}

export interface GroupTable {
  /** Code of a family → its items; null where the plant names no families. */
  family: Members | null
  /** Signature → its routings. */
  signature: Members
  /** Groups that were asked for, by `kind code`: see `tallyGroup`. */
  counted: Map<string, WholeGroup<unknown>>
}

/** Two counting sorts: 4 bytes an item and a routing. */
export function buildGroupTable({ items, routings, signatures }: Knowledge): GroupTable {
  return {
    family: items.family === null ? null : sortByGroup(items.family.codes, items.family.size),
    signature: sortByGroup(routings.signature, signatures.count),
    counted: new Map(),
  }
}

/** Rows of the items of a group, ascending, each once. Code 0 of a family is no family: it has no items. */
export function groupItems({ family, signature }: GroupTable, { routings }: Knowledge, kind: GroupKind, code: number): Uint32Array {
  if (kind === 'family') return family === null || code === MISSING_CODE ? new Uint32Array(0) : membersOf(family, code)
  const same = membersOf(signature, code)
  const rows = new Uint32Array(same.length)
  let count = 0
  // an item may have two routings of the same operations, on other machines; they stand beside each other
  for (let at = 0; at < same.length; at++) {
    const row = routings.item[same[at]]
    if (count === 0 || rows[count - 1] !== row) rows[count++] = row
  }
  return rows.subarray(0, count)
}

const membersOf = ({ offsets, members }: Members, code: number): Uint32Array => members.subarray(offsets[code], offsets[code + 1])

function sortByGroup(codes: Uint32Array, size: number): Members {
  const offsets = new Uint32Array(size + 1)
  for (let row = 0; row < codes.length; row++) offsets[codes[row] + 1]++
  for (let code = 0; code < size; code++) offsets[code + 1] += offsets[code]
  const next = offsets.slice()
  const members = new Uint32Array(codes.length)
  for (let row = 0; row < codes.length; row++) members[next[codes[row]]++] = row
  return { offsets, members }
}
