/** Isotonic regression: the best non-decreasing step function, by pooling adjacent violators (Ayer et al. 1955). */

/** Points of a non-decreasing, piecewise linear function. */
export interface Isotonic {
  x: number[]
  y: number[]
}

/**
 * @param scores raw scores, any order
 * @param outcomes 0 or 1 (or any value), same length
 * The pools are shrunk towards the overall mean with the weight of one observation, so that a pool of three hits is not "certain".
 */
export function fitIsotonic(scores: number[], outcomes: number[]): Isotonic {
  const order = scores.map((_, index) => index).sort((a, b) => scores[a] - scores[b])
  const mean = outcomes.reduce((sum, outcome) => sum + outcome, 0) / Math.max(1, outcomes.length)
  const pools: { x: number; sum: number; count: number }[] = []
  for (const index of order) {
    pools.push({ x: scores[index], sum: outcomes[index], count: 1 })
    while (pools.length > 1) {
      const last = pools[pools.length - 1]
      const before = pools[pools.length - 2]
      if (before.sum / before.count < last.sum / last.count) break
      pools.pop()
      before.x = (before.x * before.count + last.x * last.count) / (before.count + last.count)
      before.sum += last.sum
      before.count += last.count
    }
  }
  return { x: pools.map((pool) => pool.x), y: pools.map((pool) => (pool.sum + mean) / (pool.count + 1)) }
}

/** Value at a score: linear between the points, constant outside. An empty function returns the score itself. */
export function applyIsotonic({ x, y }: Isotonic, score: number): number {
  if (x.length === 0) return score
  if (score <= x[0]) return y[0]
  for (let index = 1; index < x.length; index++) {
    if (score > x[index]) continue
    const span = x[index] - x[index - 1]
    return span > 0 ? y[index - 1] + ((y[index] - y[index - 1]) * (score - x[index - 1])) / span : y[index]
  }
  return y[y.length - 1]
}
