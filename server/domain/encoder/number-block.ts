/** Numbers: fit a scale and its knots, encode a value as bumps. */
import type { NumberBlock } from './block'

/** Width of a bump in knot distances: a value one knot away keeps exp(−1 / (4·0.6²)) = 50 % of its similarity. */
const BUMP_WIDTH = 0.6

/** Sorted finite values → scale, knots and range. Null when there is no value. */
export function fitNumber(
  values: Float64Array,
  size: number,
  scale: 'log' | 'linear' | undefined,
): Omit<NumberBlock, 'name' | 'weight' | 'offset'> | null {
  const sorted = values.filter(Number.isFinite).sort()
  const count = sorted.length
  if (count === 0) return null
  const min = sorted[0]
  const max = sorted[count - 1]
  const low = sorted[Math.floor(0.005 * (count - 1))]
  const high = sorted[Math.ceil(0.995 * (count - 1))]
  const chosen = min > 0 && (scale ?? (high / low > 8 ? 'log' : 'linear')) === 'log' ? 'log' : 'linear'
  const start = chosen === 'log' ? Math.log(low) : low
  const end = chosen === 'log' ? Math.log(high) : high
  const step = (end - start) / Math.max(1, size - 1)
  return { kind: 'number', size, scale: chosen, start, step: step > 0 ? step : 1, min, max }
}

/** Writes the unit code of a finite value. Values beyond the knots are at most one knot further out. */
export function encodeNumber(block: NumberBlock, value: number, out: Float64Array): void {
  const raw = block.scale === 'log' ? (value > 0 ? Math.log(value) : Number.NEGATIVE_INFINITY) : value
  const position = Math.min(block.size, Math.max(-1, (raw - block.start) / block.step))
  let norm = 0
  for (let knot = 0; knot < block.size; knot++) {
    const distance = (position - knot) / BUMP_WIDTH
    const bump = Math.exp(-0.5 * distance * distance)
    out[block.offset + knot] = bump
    norm += bump * bump
  }
  norm = Math.sqrt(norm)
  for (let knot = 0; knot < block.size; knot++) out[block.offset + knot] /= norm
}
