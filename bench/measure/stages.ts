/** Where the time of predictions goes, of the lines that the server itself wrote about them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Row } from './report'
import { round } from './values'

interface Line {
  status: number
  latency_ms: number
  stages: Record<string, number>
}

/** Stages in the order in which they happen; waiting in line is not the answer's own. */
const order = ['parse', 'validate', 'encode', 'search', 'compose', 'times'] as const

/** Means over new answers that did not wait in line. Empty where there is no log. @param logs folder of a server's logs */
export function stageRows(logs: string, { clientP50Ms }: { clientP50Ms: number }): Row[] {
  const lines = accessLines(logs)
    .map((line) => JSON.parse(line) as Line)
    .filter(({ status, stages }) => status === 200 && stages.queue === undefined)
  if (lines.length === 0) return []
  const mean = (pick: (line: Line) => number) => lines.reduce((sum, line) => sum + pick(line), 0) / lines.length
  const latency = mean(({ latency_ms }) => latency_ms)
  const told = order.map((stage) => ({ stage, ms: mean(({ stages }) => stages[stage] ?? 0) }))
  const rest = latency - told.reduce((sum, { ms }) => sum + ms, 0)
  const share = (ms: number) => `${Math.round((100 * ms) / latency)} %`
  return [
    ...told.map(({ stage, ms }) => ({ stage, 'ms (mean)': round(ms), 'of the server': share(ms) })),
    { stage: 'rest: neighbours, records, JSON, headers', 'ms (mean)': round(rest), 'of the server': share(rest) },
    { stage: 'all of the server', 'ms (mean)': round(latency), 'of the server': '100 %' },
    { stage: 'seen by the client (p50 of the rounds)', 'ms (mean)': round(clientP50Ms), 'of the server': null },
  ]
}

/** Of new answers, also those that were put aside meanwhile and compressed: a bench fills many files. */
function accessLines(logs: string): string[] {
  const names = existsSync(logs) ? readdirSync(logs).filter((name) => /^access-0\..*ndjson(\.gz)?$/.test(name)) : []
  return names.flatMap((name) => {
    const bytes = readFileSync(join(logs, name))
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
    return text
      .split('\n')
      .filter((line) => line.includes('"/api/v1/predict"') && line.includes('"cache_hit":"miss"') && line.endsWith('}'))
  })
}
