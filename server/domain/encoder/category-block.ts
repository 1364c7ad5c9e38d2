/** Categories: frequent values get a dimension each, rare ones a sign pattern in a shared tail. */
import type { CategoryBlock } from './block'
import { addSignPattern } from './hash'

/** Dimensions of the shared tail when not every value has its own. */
const TAIL_DIMENSIONS = 8
const TAIL_MIN = 4

/** `values` with their counts → block. The tail exists also when all values fit: an unseen value needs a place. */
export function fitCategory(values: string[], counts: number[], size: number): Omit<CategoryBlock, 'name' | 'weight' | 'offset'> | null {
  const seen = values.map((value, index) => ({ value, count: counts[index] })).filter((entry) => entry.count > 0)
  if (seen.length === 0) return null
  seen.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  const tail = seen.length + TAIL_MIN <= size ? TAIL_MIN : Math.min(TAIL_DIMENSIONS, Math.max(TAIL_MIN, size >> 1))
  const own = seen.slice(0, size - tail).map((entry) => entry.value)
  return { kind: 'category', size: own.length + tail, own, tail }
}

/** Dimensions that would give every value its own place. */
export const categorySizeWanted = (distinct: number): number => distinct + TAIL_MIN

export function encodeCategory(block: CategoryBlock, ownIndex: Map<string, number>, value: string, out: Float64Array): void {
  const own = ownIndex.get(value)
  if (own !== undefined) out[block.offset + own] = 1
  else addSignPattern(value, 1, out, block.offset + block.own.length, block.tail)
}
