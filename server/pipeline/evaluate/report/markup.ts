/** The few building blocks of the report's page: a text in two languages, a table that scrolls, a plot with its caption. */
import { escapeText, type Words } from '../../../domain/plot/svg'

/** Both languages, one of them hidden by the style. */
export function say({ en, ko }: Words): string {
  return en === ko ? escapeText(en) : `<span lang="en">${escapeText(en)}</span><span lang="ko">${escapeText(ko)}</span>`
}

export interface Column<Row> {
  title: Words
  /** Markup; numbers stand right. */
  cell: (row: Row) => string
  isNumber?: boolean
}

/** @param id unique on the page; names the table for those who hear it */
export function table<Row>(id: string, caption: Words, rows: Row[], columns: Column<Row>[]): string {
  const kind = ({ isNumber }: Column<Row>) => (isNumber ? ' class="number"' : '')
  const head = columns.map((column) => `<th scope="col"${kind(column)}>${say(column.title)}</th>`).join('')
  const body = rows.map((row) => {
    const [first, ...rest] = columns
    return `<tr><th scope="row">${first.cell(row)}</th>${rest.map((column) => `<td${kind(column)}>${column.cell(row)}</td>`).join('')}</tr>`
  })
  return `<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}"><table><caption id="${id}">${say(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
}

/** @param draw gets the id of the caption that names the plot */
export const figure = (id: string, caption: Words, draw: (labelledBy: string) => string | null): string => {
  const plot = draw(id)
  return plot === null ? '' : `<figure>${plot}<figcaption id="${id}">${say(caption)}</figcaption></figure>`
}

export const section = (title: Words, parts: string[]): string => `<section><h2>${say(title)}</h2>${parts.join('')}</section>`
export const paragraph = (text: Words): string => `<p>${say(text)}</p>`
export const noData = (): string => `<span class="none">${say({ en: 'no data', ko: '자료 없음' })}</span>`

/** `91.3 %`; "no data" where nothing was measured. */
export const share = (value: number | null | undefined, digits = 1): string =>
  value === null || value === undefined ? noData() : `${(100 * value).toFixed(digits)} %`
/** Three significant digits. */
export const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? noData() : value === 0 ? '0' : String(Number(value.toPrecision(3)))
export const count = (value: number): string => value.toLocaleString('en')
