/**
 * Live events of the server: one stream for the whole application. What they tell goes into the queries' cache, so a page that shows
 * something is right without asking. While the stream is away the queries' own intervals serve.
 */
import { type QueryClient, useQueryClient } from '@tanstack/vue-query'
import { useDocumentVisibility } from '@vueuse/core'
import { defineStore } from 'pinia'
import { onScopeDispose, ref, watch } from 'vue'
import type { ActivationIntentList } from '../../server/contract/activation'
import type { LiveEvent, LiveEventName } from '../../server/contract/event'
import type { Ready } from '../../server/contract/health'
import type { TrainingJobList } from '../../server/contract/training-job'
import { opsApi } from './ops-api'

/** off: nobody is logged in, or the page is not looked at. waiting: the stream broke and is tried again. */
export type LiveStatus = 'off' | 'connecting' | 'live' | 'waiting'

const ADDRESS = '/api/v1/events'
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
/** A browser gives one server six connections over HTTP/1.1: pages that nobody looks at give theirs back. */
const HIDDEN_MS = 20_000
const KEPT_INTENTS = 50
const KEPT_JOBS = 200

export const useLive = defineStore('live', () => ({ status: ref<LiveStatus>('off') }))

/** The list with this one in the place of the one with its id, or before all others. */
const put = <T extends { id: number }>(list: readonly T[], one: T, most: number): T[] =>
  list.some(({ id }) => id === one.id) ? list.map((each) => (each.id === one.id ? one : each)) : [one, ...list].slice(0, most)

const stale = (queries: QueryClient, ...keys: string[]) => {
  for (const key of keys) void queries.invalidateQueries({ queryKey: [key] })
}

type Told = { [Event in LiveEvent as Event['event']]: Event['data'] }

const handlers: { [Name in LiveEventName]: (queries: QueryClient, data: Told[Name]) => void } = {
  model: (queries, { active, epoch }) => {
    const known = queries.getQueryData<Ready>(['ready'])
    if (known && known.epoch !== epoch) queries.setQueryData<Ready>(['ready'], { ...known, version: active, epoch })
    stale(queries, 'models', 'workers', 'config', 'dashboard')
  },
  config: (queries) => stale(queries, 'config', 'workers', 'dashboard'),
  activation: (queries, intent) => {
    queries.setQueryData<ActivationIntentList>(['switches'], (known) => known && { intents: put(known.intents, intent, KEPT_INTENTS) })
    if (intent.endedAt !== null) stale(queries, 'models', 'workers', 'dashboard')
  },
  accounts: (queries) => stale(queries, 'accounts'),
  job: (queries, job) => {
    queries.setQueryData<TrainingJobList>(['training', 'jobs'], (known) => known && { ...known, jobs: put(known.jobs, job, KEPT_JOBS) })
    if (job.status === 'done') stale(queries, 'models')
  },
  minute: (queries) => stale(queries, 'dashboard', 'slow', 'slo'),
}

/** Brings one event into the cache. */
export function applyEvent<Name extends LiveEventName>(queries: QueryClient, event: Name, data: Told[Name]): void {
  handlers[event](queries, data)
}

/** How long to wait before the next try, with a little chance so that a hundred pages do not come back at once. Pure. */
export const waitMs = (failures: number, chance: number): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10)) * (0.75 + chance / 2)

/** Keeps the stream while `wanted` and the page is looked at. Called once, by the application. */
export function useLiveEvents(wanted: () => boolean): void {
  const live = useLive()
  const queries = useQueryClient()
  const visibility = useDocumentVisibility()
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let missed = false

  function close(status: LiveStatus): void {
    clearTimeout(timer)
    source?.close()
    source = null
    live.status = status
  }
  /** The browser does not say why a stream was refused; asking something else first renews a session that ran out. */
  async function again(): Promise<void> {
    await opsApi.active().catch(() => null)
    if (wanted() && live.status === 'waiting') open()
  }
  function open(): void {
    close('connecting')
    const stream = new EventSource(ADDRESS)
    source = stream
    stream.onopen = () => {
      failures = 0
      live.status = 'live'
      // What happened in between was told to nobody here.
      if (missed) stale(queries, 'ready', 'switches', 'accounts', 'training', 'dashboard')
      missed = true
    }
    stream.onerror = () => {
      if (source !== stream) return
      close('waiting')
      missed = true
      stale(queries, 'ready')
      timer = setTimeout(again, waitMs(failures++, Math.random()))
    }
    for (const name of Object.keys(handlers) as LiveEventName[]) {
      // The contract says what an event of this name carries; the server's own schema made it.
      stream.addEventListener(name, ({ data }) => applyEvent(queries, name, JSON.parse(data)))
    }
  }
  watch(
    [wanted, visibility],
    ([isWanted, seen]) => {
      clearTimeout(timer)
      if (!isWanted) close('off')
      else if (seen === 'visible' && (source === null || live.status !== 'live')) open()
      else if (seen !== 'visible') timer = setTimeout(() => close('off'), HIDDEN_MS)
    },
    { immediate: true },
  )
  const online = () => {
    if (wanted() && live.status === 'waiting') open()
  }
  window.addEventListener('online', online)
  onScopeDispose(() => {
    window.removeEventListener('online', online)
    close('off')
  })
}
