/**
 * A plant's data as columns in memory: what extraction makes and all learning reads. Nothing here knows a file or a table.
 * Missing is code 0 for dictionary-coded columns and NaN for numbers.
 */
import type { Feature } from '../contract/mapping'

/** Code that means missing, in every dictionary-coded column. Real values start at 1. */
export const MISSING = 0

/** A text column: `dictionary[codes[row]]`; `dictionary[0]` is ''. Values are trimmed and NFC. */
export interface TextColumn {
  kind: 'text'
  codes: Uint32Array
  dictionary: string[]
}
/** A numeric column; NaN is missing. */
export interface NumberColumn {
  kind: 'number'
  values: Float64Array
}
export type Column = TextColumn | NumberColumn

/** One attribute of the items, in mapping order. Numbers are in the feature's unit, with unknown values already missing. */
export interface FeatureColumn {
  /** The attribute's name in requests and answers. */
  name: string
  feature: Feature
  column: Column
}

/** n items, one row each. */
export interface Items {
  count: number
  keys: string[]
  title: TextColumn | null
  family: TextColumn | null
  features: FeatureColumn[]
}

/** Routings sorted by item; steps of a routing are contiguous and in order. CSR: item i owns routings itemOffsets[i] … itemOffsets[i+1]. */
export interface Routings {
  count: number
  itemOffsets: Uint32Array
  /** Row of the item that owns the routing. */
  item: Uint32Array
  /** Routing number as the plant writes it. */
  label: string[]
  /** How many orders ran it; 1 for a planned routing. */
  orders: Uint32Array
  /** Routing r owns steps stepOffsets[r] … stepOffsets[r+1]. */
  stepOffsets: Uint32Array
}

/** All times in minutes: per lot, run per piece; NaN is missing. Days for leadTimeDays. */
export interface Steps {
  count: number
  sequence: Int32Array
  operation: TextColumn
  /** Per operation code: its name, or ''. */
  operationNames: string[]
  /** Per operation code: its process group, or ''. */
  operationGroups: string[]
  resource: TextColumn
  /** Per resource code: its name, or ''. */
  resourceNames: string[]
  /** Per resource code: its work centre, or ''. */
  resourceWorkCentres: string[]
  /** 1 in-house, 0 outsourced, 255 unknown. */
  inside: Uint8Array
  /** 1 run once for a whole lot, 0 piece by piece, 255 unknown. */
  batch: Uint8Array
  partner: TextColumn
  leadTimeDays: Float64Array
  setup: Float64Array
  run: Float64Array
  queue: Float64Array
  wait: Float64Array
  move: Float64Array
  /** Mean of the actual times joined to this step, NaN without. */
  actualSetup: Float64Array
  actualRun: Float64Array
}

/** Single reports of work done that could be joined to a step; actual times before averaging. */
export interface Results {
  count: number
  /** Row of the step. */
  step: Uint32Array
  setup: Float64Array
  run: Float64Array
}

export interface Plant {
  items: Items
  routings: Routings
  steps: Steps
  results: Results
}

/** What a rule found in the rows of a table. Bad rows are counted, shown by example and left out; notes stay in. */
export interface Finding {
  rule: string
  severity: 'bad' | 'note'
  table: string
  column: string | null
  count: number
  /** At most 20: row number (from 1) and what stood there. */
  examples: { row: number; value: string }[]
}

/** Per table: every row read is used, or left out under exactly one bad finding, or filtered by the mapping. */
export interface RowAccount {
  table: string
  read: number
  used: number
  filtered: number
  bad: number
}

export interface Extraction {
  plant: Plant
  findings: Finding[]
  accounts: RowAccount[]
}
