/** Percentile bootstrap: how far a mean would move if other items of the same kind had been held out. */
import type { Random } from '../random'

const RESAMPLES = 500

/** The middle 95 % of the means of resamples with replacement; [0, 0] without values. */
export function bootstrapMean(values: ArrayLike<number>, random: Random): [number, number] {
  if (values.length === 0) return [0, 0]
  const means = new Float64Array(RESAMPLES)
  for (let round = 0; round < RESAMPLES; round++) {
    let sum = 0
    for (let draw = 0; draw < values.length; draw++) sum += values[Math.floor(random() * values.length)]
    means[round] = sum / values.length
  }
  means.sort()
  return [means[Math.floor(0.025 * RESAMPLES)], means[Math.ceil(0.975 * RESAMPLES) - 1]]
}
