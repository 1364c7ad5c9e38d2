/** A value that follows another one only after it has been still, and never in the middle of a syllable. */
import { onScopeDispose, type Ref, type ShallowRef, shallowRef, watch } from 'vue'

/** Follows `source` after `ms` of quiet. While `held` is true (an IME is composing) it waits for the end of the composition. */
export function useSettled<T>(source: () => T, { ms = 250, held }: { ms?: number; held: Ref<boolean> }): Readonly<ShallowRef<T>> {
  const settled = shallowRef(source())
  let timer: ReturnType<typeof setTimeout> | undefined
  watch([source, held], ([value, isHeld]) => {
    clearTimeout(timer)
    if (isHeld) return
    timer = setTimeout(() => {
      settled.value = value
    }, ms)
  })
  onScopeDispose(() => clearTimeout(timer))
  return settled
}
