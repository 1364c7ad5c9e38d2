/** Text for the terminal that it goes to: long lines are folded between words. Elsewhere (a file, a pipe) text stays as it is. */

/** Cells of a line on standard output; undefined where it is no terminal. */
export const terminalWidth = (): number | undefined => (process.stdout.isTTY ? process.stdout.columns || undefined : undefined)

/** What stands in front of a line's text: a column of its own, or blanks. */
const front = /^(?:\s*\S+(?: \S+)*?\s{2,}|\s*)/

/**
 * Each line within `width` cells, continued below its text. A word that is longer than the rest of a line stays whole: it may be a path
 * that somebody copies.
 */
export function folded(text: string, width = terminalWidth()): string {
  if (width === undefined) return text
  return text
    .split('\n')
    .map((line) => (Bun.stringWidth(line) <= width ? line : foldedLine(line.trimEnd(), width)))
    .join('\n')
}

function foldedLine(line: string, width: number): string {
  if (Bun.stringWidth(line) <= width) return line
  const [start] = front.exec(line)!
  const indent = Bun.stringWidth(start)
  // below a wide front hardly anything would fit
  const hang = ' '.repeat(indent > width / 2 ? 4 : indent)
  const lines: string[] = []
  let current = start
  let empty = true
  for (const word of line.slice(start.length).split(' ')) {
    const longer = empty ? current + word : `${current} ${word}`
    if (Bun.stringWidth(longer) > width && !(empty && lines.length > 0)) {
      lines.push(current.trimEnd())
      current = hang + word
    } else {
      current = longer
    }
    empty = false
  }
  return [...lines, current].join('\n')
}
