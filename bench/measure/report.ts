/** A bench's answer: JSON on standard output, or an aligned table below what it was measured on and how. */
import { describeMachine, type Machine, machineInWords } from './machine'

export type Cell = string | number | boolean | null | undefined
export type Row = Record<string, Cell>

export interface Section {
  title: string
  rows: Row[]
}
export interface Report {
  bench: string
  /** What the figures answer. */
  question: string
  machine: Machine
  data: string
  warmUp: string
  repetitions: string
  sections: Section[]
  /** What was left out and why, and what a reader must know. */
  notes: string[]
}

/** Progress, so that nobody thinks it hangs; standard output is for the answer. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`)

export function printReport(report: Report, { json }: { json: boolean }): void {
  if (json) return void process.stdout.write(`${JSON.stringify(report)}\n`)
  const { machine, data, warmUp, repetitions, sections, notes, question } = report
  const lines = [
    question,
    '',
    `machine      ${machineInWords(machine)}`,
    `data         ${data}`,
    `warm-up      ${warmUp}`,
    `repetitions  ${repetitions}`,
    ...sections.flatMap(({ title, rows }) => ['', title, ...tableLines(rows).map((line) => `  ${line}`)]),
    ...(notes.length > 0 ? ['', ...notes.map((note) => `note: ${note}`)] : []),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Columns in the order in which they first occur; numbers to the right, the rest to the left. */
export function tableLines(rows: Row[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const columns = names.map((name) => {
    const cells = rows.map((row) => text(row[name]))
    const toRight = rows.some((row) => typeof row[name] === 'number')
    const width = Math.max(name.length, ...cells.map((cell) => cell.length))
    return [name, ...cells].map((cell) => (toRight ? cell.padStart(width) : cell.padEnd(width)))
  })
  return [0, ...rows.map((_, at) => at + 1)].map((at) =>
    columns
      .map((column) => column[at])
      .join('  ')
      .trimEnd(),
  )
}

function text(cell: Cell): string {
  if (cell === null || cell === undefined || (typeof cell === 'number' && Number.isNaN(cell))) return '-'
  return String(cell)
}

/** The head of a report that is being begun now. */
export const beginReport = (bench: string, question: string): Pick<Report, 'bench' | 'question' | 'machine'> => ({
  bench,
  question,
  machine: describeMachine(),
})
