/**
 * What do statistics over groups cost a row, beside Polars and DuckDB? All compute the same from the same columns: n, mean,
 * deviation, least, largest and five quantiles a group. Ours is shown with the outlier cut, the trim and weights too, which
 * the others do not have.
 *
 *     bun bench/statistics.ts [--smoke] [--json] [--rows 2000000] [--groups 5000] [--rounds 7]
 */
import { parseArgs } from 'node:util'
import { median } from './measure/quantiles'
import { beginReport, printReport, type Row, say } from './measure/report'
import { duckdb } from './peers/duckdb-statistics'
import { nodePolars } from './statistics/node-polars'
import { routewright } from './statistics/routewright'
import { agree, type Contender, timesByGroup } from './statistics/table'

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rows: { type: 'string' },
    groups: { type: 'string' },
    rounds: { type: 'string' },
  },
})
const { smoke, json } = values
const rowCount = Number(values.rows ?? (smoke ? 20_000 : 2_000_000))
const groupCount = Number(values.groups ?? (smoke ? 100 : 5_000))
const rounds = Number(values.rounds ?? (smoke ? 1 : 7))
const threads = 2

const head = beginReport('statistics', 'What do statistics over groups cost a row, beside Polars and DuckDB?')
const notes = ['processor time is of all threads; the wall clock of a shared machine measures the neighbours too']
const table = timesByGroup(rowCount, groupCount)
const contenders: Contender[] = [...routewright(table, threads), nodePolars(table)]
const peer = await duckdb(table, { threads, make: !smoke })
if ('missing' in peer) {
  notes.push(`SKIPPED duckdb: ${peer.missing}`)
  say(`SKIPPED duckdb: ${peer.missing}`)
} else contenders.push(peer)

const reference = (await contenders[0].run()).summary
const passes = contenders.map(() => ({ wall: [] as number[], cpu: [] as number[] }))
for (let round = 0; round < rounds; round++) {
  say(`round ${round + 1} of ${rounds}`)
  for (const [at, contender] of contenders.entries()) {
    const { wallMs, cpuMs } = await contender.run()
    passes[at].wall.push(wallMs)
    passes[at].cpu.push(cpuMs)
  }
}
const rows: Row[] = []
for (const [at, { name, computes, run }] of contenders.entries()) {
  const nsARow = (times: number[]) => Number(((median(times) * 1e6) / rowCount).toFixed(1))
  const { summary } = await run()
  rows.push({
    engine: name,
    'processor ns a row': nsARow(passes[at].cpu),
    'wall ns a row': nsARow(passes[at].wall),
    'equal within 1e-9': computes === 'the same' ? agree(reference, summary) : computes,
  })
}
for (const { close } of contenders) close?.()
printReport(
  {
    ...head,
    data: `${rowCount} log-normal times in ${groupCount} groups, sorted by group, ${threads} threads`,
    warmUp: 'one pass of the first engine; the medians forgive the rest',
    repetitions: `${rounds} rounds, engines in turns, median`,
    sections: [{ title: 'Summaries by group', rows }],
    notes: smoke ? [...notes, 'smoke: no figure of such a run means anything'] : notes,
  },
  { json },
)
