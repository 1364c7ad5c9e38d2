/** Estimated against actual, both on a logarithmic scale, each with its interval; on the diagonal the two are one. */
import { axes, line, logScale, svg, WIDTH, type Words } from './svg'

const box = { left: 46, right: WIDTH - 12, top: 30, bottom: 290 }

/** @param points actual, p10, p50, p90; those with an actual or a middle of 0 cannot be drawn on logarithms and are left out */
export function scatterPlot(
  points: [number, number, number, number][],
  { xTitle, yTitle }: { xTitle: Words; yTitle: Words },
  labelledBy: string,
): string | null {
  const shown = points.filter(([actual, , p50]) => actual > 0 && p50 > 0)
  if (shown.length === 0) return null
  const all = shown.flatMap(([actual, , p50]) => [actual, p50])
  const low = Math.min(...all) / 1.15
  const high = Math.max(...all) * 1.15
  const x = logScale([low, high], [box.left, box.right])
  const y = logScale([low, high], [box.bottom, box.top])
  const ticks = logTicks(low, high)
  return svg(
    330,
    [
      axes({
        box,
        xTicks: ticks.map((value) => ({ at: x(value), label: String(value) })),
        yTicks: ticks.map((value) => ({ at: y(value), label: String(value) })),
        xTitle,
        yTitle,
      }),
      line(x(low), y(low), x(high), y(high), 'ideal'),
      ...shown.map(([actual, p10, , p90]) => line(x(actual), y(p10), x(actual), y(p90), 'range')),
      ...shown.map(([actual, , p50]) => `<circle cx="${x(actual)}" cy="${y(p50)}" r="2.5" class="dot first"/>`),
    ],
    labelledBy,
  )
}

/** Round numbers between two ends: 1, 2, 5 times powers of ten, thinned to at most seven. */
export function logTicks(low: number, high: number): number[] {
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of [1, 2, 5]) {
      const value = Number((step * 10 ** power).toPrecision(1))
      if (value >= low && value <= high) ticks.push(value)
    }
  }
  const stride = Math.ceil(ticks.length / 7)
  return ticks.filter((_, at) => at % stride === 0)
}
