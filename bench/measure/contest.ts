/** Servers that are asked in turn, round by round, by one other process: what each was asked, how long it took, and ratios within a round. */
import type { LoadGenerator, LoadResult } from './load'
import { processorMs } from './processor-time'
import type { Served } from './program'
import { median, spread } from './quantiles'
import { type Row, say } from './report'
import { round } from './values'

/** One server and what it is asked. */
export interface Contestant {
  served: Served
  path: string
  /** NDJSON: one body a line. */
  bodiesPath: string
  recall?: number | null
}

export interface Contest {
  contestants: Map<string, Contestant>
  run: LoadGenerator['run']
  connectionCounts: readonly number[]
  rounds: number
  warmUpSeconds: number
  seconds: number
}

export interface RoundResult extends LoadResult {
  /** Processor time of the server for each request that it was sent, ms; null where it cannot be known. */
  serverMs: number | null
}
/** By `key` of name and connections, a result a round. */
export type Results = Map<string, RoundResult[]>

export const key = (name: string, connections: number): string => `${name} × ${connections}`

export function order(
  { served, path, bodiesPath }: Contestant,
  { connections, warmUpSeconds, seconds, first = 0 }: { connections: number; warmUpSeconds: number; seconds: number; first?: number },
) {
  return { origin: served.origin, headers: served.headers, path, bodiesPath, connections, first, warmUpSeconds, seconds }
}

export async function contest({ contestants, run, connectionCounts, rounds, warmUpSeconds, seconds }: Contest): Promise<Results> {
  const results: Results = new Map()
  // each goes on where it ended, so that no question comes again before all have been asked
  const next = new Map<string, number>()
  for (let at = 0; at < rounds; at++) {
    for (const connections of connectionCounts) {
      for (const [name, contestant] of contestants) {
        say(`round ${at + 1} of ${rounds}: ${name}, ${connections} connection(s)`)
        const first = next.get(name) ?? 0
        const before = processorMs(contestant.served.pid)
        const result = await run(order(contestant, { connections, warmUpSeconds, seconds, first }))
        const after = processorMs(contestant.served.pid)
        const serverMs = before === null || after === null ? null : (after - before) / Math.max(1, result.next - first)
        next.set(name, result.next)
        results.set(key(name, connections), [...(results.get(key(name, connections)) ?? []), { ...result, serverMs }])
      }
    }
  }
  return results
}

export const pooled = (results: LoadResult[]) => spread(results.flatMap(({ latenciesMs }) => [...latenciesMs]))
export const p50 = ({ latenciesMs }: LoadResult): number => spread(latenciesMs).p50
/** Not a number where it is not known: see `ratioRow`. */
export const work = ({ serverMs }: RoundResult): number => serverMs ?? Number.NaN
export const rate = ({ latenciesMs, seconds }: LoadResult): number => latenciesMs.length / seconds
export const failed = (results: Results): boolean => [...results.values()].flat().some(({ failures }) => Object.keys(failures).length > 0)

/** @param recallName heads the column of recalls; null leaves it out */
export function latencyRows(
  contestants: Map<string, Contestant>,
  results: Results,
  { connectionCounts, recallName }: { connectionCounts: readonly number[]; recallName: string | null },
): Row[] {
  return connectionCounts.flatMap((connections) =>
    [...contestants].map(([name, { recall }]) => {
      const of = results.get(key(name, connections)) ?? []
      const answers = of.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0)
      const { p50, p95, p99, max } = pooled(of)
      const failures = of.flatMap((result) => Object.entries(result.failures)).map(([reason, count]) => `${count} ${reason}`)
      return {
        server: name,
        connections,
        answers,
        'answers/s': Math.round(answers / of.reduce((sum, result) => sum + result.seconds, 0)),
        'p50 ms': round(p50),
        'p95 ms': round(p95),
        'p99 ms': round(p99),
        'max ms': round(max),
        'server µs': microseconds(of.map(({ serverMs }) => serverMs)),
        'sender µs': microseconds(of.map(({ senderMs }) => senderMs)),
        ...(recallName === null ? {} : { [recallName]: recall == null ? null : round(recall) }),
        'KB an answer': round(of.reduce((sum, { bytes }) => sum + bytes, 0) / 1000 / Math.max(1, answers)),
        failures: failures.length === 0 ? '0' : failures.join('; '),
      }
    }),
  )
}

export interface Ratio {
  of: string
  by: string
  connections: number
  what: string
  pick: (result: RoundResult) => number
}

/** Median of what a request cost in the rounds. */
function microseconds(ms: (number | null)[]): number | null {
  const known = ms.filter((value) => value !== null)
  return known.length === 0 ? null : Math.round(1000 * median(known))
}

/** Median of the rounds' ratios, with the smallest and the largest; none where one of both was not asked or nothing is known of it. */
export function ratioRow(results: Results, { of: name, by, connections, what, pick }: Ratio): Row[] {
  const of = results.get(key(name, connections)) ?? []
  const against = results.get(key(by, connections)) ?? []
  if (of.length === 0 || against.length === 0) return []
  const ratios = of.map((result, at) => pick(result) / pick(against[at]))
  if (!ratios.every(Number.isFinite)) return []
  const range = `(${round(Math.min(...ratios))} to ${round(Math.max(...ratios))})`
  return [{ what, connections, ratio: round(median(ratios)), range, of: name, 'set against': by }]
}
