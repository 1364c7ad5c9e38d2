/** Asks every two seconds whether the one who registered in this browser is let in; less often while the server is away. */
import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Waiting } from '../../server/contract/account'
import { accountApi } from './account-api'

const POLL_MS = 2_000
const LONGEST_MS = 30_000

/** After so many failures in a row. Pure. */
export const pollMs = (failures: number): number => Math.min(LONGEST_MS, POLL_MS * 2 ** Math.min(failures, 10))

export function useWaiting() {
  const waiting = shallowRef<Waiting | null>(null)
  const away = ref(false)
  const stop = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  async function ask(): Promise<void> {
    clearTimeout(timer)
    try {
      waiting.value = await accountApi.waiting(stop.signal)
      failures = 0
    } catch {
      failures++
    }
    if (stop.signal.aborted) return
    away.value = failures > 0
    // What is decided stays decided.
    if (failures > 0 || waiting.value?.status === 'pending') timer = setTimeout(ask, pollMs(failures))
  }
  // A browser slows the timers of a page that nobody looks at: coming back asks at once.
  const seen = () => {
    if (document.visibilityState === 'visible' && waiting.value?.status === 'pending') void ask()
  }
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    stop.abort()
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  })
  void ask()
  return { waiting, away }
}
