/** Isotonic regression: the best non-decreasing step function, by pooling adjacent violators (Ayer et al. 1955). */

/** Points of a non-decreasing, piecewise linear function. */
export interface Isotonic {
  x: number[]
  y: number[]
}

/**
 * @param scores raw scores, any order
 * @param outcomes 0 or 1 (or any value), same length
 * @param weights of the observations, > 0; 1 when absent
 * The pools are shrunk towards the overall mean with the weight of one observation, so that a pool of three hits is not "certain".
 */
export function fitIsotonic(scores: number[], outcomes: number[], weights: number[] = scores.map(() => 1)): Isotonic {
  const order = scores.map((_, index) => index).sort((a, b) => scores[a] - scores[b])
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = total > 0 ? outcomes.reduce((sum, outcome, at) => sum + weights[at] * outcome, 0) / total : 0
  const pools: { x: number; sum: number; count: number }[] = []
  for (const index of order) {
    pools.push({ x: scores[index], sum: weights[index] * outcomes[index], count: weights[index] })
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

/** At most 64 points: the file is read by people too. */
export function thinIsotonic({ x, y }: Isotonic): Isotonic {
  const step = Math.ceil(x.length / 64)
  const keep = (_: number, index: number) => index % step === 0 || index === x.length - 1
  return { x: x.filter(keep), y: y.filter(keep) }
}
