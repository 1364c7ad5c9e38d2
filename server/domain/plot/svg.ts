/** Plots as SVG text: no script, no request; colours and the language shown are the page's, by class and `lang`. */

/** A text in both languages of the product. */
export interface Words {
  en: string
  ko: string
}

export const words = (en: string, ko: string): Words => ({ en, ko })
/** A text that is the same in both: a name, a number. */
export const name = (text: string): Words => ({ en: text, ko: text })

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
export const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character])

/** Width of every plot in its own units: a phone shows it without scaling its letters away. */
export const WIDTH = 420

export interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

/** @returns position of a value between two ends; values beyond stay at the end */
export function scale([from, to]: [number, number], [start, end]: [number, number]): (value: number) => number {
  const span = to - from || 1
  return (value) => round(start + (end - start) * Math.min(1, Math.max(0, (value - from) / span)))
}

/** Like `scale` on logarithms; values ≤ 0 stay at the start. */
export function logScale([from, to]: [number, number], range: [number, number]): (value: number) => number {
  const linear = scale([Math.log(from), Math.log(to)], range)
  return (value) => (value <= 0 ? range[0] : linear(Math.log(value)))
}

type Anchor = 'start' | 'middle' | 'end'

export function text(
  x: number,
  y: number,
  content: Words,
  { anchor = 'start', kind = '' }: { anchor?: Anchor; kind?: string } = {},
): string {
  const of = (lang: string, value: string) =>
    `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" class="${kind}"${lang}>${escapeText(value)}</text>`
  return content.en === content.ko ? of('', content.en) : of(' lang="en"', content.en) + of(' lang="ko"', content.ko)
}

export const line = (x1: number, y1: number, x2: number, y2: number, kind = 'grid'): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${kind}"/>`

/** @param labelledBy id of the element that names the plot for those who do not see it */
export const svg = (height: number, body: string[], labelledBy: string): string =>
  `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${escapeText(labelledBy)}">${body.join('')}</svg>`

export interface Axes {
  box: Box
  xTicks: { at: number; label: string }[]
  yTicks: { at: number; label: string }[]
  xTitle: Words
  yTitle: Words
}

/** Grid, ticks and titles of a plot with two axes; positions are in the plot's units. */
export function axes({ box, xTicks, yTicks, xTitle, yTitle }: Axes): string {
  return [
    ...yTicks.map(
      ({ at, label }) => line(box.left, at, box.right, at) + text(box.left - 6, at + 4, name(label), { anchor: 'end', kind: 'tick' }),
    ),
    ...xTicks.map(({ at, label }) => text(at, box.bottom + 16, name(label), { anchor: 'middle', kind: 'tick' })),
    line(box.left, box.bottom, box.right, box.bottom, 'axis'),
    text((box.left + box.right) / 2, box.bottom + 34, xTitle, { anchor: 'middle', kind: 'title' }),
    text(box.left - 34, box.top - 12, yTitle, { kind: 'title' }),
  ].join('')
}

export const round = (value: number): number => Math.round(value * 100) / 100
export const percent = (share: number): string => `${Math.round(100 * share)} %`
