/** The tables that every engine of the statistics bench summarizes, the questions, and what answers are compared by. */

export interface TimeTable {
  /** Minutes, row by row. */
  values: Float64Array
  /** The group of each row, ascending. */
  groups: Int32Array
  /** Where each group begins, and the end of the last. */
  offsets: Uint32Array
  groupCount: number
}

export const TRIM_LOW = 0.1
export const TRIM_HIGH = 0.9

/** What is asked, and the columns in which all answers must agree, one place a group. */
export const questions = {
  sum: ['sum'],
  moments: ['n', 'mean', 'sd'],
  trim: ['trimmedMean'],
  summary: ['n', 'mean', 'sd', 'min', 'max', 'p10', 'p25', 'p50', 'p75', 'p90'],
} as const
export type Question = keyof typeof questions
export type Columns = Record<string, ArrayLike<number>>

export interface Pass {
  columns: Columns
  wallMs: number
  cpuMs: number
}
export interface Contender {
  name: string
  question: Question
  /** What it does beyond the question, or otherwise than the others. */
  note?: string
  run(): Promise<Pass>
  /** Ends a process of its own. */
  close?(): void
}

/** Groups of random sizes, each with its own level of times. */
export function timesByGroup(rows: number, groupCount: number): TimeTable {
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 1) / 2 ** 32
  }
  const groups = Int32Array.from({ length: rows }, () => Math.floor(random() * groupCount)).sort()
  const level = Float64Array.from({ length: groupCount }, () => 1 + 60 * random())
  const values = Float64Array.from(groups, (group) => {
    const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
    return level[group] * Math.exp(0.3 * normal)
  })
  const offsets = new Uint32Array(groupCount + 1)
  for (let row = 0; row < rows; row++) offsets[groups[row] + 1]++
  for (let group = 0; group < groupCount; group++) offsets[group + 1] += offsets[group]
  return { values, groups, offsets, groupCount }
}

/** Runs in this process, with the processor time of all its threads. */
export async function timed(run: () => Columns | Promise<Columns>): Promise<Pass> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const columns = await run()
  const wallMs = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { columns, wallMs, cpuMs: (user + system) / 1000 }
}

/** `yes`, or the first column that differs by more than 1e-9. */
export function agree(question: Question, a: Columns, b: Columns): string {
  for (const field of questions[question]) {
    if (a[field].length !== b[field].length) return `${field}: ${b[field].length} groups`
    for (let group = 0; group < a[field].length; group++) {
      const [x, y] = [a[field][group], b[field][group]]
      if (!(Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x)))) return `${field} of group ${group}: ${x} and ${y}`
    }
  }
  return 'yes'
}
