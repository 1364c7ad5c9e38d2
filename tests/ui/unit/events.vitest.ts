import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp, defineComponent, h, ref } from 'vue'
import { applyEvent, useLive, useLiveEvents, waitMs } from '../../../ui/composables/events'
import { resetVersions, switches, switchTo } from '../fixtures/versions'

/** The browser's own class is away in the small DOM: this one does what a test says. */
class Stream extends EventTarget {
  static all: Stream[] = []
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  closed = false
  constructor(readonly url: string) {
    super()
    Stream.all.push(this)
  }
  close() {
    this.closed = true
  }
  tell(event: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }))
  }
}

let queries: QueryClient
beforeEach(() => {
  vi.useFakeTimers()
  Stream.all = []
  vi.stubGlobal('EventSource', Stream)
  vi.stubGlobal('fetch', async () => Response.json({ active: null, previous: null, epoch: 0, changedAt: null }))
  queries = new QueryClient()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function start() {
  const wanted = ref(true)
  const pinia = createPinia()
  const root = defineComponent({
    setup() {
      useLiveEvents(() => wanted.value)
      return () => h('div')
    },
  })
  const app = createApp(root).use(pinia).use(VueQueryPlugin, { queryClient: queries })
  app.mount(document.createElement('div'))
  return { wanted, live: useLive(pinia), stop: () => app.unmount() }
}

describe('the stream', () => {
  test('is one, and says what it is', () => {
    const { live, stop } = start()
    expect(Stream.all.map(({ url }) => url)).toEqual(['/api/v1/events'])
    expect(live.status).toBe('connecting')
    Stream.all[0].onopen!()
    expect(live.status).toBe('live')
    stop()
    expect(Stream.all[0].closed).toBe(true)
  })
  test('closes when nobody is logged in any more, and stays closed', async () => {
    const { wanted, live, stop } = start()
    Stream.all[0].onopen!()
    wanted.value = false
    await vi.advanceTimersByTimeAsync(120_000)
    expect([Stream.all.length, Stream.all[0].closed, live.status]).toEqual([1, true, 'off'])
    stop()
  })
  test('that broke is opened again, later each time', async () => {
    const { live, stop } = start()
    Stream.all[0].onerror!()
    expect(live.status).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1_300)
    expect(Stream.all).toHaveLength(2)
    Stream.all[1].onerror!()
    await vi.advanceTimersByTimeAsync(1_300)
    expect(Stream.all).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1_300)
    expect(Stream.all).toHaveLength(3)
    stop()
  })
  test('that comes back makes stale what may have changed meanwhile', async () => {
    const { stop } = start()
    Stream.all[0].onopen!()
    queries.setQueryData(['switches'], { intents: [] })
    Stream.all[0].onerror!()
    await vi.advanceTimersByTimeAsync(1_300)
    Stream.all[1].onopen!()
    expect(queries.getQueryState(['switches'])!.isInvalidated).toBe(true)
    stop()
  })
  test('waits at most half a minute or so', () => {
    expect(waitMs(0, 0.5)).toBe(1_000)
    expect(waitMs(3, 0.5)).toBe(8_000)
    expect(waitMs(40, 0.5)).toBe(30_000)
    expect(waitMs(40, 1)).toBeLessThanOrEqual(37_500)
  })
})

describe('an event', () => {
  test('of another version is known to the chip at once', () => {
    queries.setQueryData(['ready'], { ready: true, reason: null, version: '2026.01.01_1', epoch: 3 })
    const { stop } = start()
    Stream.all[0].tell('model', { active: '2026.02.01_1', previous: '2026.01.01_1', epoch: 4, changedAt: null })
    expect(queries.getQueryData(['ready'])).toMatchObject({ version: '2026.02.01_1', epoch: 4 })
    stop()
  })
  test('of a switch takes the place of the one with its number, or comes first', () => {
    resetVersions()
    const known = switches()
    queries.setQueryData(['switches'], { intents: known })
    const fresh = switchTo('2026.11.20_1', 'activate', '')
    applyEvent(queries, 'activation', fresh)
    applyEvent(queries, 'activation', { ...fresh, status: 'settled', endedAt: fresh.startedAt })
    const after = queries.getQueryData<{ intents: typeof known }>(['switches'])!.intents
    expect(after.map(({ id, status }) => [id, status])).toEqual([
      [fresh.id, 'settled'],
      [known[0].id, 'failed'],
    ])
  })
  test('of the configuration makes it stale', () => {
    queries.setQueryData(['config', 'current'], {})
    applyEvent(queries, 'config', { revision: 5 })
    expect(queries.getQueryState(['config', 'current'])!.isInvalidated).toBe(true)
  })
})
