/** Rounds of the statistics bench: contenders in turns, medians, ratios to the plain sum and to DuckDB. */
import { median } from '../measure/quantiles'
import { type Row, say } from '../measure/report'
import { isCompared } from './routewright'
import { agree, type Contender, type Question } from './table'

const round = (value: number) => Number(value.toPrecision(3))

/** One row a contender; a promise is about processor time, which a shared machine disturbs least. */
export async function measureGroups(contenders: Contender[], rowCount: number, rounds: number): Promise<Row[]> {
  const passes = contenders.map(() => ({ wall: [] as number[], cpu: [] as number[] }))
  for (const { run } of contenders) await run()
  for (let at = 0; at < rounds; at++) {
    say(`round ${at + 1} of ${rounds}`)
    for (const [at, contender] of contenders.entries()) {
      const { wallMs, cpuMs } = await contender.run()
      passes[at].wall.push(wallMs)
      passes[at].cpu.push(cpuMs)
    }
  }
  const cost = passes.map(({ cpu }) => (median(cpu) * 1e6) / rowCount)
  const rows: Row[] = []
  for (const [at, contender] of contenders.entries()) {
    const { name, question, note } = contender
    const reference = contenders.find((other) => other.question === question)!
    const columnSum = contenders.findIndex((other) => other.name.endsWith(note === 'f32' ? 'column, f32' : 'sum of the column'))
    const duckdb = contenders.findIndex((other) => other.name.startsWith('duckdb') && other.question === question)
    rows.push({
      question,
      engine: name,
      'processor ns a row': round(cost[at]),
      'wall ns a row': round((median(passes[at].wall) * 1e6) / rowCount),
      '× plain sum': columnSum < 0 ? null : round(cost[at] / cost[columnSum]),
      'DuckDB × this': duckdb < 0 ? null : round(cost[duckdb] / cost[at]),
      'equal within 1e-9': isCompared(contender) ? agree(question, (await reference.run()).columns, (await contender.run()).columns) : null,
      note,
    })
  }
  const order = (row: Row) => ['sum', 'moments', 'trim', 'summary'].indexOf(row.question as Question)
  return rows.toSorted((a, b) => order(a) - order(b))
}

/** Microseconds a call of each, calls in turns by rounds. */
export function measureCalls(
  calls: [name: string, call: () => unknown][],
  { rounds, repeats }: { rounds: number; repeats: number },
): Row[] {
  const micros = calls.map(() => ({ wall: [] as number[], cpu: [] as number[] }))
  for (let at = 0; at < rounds; at++) {
    for (const [at, [, call]] of calls.entries()) {
      const cpu = process.cpuUsage()
      const start = performance.now()
      for (let repeat = 0; repeat < repeats; repeat++) call()
      micros[at].wall.push(((performance.now() - start) * 1e3) / repeats)
      const { user, system } = process.cpuUsage(cpu)
      micros[at].cpu.push((user + system) / repeats)
    }
  }
  return calls.map(([asked], at) => ({
    asked,
    'processor µs a call': round(median(micros[at].cpu)),
    'wall µs a call': round(median(micros[at].wall)),
  }))
}
