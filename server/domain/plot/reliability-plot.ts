/** The reliability diagram: how often an answer was right against how sure it was; on the diagonal the two are one. */
import type { ReliabilityBin } from '../../contract/quality'
import { axes, line, percent, round, scale, svg, WIDTH, words } from './svg'

const box = { left: 46, right: WIDTH - 12, top: 30, bottom: 290 }
const shares = [0, 0.2, 0.4, 0.6, 0.8, 1]

/** Circles grow with the number of answers (their area), the bars below count them. */
export function reliabilityPlot(bins: ReliabilityBin[], labelledBy: string): string {
  const x = scale([0, 1], [box.left, box.right])
  const y = scale([0, 1], [box.bottom, box.top])
  const most = Math.max(1, ...bins.map(({ count }) => count))
  const points = bins.map((bin) => ({
    ...bin,
    at: x(bin.confidence),
    height: y(bin.accuracy),
    radius: 3 + 7 * Math.sqrt(bin.count / most),
  }))
  const path = points.map(({ at, height }, index) => `${index === 0 ? 'M' : 'L'}${at} ${height}`).join('')
  return svg(
    330,
    [
      axes({
        box,
        xTicks: shares.map((share) => ({ at: x(share), label: percent(share) })),
        yTicks: shares.map((share) => ({ at: y(share), label: percent(share) })),
        xTitle: words('how sure it said it was', '제시된 신뢰도'),
        yTitle: words('how often it was right', '실제로 맞은 비율'),
      }),
      line(x(0), y(0), x(1), y(1), 'ideal'),
      `<path d="${path}" class="line first"/>`,
      ...points.map(
        ({ at, height, radius, count, confidence, accuracy }) =>
          `<circle cx="${at}" cy="${height}" r="${round(radius)}" class="dot first"><title>${count}: ${percent(confidence)} → ${percent(accuracy)}</title></circle>`,
      ),
    ],
    labelledBy,
  )
}
