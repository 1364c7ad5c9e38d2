/** What a query costs an engine at a given recall, read off its curve. */

export interface Point {
  recall: number
  /** Time a query. */
  micros: number
}

/**
 * Time at which the recall is reached: linear between the two points around it; of the lowest point where even that is better
 * than asked, since the engine has nothing cheaper; null where the recall was never reached.
 */
export function atRecall(points: Point[], target: number): number | null {
  const curve = points.toSorted((a, b) => a.recall - b.recall)
  const above = curve.findIndex(({ recall }) => recall >= target)
  if (above < 0) return null
  if (above === 0) return curve[0].micros
  const [low, high] = [curve[above - 1], curve[above]]
  return low.micros + ((target - low.recall) / (high.recall - low.recall)) * (high.micros - low.micros)
}
