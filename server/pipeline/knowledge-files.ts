/** Knowledge as column files: what training writes (`writeKnowledge`) and serving maps (`readKnowledge`). */
import { type ArrowColumn, type ArrowFile, writeArrow } from '../artifacts/arrow-file'
import type { Mapping } from '../contract/mapping'
import { featureName } from '../domain/attribute-parser'
import { type DistinctRows, NO_VECTOR } from '../domain/encoder/distinct'
import type { Knowledge, KnownFeature, StepColumns } from '../domain/knowledge'
import type { Plant } from '../domain/plant'
import { findSignatures } from '../domain/signature'
import type { modelFiles } from './model'

type Open = (name: keyof typeof modelFiles) => ArrowFile
const timeColumns = ['leadTimeDays', 'setup', 'run', 'queue', 'wait', 'move', 'actualSetup', 'actualRun'] as const

/** Writes items, vectors, routings, signatures, steps, operations and resources of a plant into `directory`. */
export function writeKnowledge(plant: Plant, distinct: DistinctRows, pathOf: (name: keyof typeof modelFiles) => string): void {
  const { items, routings, steps } = plant
  const signatures = findSignatures(routings.stepOffsets, steps.operation.codes)
  const keyOrder = Uint32Array.from({ length: items.count }, (_, row) => row).sort((a, b) => compareKeys(items.keys[a], items.keys[b]))
  const features: Record<string, ArrowColumn> = {}
  for (const { name, column } of items.features) features[`feature:${name}`] = column.kind === 'text' ? column : column.values
  writeArrow(pathOf('items'), {
    key: { utf8: items.keys },
    keyOrder,
    vector: distinct.vectorOf,
    routingStart: routings.itemOffsets.subarray(0, items.count),
    ...(items.title && { title: items.title }),
    ...(items.family && { family: items.family }),
    ...features,
  })
  writeArrow(pathOf('vectorOffsets'), {
    start: distinct.offsets.subarray(0, distinct.offsets.length - 1),
    representative: distinct.representative,
  })
  writeArrow(pathOf('vectorItems'), { item: distinct.items })
  writeArrow(pathOf('routings'), {
    item: routings.item,
    label: { utf8: routings.label },
    orders: routings.orders,
    stepStart: routings.stepOffsets.subarray(0, routings.count),
    signature: signatures.of,
  })
  writeArrow(pathOf('signatures'), { start: signatures.offsets.subarray(0, signatures.count) })
  writeArrow(pathOf('signatureOperations'), { operation: signatures.operations })
  const times = Object.fromEntries(timeColumns.map((name) => [name, Float32Array.from(steps[name])]))
  writeArrow(pathOf('steps'), {
    sequence: steps.sequence,
    operation: steps.operation.codes,
    resource: steps.resource.codes,
    inside: steps.inside,
    batch: steps.batch,
    partner: steps.partner,
    ...times,
  })
  writeArrow(pathOf('operations'), {
    code: { utf8: steps.operation.dictionary },
    name: { utf8: steps.operationNames },
    group: { utf8: steps.operationGroups },
  })
  writeArrow(pathOf('resources'), {
    code: { utf8: steps.resource.dictionary },
    name: { utf8: steps.resourceNames },
    workCentre: { utf8: steps.resourceWorkCentres },
  })
}

/** Maps the files that `writeKnowledge` wrote. */
export function readKnowledge(open: Open, mapping: Mapping): Knowledge {
  const items = open('items')
  const vectorOffsets = open('vectorOffsets')
  const vectorItems = open('vectorItems')
  const routings = open('routings')
  const signatures = open('signatures')
  const signatureOperations = open('signatureOperations')
  const steps = open('steps')
  const key = items.strings('key')
  const keyOrder = items.numbers<Uint32Array>('keyOrder')
  return {
    items: {
      count: items.rows,
      key,
      keyTexts: items.utf8('key'),
      keyOrder,
      find: (wanted) => findKey(key, keyOrder, wanted),
      title: items.names.includes('title') ? items.text('title') : null,
      family: items.names.includes('family') ? items.text('family') : null,
      vector: items.numbers('vector'),
      routingOffsets: withEnd(items.numbers('routingStart'), routings.rows),
      features: mapping.features.map((feature) => knownFeature(items, featureName(feature), feature)),
    },
    vectors: {
      count: vectorOffsets.rows,
      offsets: withEnd(vectorOffsets.numbers('start'), vectorItems.rows),
      items: vectorItems.numbers('item'),
    },
    routings: {
      count: routings.rows,
      item: routings.numbers('item'),
      label: routings.strings('label'),
      orders: routings.numbers('orders'),
      stepOffsets: withEnd(routings.numbers('stepStart'), steps.rows),
      signature: routings.numbers('signature'),
    },
    signatures: {
      count: signatures.rows,
      offsets: withEnd(signatures.numbers('start'), signatureOperations.rows),
      operations: signatureOperations.numbers('operation'),
    },
    steps: {
      sequence: steps.numbers('sequence'),
      operation: steps.numbers('operation'),
      resource: steps.numbers('resource'),
      inside: steps.numbers('inside'),
      // versions from before the flag know nothing of it
      batch: steps.names.includes('batch') ? steps.numbers('batch') : new Uint8Array(steps.rows).fill(255),
      partner: steps.text('partner'),
      ...(Object.fromEntries(timeColumns.map((name) => [name, steps.numbers<Float32Array>(name)])) as Pick<
        StepColumns,
        (typeof timeColumns)[number]
      >),
    },
    operations: allStrings(open('operations'), ['code', 'name', 'group']),
    resources: allStrings(open('resources'), ['code', 'name', 'workCentre']),
  }
}

function knownFeature(items: ArrowFile, name: string, feature: Mapping['features'][number]): KnownFeature {
  const column = `feature:${name}`
  if (feature.kind === 'number') {
    const values = items.numbers<Float64Array>(column)
    return { name, feature, value: (row) => (Number.isNaN(values[row]) ? null : values[row]), text: null }
  }
  const text = items.text(column)
  return { name, feature, value: (row) => text.value(text.codes[row]) || null, text }
}

function allStrings<Name extends string>(file: ArrowFile, names: Name[]): Record<Name, string[]> {
  return Object.fromEntries(
    names.map((name) => {
      const at = file.strings(name)
      return [name, Array.from({ length: file.rows }, (_, row) => at(row))]
    }),
  ) as Record<Name, string[]>
}

function withEnd(starts: Uint32Array, end: number): Uint32Array {
  const offsets = new Uint32Array(starts.length + 1)
  offsets.set(starts)
  offsets[starts.length] = end
  return offsets
}

/** Order of UTF-16 units: the same for writing and for the binary search. */
const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Position of the first key ≥ wanted in `keyOrder`. */
export function lowerBound(key: (row: number) => string, keyOrder: Uint32Array, wanted: string): number {
  let low = 0
  let high = keyOrder.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (key(keyOrder[middle]) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

function findKey(key: (row: number) => string, keyOrder: Uint32Array, wanted: string): number {
  const at = lowerBound(key, keyOrder, wanted)
  return at < keyOrder.length && key(keyOrder[at]) === wanted ? keyOrder[at] : -1
}

/** True for items that can be found as neighbours. */
export const isIndexed = (vector: number): boolean => vector !== NO_VECTOR
