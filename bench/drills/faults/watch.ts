/** Predictions without a pause, and beside them one write a second and the health: what a plant sees while something breaks. */

export interface WatchOptions {
  origin: string
  headers: Record<string, string>
  /** Bodies of predictions, sent in turn. */
  questions: readonly object[]
  connections: number
}

/** One stretch of the drill. */
export interface Stretch {
  predictions: number
  /** `503 busy`, `no connection` → count. */
  failures: Record<string, number>
  p50Ms: number
  p99Ms: number
  /** What the writes were answered: `200`, `507 storage_full`. */
  writes: Record<string, number>
  /** Slowest answered write, ms. */
  writeMsMax: number
  /** Names of the checks that were not `pass` at some time, with their status. */
  health: string[]
  liveMsMax: number
}

export interface Watch {
  /** Ends the stretch and begins the next. */
  cut: () => Stretch
  /** Waits until a write is answered with 200 again; seconds, or null when it never was. */
  writesAgain: (secondsMax: number) => Promise<number | null>
  stop: () => Promise<void>
}

const empty = () => ({
  latencies: [] as number[],
  failures: {} as Record<string, number>,
  writes: {} as Record<string, number>,
  writeMsMax: 0,
  health: new Set<string>(),
  liveMsMax: 0,
})

export function startWatch({ origin, headers, questions, connections }: WatchOptions): Watch {
  let now = empty()
  let running = true
  let lastWrite = ''
  let proposal: { id: string; routing: object } | null = null
  const json = { 'content-type': 'application/json', ...headers }
  const count = (into: Record<string, number>, key: string) => {
    into[key] = (into[key] ?? 0) + 1
  }

  const predict = async (first: number) => {
    for (let at = first; running; at += connections) {
      const started = performance.now()
      try {
        const answer = await fetch(`${origin}/api/v1/predict`, {
          method: 'POST',
          headers: json,
          body: JSON.stringify(questions[at % questions.length]),
          signal: AbortSignal.timeout(10_000),
        })
        const body = (await answer.json()) as Answer
        if (answer.status !== 200) count(now.failures, `${answer.status} ${body.code}`)
        else {
          now.latencies.push(performance.now() - started)
          if (body.candidates[0])
            proposal = {
              id: body.id,
              routing: { steps: body.candidates[0].steps.map(({ operation, resource }) => ({ operation, resource })) },
            }
        }
      } catch (error) {
        count(now.failures, `no answer (${(error as { code?: string; name: string }).code ?? (error as Error).name})`)
        await Bun.sleep(5)
      }
    }
  }
  /** A routing that is saved from a proposal: the write that an engineer would miss. */
  const write = async () => {
    for (; running; await Bun.sleep(1_000)) {
      if (proposal === null) continue
      const started = performance.now()
      try {
        const answer = await fetch(`${origin}/api/v1/adoptions`, {
          method: 'POST',
          headers: json,
          body: JSON.stringify({ proposal: proposal.id, candidate: null, routing: proposal.routing }),
          signal: AbortSignal.timeout(10_000),
        })
        const { code } = (await answer.json()) as { code?: string }
        lastWrite = answer.status === 200 ? '200' : `${answer.status} ${code}`
        now.writeMsMax = Math.max(now.writeMsMax, performance.now() - started)
      } catch (error) {
        lastWrite = `no answer (${(error as Error).name})`
      }
      count(now.writes, lastWrite)
    }
  }
  const ask = async () => {
    for (; running; await Bun.sleep(500)) {
      const started = performance.now()
      try {
        await (await fetch(`${origin}/livez`)).text()
        now.liveMsMax = Math.max(now.liveMsMax, performance.now() - started)
        const { checks = {} } = (await (await fetch(`${origin}/health`, { headers })).json()) as Health
        for (const [name, list] of Object.entries(checks))
          for (const { status, output = '' } of list)
            if (status !== 'pass') now.health.add(`${name} ${status}${output === '' ? '' : `: ${output}`}`)
      } catch {}
    }
  }
  const loops = [...Array.from({ length: connections }, (_, first) => predict(first)), write(), ask()]

  return {
    cut: () => {
      const { latencies, health, ...rest } = now
      now = empty()
      latencies.sort((a, b) => a - b)
      const at = (share: number) => Math.round((latencies[Math.floor(share * latencies.length)] ?? Number.NaN) * 10) / 10
      return { ...rest, predictions: latencies.length, p50Ms: at(0.5), p99Ms: at(0.99), health: [...health] }
    },
    writesAgain: async (secondsMax) => {
      const started = performance.now()
      lastWrite = ''
      while (lastWrite !== '200') {
        if (performance.now() - started > secondsMax * 1_000) return null
        await Bun.sleep(50)
      }
      return Math.round((performance.now() - started) / 100) / 10
    },
    stop: async () => {
      running = false
      await Promise.all(loops)
    },
  }
}

interface Answer {
  code?: string
  id: string
  candidates: { steps: { operation: string; resource: string | null }[] }[]
}
interface Health {
  checks?: Record<string, { status: string; output?: string }[]>
}
