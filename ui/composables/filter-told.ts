/** What is known of the filter: how many items it leaves, and what the server refused of it. */
import type { UseQueryReturnType } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import type { Similar, SimilarRequest } from '../../server/contract/predict'
import { toProblem } from './api'
import { refusedConditions, requestedFilter } from './filter'
import { useQueryStore } from './query'

export interface FilterTold {
  /** Items that meet every condition; null while nobody has asked. */
  allowed: number | null
  counting: boolean
  /** Conditions that the server refused; null where it refused none. */
  refused: string[] | null
}

/** @param request what was asked last of `live`, the similar items of what stands in the fields */
export function useFilterTold(request: Ref<SimilarRequest | null>, live: UseQueryReturnType<Similar, Error>): Ref<FilterTold> {
  const query = useQueryStore()
  const nothing: FilterTold = { allowed: null, counting: false, refused: null }
  return computed(() => {
    if (query.question === null || request.value === null) return nothing
    if (JSON.stringify(request.value.filter) !== JSON.stringify(requestedFilter(query.filter))) return { ...nothing, counting: true }
    if (live.error.value) return { ...nothing, refused: refusedConditions(toProblem(live.error.value), query.filter) }
    if (live.data.value === undefined || live.isPlaceholderData.value) return { ...nothing, counting: live.isFetching.value }
    return { ...nothing, allowed: live.data.value.allowedItems }
  })
}
