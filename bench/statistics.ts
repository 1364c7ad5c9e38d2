/**
 * What do statistics over groups cost a row, beside a plain sum, Polars, DuckDB and numpy? Mean and deviation, the exact trimmed mean
 * (10 % to 90 %), whole summaries; groups that lie together, which the others are not told, and rows in any order; one group at once.
 *
 *     bun bench/statistics.ts [--smoke] [--json] [--rows 2000000] [--groups 5000,8] [--rounds 7]
 */
import { parseArgs } from 'node:util'
import { beginReport, printReport, type Section, say } from './measure/report'
import { duckdb } from './peers/duckdb-statistics'
import { nodePolars } from './statistics/node-polars'
import { measureCalls, measureGroups } from './statistics/rounds'
import { oneGroup, routewright } from './statistics/routewright'
import { type Contender, timesByGroup } from './statistics/table'

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
const groupCounts = (values.groups ?? (smoke ? '50' : '5000,8')).split(',').map(Number)
const rounds = Number(values.rounds ?? (smoke ? 1 : 7))
const oneGroupRows = 2_000

const head = beginReport('statistics', 'What do statistics over groups cost a row, beside a plain sum, Polars, DuckDB and numpy?')
const notes = [
  'processor time is of all threads; the wall clock of a shared machine measures the neighbours too',
  'routewright is told where groups begin, except where rows are in any order; Polars and DuckDB find it from the keys of sorted rows',
  'Polars runs on its own threads; × plain sum is to the sum of the whole column by routewright',
]
const sections: Section[] = []
for (const groupCount of groupCounts) {
  const table = timesByGroup(rowCount, groupCount)
  const contenders: Contender[] = [...routewright(table, 2), ...nodePolars(table)]
  const peers = await duckdb(table, { threads: 1, make: !smoke })
  if ('missing' in peers) {
    notes.push(`SKIPPED duckdb: ${peers.missing}`)
    say(`SKIPPED duckdb: ${peers.missing}`)
  } else contenders.push(...peers)
  sections.push({
    title: `${rowCount} rows in ${groupCount} groups`,
    rows: await measureGroups(contenders, rowCount, rounds),
  })
  for (const { close } of contenders) close?.()
}
const one = timesByGroup(oneGroupRows, 1).values
sections.push({
  title: `One group of ${oneGroupRows} rows, one call through the addon`,
  rows: measureCalls(oneGroup(one), { rounds, repeats: smoke ? 10 : 2_000 }),
})
printReport(
  {
    ...head,
    data: `${rowCount} log-normal times, sorted by group, f64`,
    warmUp: 'one pass of every engine',
    repetitions: `${rounds} rounds, engines in turns, median`,
    sections,
    notes: smoke ? [...notes, 'smoke: no figure of such a run means anything'] : notes,
  },
  { json },
)
