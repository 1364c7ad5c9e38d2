/** Rows of text as aligned columns. Widths are as a terminal draws them: Hangul takes two cells. */

export interface TableColumn<Row> {
  title: string
  cell: (row: Row) => string
  align?: 'left' | 'right'
}

/** The table as lines, the titles first. Control characters in cells are shown as blanks. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ cell }) => printable(cell(row))))]
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => Bun.stringWidth(line[at]))))
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
