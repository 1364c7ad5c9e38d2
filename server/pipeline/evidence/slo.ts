/**
 * The objectives and how fast their budgets of bad answers are used up, over several windows: a page only when a long window and a
 * short one agree, so that what is over is not told and what is short is not missed (Google's SRE workbook).
 */
import { predictingRoutes, type Slo } from '../../contract/dashboard'
import { countLatencies, countWithin, splitLatencies } from '../../domain/latency-histogram'
import type { MinuteStat } from '../../store/minute-stat'
import type { Db } from '../../store/open'
import { eachMinuteStat } from './figures'
import { minuteOf } from './roll-up'

type Objective = Slo['objectives'][number]
type Name = Objective['name']

interface Counted {
  events: number
  good: number
}

const windowMinutes = [5, 30, 60, 360, 4_320] as const
/** Fewer answers say nothing about a share of one in a thousand. */
const eventsMin = 100

const rules: { alert: 'page' | 'ticket'; rate: number; long: number; short: number }[] = [
  { alert: 'page', rate: 14.4, long: 60, short: 5 },
  { alert: 'page', rate: 6, long: 360, short: 30 },
  { alert: 'ticket', rate: 1, long: 4_320, short: 360 },
]

/** availability: no 5xx. The others: answered within, as the product promises: 95 of 100 within 2 s, and the like. */
const objectives: Record<Name, { target: number; count: (row: MinuteStat) => Counted }> = {
  availability: { target: 0.999, count: ({ requests, serverErrors }) => ({ events: requests, good: requests - serverErrors }) },
  latency_2s: { target: 0.99, count: ({ latency }) => within(splitLatencies(latency).all, 2_000) },
  latency_1s: { target: 0.95, count: ({ latency }) => within(splitLatencies(latency).all, 1_000) },
  latency_200ms_hits: { target: 0.95, count: ({ latency }) => within(splitLatencies(latency).hits, 200) },
}
const names = Object.keys(objectives) as Name[]

const within = (latency: Record<string, number>, ms: number): Counted => ({
  events: countLatencies(latency),
  good: countWithin(latency, ms),
})

export async function readSlo(db: Db, { now }: { now: Date }): Promise<Slo> {
  const last = minuteOf(now)
  const sums = new Map(names.map((name) => [name, windowMinutes.map((): Counted => ({ events: 0, good: 0 }))]))
  await eachMinuteStat(db, { from: last - windowMinutes.at(-1)! + 1, to: last + 1, routes: predictingRoutes }, (row) => {
    for (const name of names) {
      const { events, good } = objectives[name].count(row)
      for (const [index, minutes] of windowMinutes.entries()) {
        if (row.minute <= last - minutes) continue
        const sum = sums.get(name)![index]
        sum.events += events
        sum.good += good
      }
    }
  })
  return { objectives: names.map((name) => judge(name, sums.get(name)!)) }
}

function judge(name: Name, counted: Counted[]): Objective {
  const { target } = objectives[name]
  const windows = counted.map(({ events, good }, index) => ({
    minutes: windowMinutes[index],
    burnRate: events < eventsMin ? null : Math.round(((1 - good / events) / (1 - target)) * 1_000) / 1_000,
    events,
  }))
  const whole = counted.at(-1)!
  const rateOf = (minutes: number) => windows.find((window) => window.minutes === minutes)!.burnRate
  const fired = rules.find(({ rate, long, short }) => (rateOf(long) ?? 0) >= rate && (rateOf(short) ?? 0) >= rate)
  return {
    name,
    target,
    good: whole.events < eventsMin ? null : whole.good / whole.events,
    windows,
    alert: whole.events < eventsMin ? 'no_data' : (fired?.alert ?? 'none'),
  }
}
