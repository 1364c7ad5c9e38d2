/** How many people wait for approval. Events make it anew at once; without them it is asked now and then. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { peopleApi } from './people-api'
import { useSession } from './session'

const POLL_MS = 20_000

/** 0 for those who may not know. */
export function usePending() {
  const session = useSession()
  const people = useQuery({
    queryKey: ['accounts', 'pending'],
    queryFn: ({ signal }) => peopleApi.list({ status: 'pending', limit: 1 }, signal),
    enabled: () => session.isAdmin,
    refetchInterval: POLL_MS,
  })
  return computed(() => (session.isAdmin ? (people.data.value?.pending ?? 0) : 0))
}
