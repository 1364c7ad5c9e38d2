/**
 * One encoder for build and query: attributes → a unit vector of blocks, one block an attribute.
 *
 * With φ_b the unit code of attribute b and w_b its weight, the vector is (√w_b · φ_b)_b, scaled to norm 1. The inner
 * product of two vectors is then the weighted mean of the attributes' similarities (a weighted cosine), and each block's
 * part of the product is that attribute's share: ranking and explanation are the same number.
 */
import type { Items } from '../plant'
import type { AttributeInput, Block } from './block'
import { categorySizeWanted, encodeCategory, fitCategory } from './category-block'
import { encodeNumber, fitNumber } from './number-block'
import { encodeTokens } from './token-block'

/** What is stored as encoder.json. */
export interface EncoderModel {
  format: 1
  /** Length of the vector: the blocks, padded with zeros to a multiple of 32. */
  dimensions: number
  blocks: Block[]
}

/** Wanted dimensions by kind, before they are fitted to the budget. */
const WANTED = { number: 12, code: 24, text: 32, categoryMax: 24 } as const
const SIZE_MIN = 6

/**
 * Learns blocks from the items. Attributes without any value get no block.
 * @param weights attribute name → weight; 0 leaves the attribute out
 * @param dimensionsMax budget: larger blocks shrink in proportion until all fit
 */
export function fitEncoder(items: Items, weights: Map<string, number>, dimensionsMax: number): EncoderModel {
  const usable = items.features.filter((feature) => (weights.get(feature.name) ?? 1) > 0)
  const counts = usable.map(({ column }) => (column.kind === 'text' ? countCodes(column.codes, column.dictionary.length) : null))
  const wanted = usable.map(({ feature }, index) => {
    if (feature.kind === 'category') {
      const distinct = counts[index]!.reduce((sum, count, code) => sum + (code > 0 && count > 0 ? 1 : 0), 0)
      return Math.min(WANTED.categoryMax, categorySizeWanted(distinct))
    }
    return WANTED[feature.kind]
  })
  const sizes = fitSizes(wanted, dimensionsMax)
  const blocks: Block[] = []
  let offset = 0
  usable.forEach(({ name, feature, column }, index) => {
    const common = { name, weight: weights.get(name) ?? 1, offset }
    let block: Block | null = null
    if (column.kind === 'number') {
      const fitted = fitNumber(column.values, sizes[index], feature.kind === 'number' ? feature.scale : undefined)
      block = fitted && { ...common, ...fitted }
    } else if (feature.kind === 'category') {
      const fitted = fitCategory(column.dictionary.slice(1), counts[index]!.slice(1), sizes[index])
      block = fitted && { ...common, ...fitted }
    } else if (counts[index]!.some((count, code) => code > 0 && count > 0)) {
      block = { ...common, kind: feature.kind === 'code' ? 'code' : 'text', size: sizes[index] }
    }
    if (block === null) return
    blocks.push(block)
    offset += block.size
  })
  return { format: 1, dimensions: Math.max(32, Math.ceil(offset / 32) * 32), blocks }
}

function countCodes(codes: Uint32Array, size: number): number[] {
  const counts = new Array<number>(size).fill(0)
  for (const code of codes) counts[code]++
  return counts
}

function fitSizes(wanted: number[], budget: number): number[] {
  let sizes = [...wanted]
  for (let round = 0; round < 8; round++) {
    const total = sizes.reduce((sum, size) => sum + size, 0)
    if (total <= budget) break
    const factor = budget / total
    sizes = sizes.map((size) => Math.max(Math.min(size, SIZE_MIN), Math.floor(size * factor)))
  }
  return sizes
}

/** Ready to encode: the model with its look-ups. */
export interface Encoder {
  model: EncoderModel
  blockOf: Map<string, number>
  /** Per block: look-up of own values; empty for other kinds. */
  ownIndexes: Map<string, number>[]
  /** B + 1 boundaries for the engine. */
  blockOffsets: Uint32Array
}

export function createEncoder(model: EncoderModel): Encoder {
  const blockOf = new Map(model.blocks.map((block, index) => [block.name, index]))
  const ownIndexes = model.blocks.map((block) => new Map(block.kind === 'category' ? block.own.map((value, index) => [value, index]) : []))
  const blockOffsets = new Uint32Array(model.blocks.length + 1)
  model.blocks.forEach((block, index) => {
    blockOffsets[index] = block.offset
    blockOffsets[index + 1] = block.offset + block.size
  })
  return { model, blockOf, ownIndexes, blockOffsets }
}

/** Writes the unit code of a value into `out` (a whole vector); leaves zeros for null and values of another type. */
export function encodeBlock(encoder: Encoder, index: number, value: AttributeInput, out: Float64Array): void {
  const block = encoder.model.blocks[index]
  if (value === null || value === '') return
  if (block.kind === 'number') {
    if (typeof value === 'number' && Number.isFinite(value)) encodeNumber(block, value, out)
    return
  }
  const text = typeof value === 'string' ? value : String(value)
  if (block.kind === 'category') encodeCategory(block, encoder.ownIndexes[index], text, out)
  else encodeTokens(block, text, out)
}

/**
 * Attributes → unit vector, or null when no attribute of the encoder has a value.
 * @param values attribute name → parsed value
 */
export function encodeRecord(encoder: Encoder, values: Map<string, AttributeInput>): Float32Array | null {
  const { blocks, dimensions } = encoder.model
  const raw = new Float64Array(dimensions)
  for (let index = 0; index < blocks.length; index++) encodeBlock(encoder, index, values.get(blocks[index].name) ?? null, raw)
  return weighAndNormalise(blocks, raw)
}

/** Per block 1 where a record has a value that tells something, else 0. @param untold attributes whose values are as good as unknown */
export function toldBlocks(
  { model }: Encoder,
  values: ReadonlyMap<string, AttributeInput>,
  untold: ReadonlySet<string> = new Set(),
): Uint8Array {
  return Uint8Array.from(model.blocks, ({ name }) => ((values.get(name) ?? null) !== null && !untold.has(name) ? 1 : 0))
}

/** Share of the attributes' weight that is told, 0 to 1. @param told as `toldBlocks` made it */
export function knownShare({ model }: Encoder, told: Uint8Array): number {
  let known = 0
  let total = 0
  model.blocks.forEach(({ weight }, block) => {
    total += weight
    known += weight * told[block]
  })
  return total === 0 ? 0 : known / total
}

function weighAndNormalise(blocks: Block[], raw: Float64Array): Float32Array | null {
  let norm = 0
  for (const { offset, size, weight } of blocks) {
    const root = Math.sqrt(weight)
    for (let at = offset; at < offset + size; at++) {
      raw[at] *= root
      norm += raw[at] * raw[at]
    }
  }
  if (norm === 0) return null
  norm = Math.sqrt(norm)
  const vector = new Float32Array(raw.length)
  for (let at = 0; at < raw.length; at++) vector[at] = raw[at] / norm
  return vector
}

/**
 * Encodes the items `rows` as a matrix (rows.length × dimensions, unit rows; an item without any value is a zero row).
 * Each distinct text is encoded once, so that the cost is that of copying sparse codes. Equal to `encodeRecord` row by row.
 */
export function encodeItems(encoder: Encoder, items: Items, rows: Uint32Array): Float32Array {
  const { blocks, dimensions } = encoder.model
  const matrix = new Float32Array(rows.length * dimensions)
  const norms = new Float64Array(rows.length)
  const scratch = new Float64Array(dimensions)
  blocks.forEach((block, index) => {
    const { column } = items.features.find((feature) => feature.name === block.name)!
    const root = Math.sqrt(block.weight)
    const { offset, size } = block
    const place = (row: number, code: Float32Array, from: number) => {
      const to = row * dimensions + offset
      for (let at = 0; at < size; at++) matrix[to + at] = code[from + at]
      let norm = 0
      for (let at = 0; at < size; at++) norm += code[from + at] * code[from + at]
      norms[row] += norm
    }
    const encodeInto = (value: AttributeInput, code: Float32Array, from: number) => {
      scratch.fill(0, offset, offset + size)
      encodeBlock(encoder, index, value, scratch)
      for (let at = 0; at < size; at++) code[from + at] = scratch[offset + at] * root
    }
    if (column.kind === 'number') {
      const code = new Float32Array(size)
      for (let row = 0; row < rows.length; row++) {
        const value = column.values[rows[row]]
        if (Number.isNaN(value)) continue
        encodeInto(value, code, 0)
        place(row, code, 0)
      }
      return
    }
    const codes = new Float32Array(column.dictionary.length * size)
    const done = new Uint8Array(column.dictionary.length)
    for (let row = 0; row < rows.length; row++) {
      const value = column.codes[rows[row]]
      if (value === 0) continue
      if (done[value] === 0) {
        encodeInto(column.dictionary[value], codes, value * size)
        done[value] = 1
      }
      place(row, codes, value * size)
    }
  })
  for (let row = 0; row < rows.length; row++) {
    if (norms[row] === 0) continue
    const scale = 1 / Math.sqrt(norms[row])
    const end = (row + 1) * dimensions
    for (let at = row * dimensions; at < end; at++) matrix[at] *= scale
  }
  return matrix
}
