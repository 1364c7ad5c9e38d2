/** The last prediction asked for, and the similar items of what stands in the fields now. */
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, type Ref, toRef } from 'vue'
import type { SimilarRequest } from '../../server/contract/predict'
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

/** What stands in the fields as a request, after a moment of quiet. `known`: item codes that exist for certain; one that is still typed is not asked about. */
export function useLiveRequest(known: () => boolean) {
  const query = useQueryStore()
  const keyboard = useKeyboard()
  const current = computed(() => {
    if (query.question === null || (query.mode === 'item' && !known())) return null
    return similarRequest(query.question, query.options, { without: query.without, filter: query.filter })
  })
  const settled = useSettled(() => JSON.stringify(current.value), { held: toRef(keyboard, 'composing') })
  return computed(() => JSON.parse(settled.value) as typeof current.value)
}

export function useLiveSimilar(request: Ref<SimilarRequest | null>) {
  return useQuery({
    queryKey: computed(() => ['similar', request.value]),
    queryFn: ({ signal }) => api.similar(request.value!, signal),
    enabled: computed(() => request.value !== null),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
}

/** @param enabled asked for only while the groups are looked at */
export function useGroups(request: Ref<SimilarRequest | null>, enabled: () => boolean) {
  return useQuery({
    queryKey: computed(() => ['groups', request.value]),
    queryFn: ({ signal }) => api.groups(request.value!, signal),
    enabled: computed(() => request.value !== null && enabled()),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
}
