/**
 * Metrics of the service for Prometheus. Several processes share one port, so a scrape reaches one of them by chance: each leaves what
 * it counted in a file beside the database, and the one that is asked adds them up. What a process counted that has ended since still
 * counts, or a sum would fall; its gauges do not. The others' counts are two seconds old at most: sums never fall for who asks less often.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { isStream, type ServedRequest, wasShed } from '../../domain/served-request'
import { addUp, type MetricValues, Snapshots } from './metric-snapshots'

/** A figure that is read when somebody asks. */
export interface Figure {
  /** With its unit last, as is the custom: `cache_bytes`. */
  name: string
  help: string
  kind: 'gauge' | 'counter'
  /** null: not known now, and left out. */
  read: () => number | null
}

export interface MetricsOptions {
  worker: number
  bootId: string
  /** Where the processes leave what they counted; null when there is one process only. */
  directory: string | null
  figures: Figure[]
  now?: () => number
}

export interface Metrics {
  observe: (served: ServedRequest) => void
  /** In the text format 0.0.4. */
  text: () => Promise<string>
  start: () => void
  close: () => Promise<void>
}

/** The convention's buckets, and 0.001, 0.002, 0.2, 2 and 3: a warm search takes a millisecond, and the promises are 200 ms, 1 s and 2 s. */
const seconds = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.25, 0.5, 0.75, 1, 2, 2.5, 3, 5, 7.5, 10]
const ownPrefix = 'routewright_'

export function createMetrics({ worker, bootId, directory, figures, now = Date.now }: MetricsOptions): Metrics {
  const registry = new Registry()
  const duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from the first look at a request to its answer',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'] as const,
    buckets: seconds,
    registers: [registry],
  })
  const requests = new Counter({
    name: `${ownPrefix}requests_total`,
    help: 'Requests by route, class of status and version that answered',
    labelNames: ['route', 'status_class', 'version'] as const,
    registers: [registry],
  })
  const cache = new Counter({
    name: `${ownPrefix}answer_cache_total`,
    help: 'Predictions by what the cache of answers said',
    labelNames: ['use'] as const,
    registers: [registry],
  })
  const shed = new Counter({ name: `${ownPrefix}shed_total`, help: 'Requests refused under overload', registers: [registry] })
  for (const figure of figures) register(registry, figure, String(worker))
  const snapshots =
    directory === null
      ? null
      : new Snapshots({
          directory,
          bootId,
          worker,
          values: async () => (await registry.getMetricsAsJSON()) as unknown as MetricValues,
          now,
        })
  return {
    observe: (served) => {
      const { method, route, status, latencyMs, activeVersion } = served
      requests.inc({ route, status_class: `${Math.floor(status / 100)}xx`, version: activeVersion ?? '' })
      if (served.cache !== null) cache.inc({ use: served.cache })
      if (wasShed(served)) shed.inc()
      if (isStream(served)) return
      duration.observe(
        { http_request_method: method, http_route: route, http_response_status_code: String(status) },
        Math.max(latencyMs, 0) / 1_000,
      )
    },
    text: async () => (snapshots === null ? registry.metrics() : addUp(await snapshots.all())),
    start: () => snapshots?.start(),
    close: async () => snapshots?.close(),
  }
}

/** A gauge says which worker it is of; a counter is added up. */
function register(registry: Registry, { name, help, kind, read }: Figure, worker: string): void {
  const full = ownPrefix + name
  if (kind === 'gauge') {
    new Gauge({
      name: full,
      help,
      labelNames: ['worker'],
      // of two processes that follow each other under one number, the larger
      aggregator: 'max',
      registers: [registry],
      collect() {
        this.reset()
        const value = read()
        if (value !== null && Number.isFinite(value)) this.set({ worker }, value)
      },
    })
    return
  }
  new Counter({
    name: full,
    help,
    registers: [registry],
    collect() {
      this.reset()
      const value = read()
      if (value !== null && value > 0) this.inc(value)
    },
  })
}
