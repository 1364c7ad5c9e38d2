/** What a query costs an engine at a given recall, read off its curve. */

export interface Point {
  recall: number
  /** Processor time a query. */
  micros: number
}

/**
 * Cheapest time at which the recall is reached: linear between neighbouring points of the curve; null beyond its ends, because
 * nothing was measured there.
 */
export function atRecall(points: Point[], target: number): number | null {
  const curve = points.toSorted((a, b) => a.recall - b.recall)
  const above = curve.findIndex(({ recall }) => recall >= target)
  if (above <= 0) return null
  const [low, high] = [curve[above - 1], curve[above]]
  return low.micros + ((target - low.recall) / (high.recall - low.recall)) * (high.micros - low.micros)
}
