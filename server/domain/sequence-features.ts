/**
 * The attributes as the sequence model sees them: small whole numbers, 0 = missing. One specification serves build and query,
 * so a value that was binned at training is binned the same when it is asked for.
 */
import type { AttributeInput } from './encoder/block'
import type { FeatureColumn, Items, TextColumn } from './plant'
import { binOf, encodeText, fitEdges, fitText, type TextPart, tellsText } from './sequence-columns'

/** One attribute's columns, side by side. */
export type SequencePart =
  /** One ordered column: 1 + the number of edges below the value. */
  { name: string; kind: 'number'; edges: number[] } | ({ name: string } & TextPart)

/** What is stored as sequence_features.json. */
export interface SequenceFeatureSpec {
  format: 1
  parts: SequencePart[]
}

export interface SequenceMatrix {
  /** Items × featureCount, row-major; 0 is missing. */
  features: Uint16Array
  featureCount: number
  /** Per column: 0 ordered, 1 categorical. */
  featureKinds: Uint8Array
}

/** Columns of a part. */
function widthOf(part: SequencePart): number {
  if (part.kind === 'prefixes') return part.levels.length
  return part.kind === 'tokens' ? part.tokens.length : 1
}

const isOrdered = (part: SequencePart) => part.kind === 'number' || part.kind === 'tokens'

/** Learns bins and dictionaries from the items. Attributes that tell no item from another get no column. */
export function fitSequenceFeatures(items: Items): SequenceFeatureSpec {
  const parts = items.features.flatMap(({ name, feature, column }): SequencePart[] => {
    if (column.kind === 'text') return fitText(column, feature.kind).map((part) => ({ name, ...part }))
    const edges = fitEdges(column.values)
    const gaps = edges.length > 0 || column.values.some(Number.isNaN)
    return gaps && !column.values.every(Number.isNaN) ? [{ name, kind: 'number', edges }] : []
  })
  return { format: 1, parts }
}

/** Number of columns; 1 (always missing) when no attribute tells anything. */
export function sequenceFeatureCount(spec: SequenceFeatureSpec): number {
  return Math.max(
    1,
    spec.parts.reduce((sum, part) => sum + widthOf(part), 0),
  )
}

/** All items at once. */
export function encodeSequenceItems(spec: SequenceFeatureSpec, items: Items): SequenceMatrix {
  const featureCount = sequenceFeatureCount(spec)
  const featureKinds = new Uint8Array(featureCount)
  const features = new Uint16Array(items.count * featureCount)
  const columns = new Map(items.features.map((feature) => [feature.name, feature]))
  let offset = 0
  for (const part of spec.parts) {
    const width = widthOf(part)
    if (!isOrdered(part)) featureKinds.fill(1, offset, offset + width)
    const column = columns.get(part.name)
    if (column) encodeColumn(part, column, features, featureCount, offset)
    offset += width
  }
  return { features, featureCount, featureKinds }
}

function encodeColumn(part: SequencePart, { column }: FeatureColumn, out: Uint16Array, stride: number, offset: number): void {
  if (part.kind === 'number') {
    if (column.kind !== 'number') return
    column.values.forEach((value, row) => {
      out[row * stride + offset] = binOf(part.edges, value)
    })
  } else if (column.kind === 'text') {
    encodeTextColumn(part, column, out, stride, offset)
  }
}

/** Each text of the dictionary is encoded once, however many items carry it. */
function encodeTextColumn(part: TextPart, { codes, dictionary }: TextColumn, out: Uint16Array, stride: number, offset: number): void {
  const width = encodeText(part, '').length
  const table = new Uint16Array(dictionary.length * width)
  dictionary.forEach((text, code) => {
    if (code > 0) table.set(encodeText(part, text), code * width)
  })
  codes.forEach((code, row) => {
    for (let at = 0; at < width; at++) out[row * stride + offset + at] = table[code * width + at]
  })
}

/** One record: attribute name → parsed value. Absent, null and never-seen values without a rest to join are missing. */
export function encodeSequenceRecord(spec: SequenceFeatureSpec, values: ReadonlyMap<string, AttributeInput>): Uint16Array {
  const row = new Uint16Array(sequenceFeatureCount(spec))
  let offset = 0
  for (const part of spec.parts) {
    const value = values.get(part.name)
    if (value !== undefined && value !== null) {
      if (part.kind !== 'number') row.set(encodeText(part, String(value)), offset)
      else if (typeof value === 'number') row[offset] = binOf(part.edges, value)
    }
    offset += widthOf(part)
  }
  return row
}

/**
 * Attributes with a value that nobody learned anything of: never seen, or seen once. They are as good as unknown.
 * @param row as `encodeSequenceRecord` made it of the values
 */
export function untoldAttributes(spec: SequenceFeatureSpec, row: Uint16Array, values: ReadonlyMap<string, AttributeInput>): Set<string> {
  const untold = new Set<string>()
  const told = new Set<string>()
  let offset = 0
  for (const part of spec.parts) {
    const width = widthOf(part)
    if (part.kind !== 'number' && (values.get(part.name) ?? null) !== null) {
      if (tellsText(part, row.subarray(offset, offset + width))) told.add(part.name)
      else untold.add(part.name)
    }
    offset += width
  }
  // one of several parts is enough: a new name of known words
  for (const name of told) untold.delete(name)
  return untold
}
