/** The table that every engine of the statistics bench summarizes, and what they are compared by. */

export interface TimeTable {
  /** Minutes, row by row. */
  values: Float64Array
  /** The group of each row, ascending. */
  groups: Int32Array
  groupCount: number
}

/** What all engines compute, one place a group. */
export const compared = ['n', 'mean', 'sd', 'min', 'max', 'p10', 'p25', 'p50', 'p75', 'p90'] as const
export type Compared = Record<(typeof compared)[number], ArrayLike<number>>

export interface Pass {
  summary: Compared
  wallMs: number
  cpuMs: number
}
export interface Contender {
  name: string
  /** `the same` as all others, or what it does beyond. */
  computes: string
  run(): Promise<Pass>
  /** Ends a process of its own. */
  close?(): void
}

/** Groups of random sizes, some hundred rows on average, each with its own level of times. */
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
  return { values, groups, groupCount }
}

/** Runs in this process, with the processor time of all its threads. */
export async function timed(run: () => Compared | Promise<Compared>): Promise<Pass> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const summary = await run()
  const wallMs = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { summary, wallMs, cpuMs: (user + system) / 1000 }
}

/** `yes`, or the first column that differs. */
export function agree(a: Compared, b: Compared): string {
  for (const field of compared) {
    if (a[field].length !== b[field].length) return `${field}: ${b[field].length} groups`
    for (let group = 0; group < a[field].length; group++) {
      const [x, y] = [a[field][group], b[field][group]]
      if (!(Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x)))) return `${field} of group ${group}: ${x} and ${y}`
    }
  }
  return 'yes'
}
