/** Horizontal bars in groups: a name above, then one bar a measure with its value at its end. */
import { escapeText, name, round, scale, svg, text, WIDTH, type Words } from './svg'

export interface BarGroup {
  name: Words
  /** Emphasised: the product itself, not what it is held against. */
  isOwn: boolean
  bars: { label: Words; value: number; shown: string; interval?: [number, number]; isPlain?: boolean }[]
}

const LABEL = 62
const VALUE = 56
const BAR = 14
const STEP = 20

/** @param most value at the full width */
export function barPlot(groups: BarGroup[], most: number, labelledBy: string): string {
  const body: string[] = []
  const width = scale([0, most], [0, WIDTH - LABEL - VALUE])
  let y = 0
  for (const group of groups) {
    y += 24
    body.push(text(0, y - 7, group.name, { kind: group.isOwn ? 'label strong' : 'label' }))
    for (const { label, value, shown, interval, isPlain } of group.bars) {
      body.push(
        text(LABEL - 8, y + BAR - 3, label, { anchor: 'end', kind: 'tick' }),
        `<rect x="${LABEL}" y="${y}" width="${Math.max(1, width(value))}" height="${BAR}" class="bar ${group.isOwn && !isPlain ? 'first' : 'other'}"><title>${escapeText(shown)}</title></rect>`,
      )
      const end = interval === undefined ? width(value) : width(interval[1])
      if (interval !== undefined) {
        const [from, to] = interval.map((bound) => round(LABEL + width(bound)))
        const middle = y + BAR / 2
        body.push(`<path d="M${from} ${middle}H${to}M${from} ${middle - 4}v8M${to} ${middle - 4}v8" class="whisker"/>`)
      }
      body.push(text(LABEL + Math.max(end, width(value)) + 6, y + BAR - 3, name(shown), { kind: 'tick' }))
      y += STEP
    }
    y += 8
  }
  return svg(Math.max(1, y), body, labelledBy)
}
