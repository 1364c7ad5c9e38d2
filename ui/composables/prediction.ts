/** The last prediction asked for, and the similar items of what stands in the fields now. */
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, toRef } from 'vue'
import { api } from './api'
import { useKeyboard } from './keyboard'
import { useQueryStore } from './query'
import { similarRequest } from './request'
import { useSettled } from './settled'

export function usePrediction() {
  const query = useQueryStore()
  return useQuery({
    queryKey: computed(() => ['predict', query.submitted]),
    queryFn: ({ signal }) => api.predict(query.submitted!, signal),
    enabled: computed(() => query.submitted !== null),
    // The last answer stands until the next one is there: most come within milliseconds.
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** `known`: item codes that exist for certain; a code that is still being typed is not asked about. */
export function useLiveSimilar(known: () => boolean) {
  const query = useQueryStore()
  const keyboard = useKeyboard()
  const current = computed(() => {
    if (query.question === null || (query.mode === 'item' && !known())) return null
    return similarRequest(query.question, query.options, query.without)
  })
  const settled = useSettled(() => JSON.stringify(current.value), { held: toRef(keyboard, 'composing') })
  const request = computed(() => JSON.parse(settled.value) as typeof current.value)
  return useQuery({
    queryKey: computed(() => ['similar', request.value]),
    queryFn: ({ signal }) => api.similar(request.value!, signal),
    enabled: computed(() => request.value !== null),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
}
