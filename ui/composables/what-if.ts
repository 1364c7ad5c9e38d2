/** What would change the answer: looked for on demand, for the question that was answered last. */
import { useQuery } from '@tanstack/vue-query'
import { computed, shallowRef, watch } from 'vue'
import type { CounterfactualRequest } from '../../server/contract/counterfactual'
import type { Attributes, PredictRequest } from '../../server/contract/predict'
import { api } from './api'

/** The same question, searched the same way; how it is composed and timed has no part in it. Pure. */
export function whatIfRequest({
  item,
  attributes,
  topK,
  efSearch,
  recall,
  without,
  filter,
  weights,
}: PredictRequest): CounterfactualRequest {
  return { item, attributes, topK, efSearch, recall, without, filter, weights }
}

export function useWhatIf(answered: () => PredictRequest) {
  const request = computed(() => JSON.stringify(whatIfRequest(answered())))
  /** The question that was asked for: another one closes the panel until it is asked for again. */
  const asked = shallowRef<string | null>(null)
  const change = shallowRef<Attributes | null>(null)
  watch(request, () => {
    change.value = null
  })

  const search = useQuery({
    queryKey: computed(() => ['what-if', request.value]),
    queryFn: ({ signal }) => api.whatIf(JSON.parse(request.value), signal),
    enabled: computed(() => asked.value === request.value),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const own = useQuery({
    queryKey: computed(() => ['what-if', request.value, change.value]),
    queryFn: ({ signal }) => api.whatIf({ ...JSON.parse(request.value), change: change.value! }, signal),
    enabled: computed(() => change.value !== null),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return {
    search,
    own,
    change,
    isAsked: computed(() => asked.value === request.value),
    ask: () => {
      asked.value = request.value
    },
  }
}
