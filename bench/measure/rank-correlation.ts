/** How alike two rankings are that do not hold the same things. */

/**
 * Spearman's rho over the union of two rankings, best first. What one of them lacks stands behind its last, all at the same place.
 * 1 for equal rankings, −1 for opposite ones; NaN with fewer than two things or when one of them ranks nothing.
 */
export function spearman<T>(first: readonly T[], second: readonly T[]): number {
  const things = [...new Set([...first, ...second])]
  const ranks = [ranksOf(first, things), ranksOf(second, things)]
  const [meanA, meanB] = ranks.map((of) => of.reduce((sum, rank) => sum + rank, 0) / of.length)
  let both = 0
  let a = 0
  let b = 0
  things.forEach((_, at) => {
    const [x, y] = [ranks[0][at] - meanA, ranks[1][at] - meanB]
    both += x * y
    a += x * x
    b += y * y
  })
  return both / Math.sqrt(a * b)
}

function ranksOf<T>(ranking: readonly T[], things: readonly T[]): number[] {
  const place = new Map(ranking.map((thing, at) => [thing, at + 1]))
  const missing = things.length - place.size
  // the mean of the places that the missing ones share
  return things.map((thing) => place.get(thing) ?? place.size + (missing + 1) / 2)
}
