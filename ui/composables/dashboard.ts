/** The dashboard of the operators: what is asked for stands in the address, so that a picture can be passed on. */
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, type Ref, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import type { Dashboard, SlowRequest } from '../../server/contract/dashboard'
import { operatorProblems, operatorSentences } from '../messages/operator-problems'
import { ops as en } from '../messages/ops-en'
import { ops as ko } from '../messages/ops-ko'
import { opsApi } from './ops-api'
import { useProblemTexts, useTexts } from './texts'

export function useOpsTexts(): void {
  useTexts('ops', { en, ko })
  useProblemTexts(operatorProblems, operatorSentences)
}

const MINUTE_MS = 60_000
/** Name in the address → minutes. */
export const ranges = { '1h': 60, '6h': 360, '24h': 1_440, '7d': 10_080 } as const
export type Range = keyof typeof ranges
const isRange = (text: unknown): text is Range => typeof text === 'string' && text in ranges
/** Also where no event tells of a new minute. */
const POLL_MS = 60_000
const HEALTH_MS = 10_000

export function useDashboardQuery() {
  const route = useRoute()
  const router = useRouter()
  const put = (change: Record<string, string | undefined>) => void router.replace({ query: { ...route.query, ...change } })
  const range = computed({
    get: (): Range => (isRange(route.query.range) ? route.query.range : '1h'),
    set: (chosen) => put({ range: chosen === '1h' ? undefined : chosen }),
  })
  /** Empty: all of predicting. */
  const asked = computed({
    get: () => (typeof route.query.route === 'string' ? route.query.route : ''),
    set: (chosen) => put({ route: chosen || undefined }),
  })
  return { range, route: asked }
}

export function useDashboard({ range, route }: { range: Ref<Range>; route: Ref<string> }) {
  /** When the picture was held; null while it moves on. */
  const pausedAt = ref<number | null>(null)
  const running = computed(() => pausedAt.value === null)
  const dashboard = useQuery({
    queryKey: computed(() => ['dashboard', range.value, route.value]),
    queryFn: ({ signal }) => {
      const to = Date.now()
      const from = new Date(to - ranges[range.value] * MINUTE_MS).toISOString()
      return opsApi.dashboard({ from, to: new Date(to).toISOString(), ...(route.value ? { route: route.value } : {}) }, signal)
    },
    enabled: running,
    refetchInterval: POLL_MS,
    placeholderData: keepPreviousData,
  })
  const slow = useQuery({ queryKey: ['slow'], queryFn: ({ signal }) => opsApi.slow(signal), enabled: running, refetchInterval: POLL_MS })
  const slo = useQuery({ queryKey: ['slo'], queryFn: ({ signal }) => opsApi.slo(signal), enabled: running, refetchInterval: POLL_MS })
  const health = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => opsApi.health(signal),
    enabled: running,
    refetchInterval: HEALTH_MS,
  })
  const pause = () => {
    pausedAt.value = pausedAt.value === null ? Date.now() : null
  }
  return { dashboard, slow, slo, health, pausedAt, pause }
}

/** Requests a second of one bucket; null where nothing was recorded. Pure. */
export const rateOf = (requests: number | null, minutes: number): number | null => (requests === null ? null : requests / (minutes * 60))

/** Over the minutes in which something was recorded; null without any. Pure. */
export function meanRate({ series, bucketMinutes, total }: Dashboard): number | null {
  const recorded = series.filter(({ requests }) => requests !== null).length
  return recorded === 0 ? null : rateOf(total.requests, recorded * bucketMinutes)
}

const columns = ['requests', 'p50Ms', 'p95Ms', 'p99Ms', 'errorShare', 'shedShare', 'hitShare'] as const
/** The series as text; what was not recorded is empty. Pure. */
export const csvOf = ({ series }: Dashboard): string =>
  [['at', ...columns].join(','), ...series.map((row) => [row.at, ...columns.map((column) => row[column] ?? '')].join(','))].join('\r\n')

/** The slowest of a range and a route. Pure. */
export const slowestOf = (
  requests: readonly SlowRequest[],
  { from, route, most }: { from: number; route: string; most: number },
): SlowRequest[] =>
  requests
    .filter(({ at, route: asked }) => Date.parse(at) >= from && (route === '' || asked === route))
    .sort((a, b) => b.latencyMs - a.latencyMs)
    .slice(0, most)

/** Runs of points without a hole, for lines that break where nothing is known. Pure. */
export function runsOf(values: readonly (number | null)[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = []
  values.forEach((value, at) => {
    if (value === null) return
    const last = runs.at(-1)
    if (last && last.to === at - 1) last.to = at
    else runs.push({ from: at, to: at })
  })
  return runs
}

const TICK_MINUTES = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440]
/** Whole times of the local day, about `most` of them. Pure but for the time zone. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const step = (TICK_MINUTES.find((minutes) => (to - from) / (minutes * MINUTE_MS) <= most) ?? 2_880) * MINUTE_MS
  const zone = new Date(from).getTimezoneOffset() * MINUTE_MS
  const first = Math.ceil((from - zone) / step) * step + zone
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step)
}

export function useMoments() {
  const { d } = useI18n()
  return {
    clock: (at: number) => d(new Date(at), { hour: '2-digit', minute: '2-digit', hour12: false }),
    moment: (at: number) => d(new Date(at), { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false }),
  }
}
