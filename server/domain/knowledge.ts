/**
 * What a version knows, as columns to read: the face of the artifacts that composing looks at. Texts are decoded on
 * demand; everything numeric is an array. Nothing here is ever written to.
 */
import type { Feature } from '../contract/mapping'
import type { AttributeInput } from './encoder/block'
import type { Utf8Texts } from './utf8-texts'

/** Code of a missing operation, resource or text. */
export const MISSING_CODE = 0

export interface TextView {
  codes: Uint32Array
  size: number
  value(code: number): string
}

export interface KnownFeature {
  name: string
  feature: Feature
  /** Parsed value of an item's attribute; null when missing. */
  value(row: number): AttributeInput
  /** The column of a text, code or category attribute; null for numbers. */
  text: TextView | null
}

/** Times of routing steps in minutes (lead time in days); NaN is missing. */
export interface StepColumns {
  sequence: Int32Array
  operation: Uint32Array
  resource: Uint32Array
  inside: Uint8Array
  batch: Uint8Array
  partner: TextView
  leadTimeDays: Float32Array
  setup: Float32Array
  run: Float32Array
  queue: Float32Array
  wait: Float32Array
  move: Float32Array
  actualSetup: Float32Array
  actualRun: Float32Array
}

export interface Knowledge {
  items: {
    count: number
    key(row: number): string
    /** The same keys, undecoded. */
    keyTexts: Utf8Texts
    /** Row of a key, or −1. */
    find(key: string): number
    /** Rows by ascending key: for look-ups and prefix search. */
    keyOrder: Uint32Array
    title: TextView | null
    family: TextView | null
    /** Vector of each item; 0xffffffff for items that are not in the index. */
    vector: Uint32Array
    /** CSR into routings, count + 1. */
    routingOffsets: Uint32Array
    features: KnownFeature[]
  }
  /** Vectors of the index and the items that share them. */
  vectors: { count: number; offsets: Uint32Array; items: Uint32Array }
  routings: {
    count: number
    item: Uint32Array
    label(routing: number): string
    orders: Uint32Array
    stepOffsets: Uint32Array
    signature: Uint32Array
  }
  /** Distinct sequences of operation codes. CSR, count + 1. */
  signatures: { count: number; offsets: Uint32Array; operations: Uint32Array }
  steps: StepColumns
  /** By operation code (1 …); index 0 is unused. */
  operations: { code: string[]; name: string[]; group: string[] }
  /** By resource code (1 …); index 0 is unused. */
  resources: { code: string[]; name: string[]; workCentre: string[] }
}

/** The first item of each of some vectors. Each look-up is a loop of its own: so the processor waits for the memory of many at once. */
export function firstItems({ vectors: { offsets, items } }: Pick<Knowledge, 'vectors'>, vectors: Uint32Array): Uint32Array {
  const rows = new Uint32Array(vectors.length)
  for (let at = 0; at < vectors.length; at++) rows[at] = offsets[vectors[at]]
  for (let at = 0; at < vectors.length; at++) rows[at] = items[rows[at]]
  return rows
}

/** Operation codes of a signature. */
export function signatureOperations(knowledge: Knowledge, signature: number): Uint32Array {
  const { offsets, operations } = knowledge.signatures
  return operations.subarray(offsets[signature], offsets[signature + 1])
}

/** Operation codes in order, joined by '+': the signature as people and the ERP write it. */
export function signatureText(knowledge: Knowledge, operations: ArrayLike<number>): string {
  return Array.from(operations, (operation) => knowledge.operations.code[operation]).join('+')
}
