/** Whether the server answers and which version it serves: told by the live events, and asked every ten seconds where there are none. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose, ref, watch } from 'vue'
import { api, toProblem } from './api'
import { useLive } from './events'

const POLL_MS = 10_000
/** While events come the question is only whether they still do. */
const LIVE_POLL_MS = 30_000
/** For so long the chip says that the version was switched. */
const SWAPPED_MS = 12_000

export type Connection = 'loading' | 'ready' | 'not_ready' | 'offline'

function useReady() {
  const live = useLive()
  return useQuery({
    queryKey: ['ready'],
    queryFn: ({ signal }) => api.ready(signal),
    refetchInterval: () => (live.status === 'live' ? LIVE_POLL_MS : POLL_MS),
  })
}

export function useConnection() {
  const ready = useReady()
  return computed((): Connection => {
    if (ready.isPending.value) return 'loading'
    if (ready.error.value) return toProblem(ready.error.value).code === 'offline' ? 'offline' : 'not_ready'
    return ready.data.value?.ready ? 'ready' : 'not_ready'
  })
}

export function useModelVersion() {
  const queries = useQueryClient()
  const ready = useReady()
  const version = computed(() => ready.data.value?.version ?? null)
  const swapped = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(version, (now, before) => {
    if (now === before || now === null) return
    // The form and the items belong to a version; the first one may have come after the page.
    for (const key of ['form', 'items', 'item', 'similar', 'groups', 'what-if']) queries.invalidateQueries({ queryKey: [key] })
    if (before === null) return
    swapped.value = true
    clearTimeout(timer)
    timer = setTimeout(() => {
      swapped.value = false
    }, SWAPPED_MS)
  })
  onScopeDispose(() => clearTimeout(timer))
  return { version, swapped, loading: ready.isPending }
}
