/** The attributes' weights: the mapping's prior, moved where held-out routings say so, on a sample whose size does not grow with the plant. */
import { createEncoder, type EncoderModel, encodeBlock } from '../../domain/encoder/encoder'
import type { FeatureColumn, Plant } from '../../domain/plant'
import { type Random, sampleRows } from '../../domain/random'
import { type LearnedWeights, searchWeights, type WeightProblem } from '../../domain/weight-search'

const QUERIES = 240
const REFERENCES = 1_000
/** Fewer routed items than this choose nothing that would hold elsewhere. */
const ITEMS_MIN = 60
/** What a routing of the same operations in another order, or most of them, is worth beside an equal one. */
const NEAR_WORTH = 0.7

/** Null in plants that are too small. @returns weights in the order of the encoder's blocks */
export function learnWeights(plant: Plant, model: EncoderModel, random: Random): LearnedWeights | null {
  const { itemOffsets } = plant.routings
  const routed = Array.from({ length: plant.items.count }, (_, row) => row).filter((row) => itemOffsets[row + 1] > itemOffsets[row])
  if (routed.length < ITEMS_MIN) return null
  const rows = Array.from(sampleRows(routed.length, REFERENCES, random), (at) => routed[at])
  const queries = Math.min(QUERIES, rows.length)
  const operations = rows.map((row) => {
    const routing = itemOffsets[row]
    return plant.steps.operation.codes.subarray(plant.routings.stepOffsets[routing], plant.routings.stepOffsets[routing + 1])
  })
  const agreement = new Float32Array(queries * rows.length)
  for (let query = 0; query < queries; query++) {
    const bag = new Map<number, number>()
    for (const operation of operations[query]) bag.set(operation, (bag.get(operation) ?? 0) + 1)
    for (let reference = 0; reference < rows.length; reference++) {
      agreement[query * rows.length + reference] = query === reference ? -1 : similarity(operations[query], bag, operations[reference])
    }
  }
  const problem: WeightProblem = { queries, references: rows.length, dots: [], queryKnown: [], referenceKnown: [], agreement }
  const encoder = createEncoder(model)
  const columns = new Map(plant.items.features.map((feature) => [feature.name, feature]))
  const scratch = new Float64Array(model.dimensions)
  model.blocks.forEach(({ name, offset, size }, block) => {
    const codes = new Float32Array(rows.length * size)
    const known = new Uint8Array(rows.length)
    rows.forEach((row, at) => {
      scratch.fill(0, offset, offset + size)
      encodeBlock(encoder, block, attributeOf(columns.get(name)!, row), scratch)
      codes.set(scratch.subarray(offset, offset + size), at * size)
      if (scratch.subarray(offset, offset + size).some((value) => value !== 0)) known[at] = 1
    })
    const dots = new Float32Array(queries * rows.length)
    for (let query = 0; query < queries; query++) {
      if (known[query] === 0) continue
      for (let reference = 0; reference < rows.length; reference++) {
        if (known[reference] === 0) continue
        let dot = 0
        for (let at = 0; at < size; at++) dot += codes[query * size + at] * codes[reference * size + at]
        dots[query * rows.length + reference] = dot
      }
    }
    problem.dots.push(dots)
    problem.queryKnown.push(known.subarray(0, queries))
    problem.referenceKnown.push(known)
  })
  const prior = Float64Array.from(model.blocks, ({ weight }) => weight)
  return searchWeights(problem, prior, random)
}

function attributeOf({ column }: FeatureColumn, row: number): string | number | null {
  if (column.kind === 'text') return column.codes[row] === 0 ? null : column.dictionary[column.codes[row]]
  return Number.isNaN(column.values[row]) ? null : column.values[row]
}

/** 1 for equal sequences, else at most `NEAR_WORTH` by common operations. */
function similarity(a: Uint32Array, bagOfA: Map<number, number>, b: Uint32Array): number {
  if (a.length === b.length && a.every((operation, at) => operation === b[at])) return 1
  const left = new Map(bagOfA)
  let common = 0
  for (const operation of b) {
    const count = left.get(operation) ?? 0
    if (count === 0) continue
    left.set(operation, count - 1)
    common++
  }
  return a.length + b.length === 0 ? 0 : (NEAR_WORTH * 2 * common) / (a.length + b.length)
}
