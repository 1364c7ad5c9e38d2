/** Tells the log when an objective begins or ceases to be missed. */
import type { Slo } from '../../contract/dashboard'

type Alert = Slo['objectives'][number]['alert']
export type SloEvent = {
  event: 'slo.alert'
  level: 'warning' | 'info'
  objective: string
  alert: Alert
  before: Alert
  good: number | null
}

const everyMs = 60_000

/** Asks once a minute; returns the end of it. A reading that fails is made up by the next. */
export function watchObjectives(read: () => Promise<Slo>, report: (event: SloEvent) => void): () => void {
  const known = new Map<string, Alert>()
  const look = async () => {
    const { objectives } = await read().catch((): Slo => ({ objectives: [] }))
    for (const { name, alert, good } of objectives) {
      const before = known.get(name) ?? 'none'
      known.set(name, alert)
      if (rank[alert] === rank[before]) continue
      report({ event: 'slo.alert', level: rank[alert] > rank[before] ? 'warning' : 'info', objective: name, alert, before, good })
    }
  }
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

const rank = { no_data: 0, none: 0, ticket: 1, page: 2 } as const satisfies Record<Alert, number>
