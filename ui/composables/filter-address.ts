/** The filter stands in the address of the page, so a link and a reload bring it back. */
import { type Ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { addressWithFilter, type Filter, filterOfAddress, isFiltered } from './filter'

const isSame = (a: Filter, b: Filter): boolean => JSON.stringify(a) === JSON.stringify(b)

/** An address that names conditions decides; one that names none (a link to an item) keeps those that stand. `path`: of the page. */
export function useFilterAddress(filter: Ref<Filter>, path: string): void {
  const route = useRoute()
  const router = useRouter()
  const tell = () => {
    if (route.path !== path || isSame(filterOfAddress(route.query), filter.value)) return
    router.replace({ query: addressWithFilter(route.query, filter.value), hash: route.hash })
  }
  watch(
    () => route.query,
    (address) => {
      if (route.path !== path) return
      const named = filterOfAddress(address)
      if (isFiltered(named) && !isSame(named, filter.value)) filter.value = named
      else tell()
    },
    { immediate: true },
  )
  watch(filter, tell)
}
