/** Lines over a common axis, each named at its end, with marks of different shapes: not by colour alone. */
import { axes, escapeText, logScale, scale, svg, text, WIDTH, type Words } from './svg'

export interface Series {
  name: Words
  points: { x: number; y: number }[]
}

interface LinePlot {
  series: Series[]
  x: { title: Words; ticks: { value: number; label: string }[]; isLog?: boolean }
  y: { title: Words; from: number; to: number; ticks: { value: number; label: string }[] }
}

const kinds = ['first', 'second', 'third']
const marks = [
  (x: number, y: number) => `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0`,
  (x: number, y: number) => `M${x - 4} ${y - 4}h8v8h-8z`,
  (x: number, y: number) => `M${x} ${y - 5}l5 9h-10z`,
]
const LEGEND = 20

/** At most three series. */
export function linePlot({ series, x, y }: LinePlot, labelledBy: string): string {
  const box = { left: 46, right: WIDTH - 18, top: 30, bottom: 230 }
  const values = x.ticks.map(({ value }) => value)
  const across = (x.isLog ? logScale : scale)([Math.min(...values), Math.max(...values)], [box.left + 8, box.right])
  const up = scale([y.from, y.to], [box.bottom, box.top])
  const drawn = series.slice(0, 3).map(({ name, points }, at) => {
    const placed = points.map((point) => ({ ...point, at: across(point.x), height: up(point.y) }))
    const path = placed.map((point, index) => `${index === 0 ? 'M' : 'L'}${point.at} ${point.height}`).join('')
    const legend = box.bottom + 54 + at * LEGEND
    return [
      `<path d="${path}" class="line ${kinds[at]}"/>`,
      ...placed.map(
        (point) =>
          `<path d="${marks[at](point.at, point.height)}" class="dot ${kinds[at]}"><title>${escapeText(`${point.x}: ${point.y}`)}</title></path>`,
      ),
      `<path d="${marks[at](box.left + 6, legend - 4)}" class="dot ${kinds[at]}"/>`,
      text(box.left + 20, legend, name, { kind: 'label' }),
    ].join('')
  })
  return svg(
    box.bottom + 44 + drawn.length * LEGEND,
    [
      axes({
        box,
        xTicks: x.ticks.map(({ value, label }) => ({ at: across(value), label })),
        yTicks: y.ticks.map(({ value, label }) => ({ at: up(value), label })),
        xTitle: x.title,
        yTitle: y.title,
      }),
      ...drawn,
    ],
    labelledBy,
  )
}
