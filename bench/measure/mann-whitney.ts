/** Do two samples come from one distribution? Mann-Whitney's U by the normal approximation, with the correction for ties. */

/** Two-sided p; near 1 when one is as often above the other as below. For samples of 20 and more. */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))]
  all.sort((left, right) => left.value - right.value)
  const n = all.length
  let rankSum = 0
  let ties = 0
  for (let from = 0; from < n; ) {
    let to = from
    while (to < n && all[to].value === all[from].value) to++
    const rank = (from + 1 + to) / 2
    for (let at = from; at < to; at++) if (all[at].first) rankSum += rank
    ties += (to - from) ** 3 - (to - from)
    from = to
  }
  const u = rankSum - (a.length * (a.length + 1)) / 2
  const mean = (a.length * b.length) / 2
  const deviation = Math.sqrt(((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1))))
  if (deviation === 0) return 1
  return 2 * (1 - normal((Math.abs(u - mean) - 0.5) / deviation))
}

/** Share of the standard normal distribution below z ≥ 0 (Abramowitz and Stegun 26.2.17; error < 1e-7). */
function normal(z: number): number {
  if (z <= 0) return 0.5
  const t = 1 / (1 + 0.2316419 * z)
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail
}
