/** Rows of text as aligned columns. Widths are as a terminal draws them: Hangul takes two cells. */
import { folded, terminalWidth } from './terminal'

export interface TableColumn<Row> {
  title: string
  cell: (row: Row) => string
  align?: 'left' | 'right'
}

/**
 * The table as lines, the titles first. Control characters in cells are shown as blanks. Where it is wider than `width` its first
 * column gives way; where that is not enough each row becomes a block of lines, one a column.
 */
export function formatTable<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[], { width = terminalWidth() } = {}): string {
  const titles = columns.map(({ title }) => title)
  const cells = rows.map((row) => columns.map(({ cell }) => printable(cell(row))))
  const widths = columns.map((_, at) => Math.max(...[titles, ...cells].map((line) => Bun.stringWidth(line[at]))))
  const excess = widths.reduce((sum, cell) => sum + cell, 2 * (columns.length - 1)) - (width ?? Number.POSITIVE_INFINITY)
  if (excess <= 0) return tableText([titles, ...cells], widths, columns)
  if (widths[0] - excess < FIRST_COLUMN_MIN) return blocks(titles, cells, width!)
  const first = widths[0] - excess
  const lines = [titles, ...cells].flatMap(([name, ...others]) =>
    folded(name, first)
      .split('\n')
      .map((part, at) => [part, ...others.map((text) => (at === 0 ? text : ''))]),
  )
  return tableText(lines, [first, ...widths.slice(1)], columns)
}

/** A first column below this says nothing any more. */
const FIRST_COLUMN_MIN = 20

/** A block a row: title and cell, without the empty ones. */
function blocks(titles: string[], cells: string[][], width: number): string {
  const widest = Math.max(...titles.map((title) => Bun.stringWidth(title)))
  const block = (line: string[]) =>
    line.flatMap((text, at) => (text === '' ? [] : [folded(`${pad(titles[at], widest, 'left')}  ${text}`, width)])).join('\n')
  return cells.map(block).join('\n\n')
}

function tableText(cells: string[][], widths: number[], columns: readonly { align?: 'left' | 'right' }[]): string {
  return cells
    .map((line) =>
      line
        .map((text, at) => pad(text, widths[at], columns[at].align ?? 'left'))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** 1,234,567 bytes as `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let at = 0
  let value = bytes
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1_000
    at++
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[at]}`
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - Bun.stringWidth(text)))
  return align === 'left' ? text + blanks : blanks + text
}

/** A note may hold what a terminal would obey. */
const printable = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
