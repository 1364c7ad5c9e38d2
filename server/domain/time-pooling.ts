/** Partial pooling: effects of groups, drawn towards none by how little the groups differ and how few samples each has. */

/**
 * Random effects by the method of moments: τ² is what the groups differ by beyond chance, σ² what samples of one group do.
 * @param residuals of each sample from the common fit, their mean about 0
 * @param groups code of each sample's group; 0 has no effect of its own
 * @returns group → effect n τ² ÷ (n τ² + σ²) of its mean residual; empty where the groups do not differ
 */
export function poolEffects(residuals: readonly number[], groups: readonly number[]): Map<number, number> {
  const sums = new Map<number, { n: number; sum: number; squares: number }>()
  residuals.forEach((residual, at) => {
    if (groups[at] === 0) return
    const group = sums.get(groups[at]) ?? { n: 0, sum: 0, squares: 0 }
    if (group.n === 0) sums.set(groups[at], group)
    group.n++
    group.sum += residual
    group.squares += residual ** 2
  })
  const all = [...sums.values()]
  const total = all.reduce((count, { n }) => count + n, 0)
  if (all.length < 2 || total <= all.length) return new Map()
  const mean = all.reduce((sum, group) => sum + group.sum, 0) / total
  const within = all.reduce((sum, { n, sum: of, squares }) => sum + squares - of ** 2 / n, 0) / (total - all.length)
  const between = all.reduce((sum, { n, sum: of }) => sum + n * (of / n - mean) ** 2, 0)
  const effective = total - all.reduce((sum, { n }) => sum + n ** 2, 0) / total
  const variance = (between - (all.length - 1) * within) / effective
  if (!(variance > 1e-12)) return new Map()
  return new Map([...sums].map(([group, { n, sum }]) => [group, ((sum / n - mean) * n * variance) / (n * variance + within)]))
}
