/** What a person chose for this browser: kept in local storage, and nothing else is. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { type TimeUnit, timeUnits } from './time-unit'

const read = (key: string): string | null => localStorage.getItem(`routewright.${key}`)

/** The rail is open where it leaves room for three panes. */
const RAIL_ROOM_PX = 1680

export const usePreferences = defineStore('preferences', () => {
  const storedUnit = read('unit')
  const unit = ref<TimeUnit>(timeUnits.find((known) => known === storedUnit) ?? 'min')
  const railOpen = ref(read('rail') ? read('rail') === 'open' : window.innerWidth >= RAIL_ROOM_PX)
  watch(unit, (chosen) => localStorage.setItem('routewright.unit', chosen))
  watch(railOpen, (open) => localStorage.setItem('routewright.rail', open ? 'open' : 'closed'))
  return { unit, railOpen }
})
