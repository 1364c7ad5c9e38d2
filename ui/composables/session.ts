/** Who is logged in, in this page. The server judges every call by itself; this decides only what is shown. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Me } from '../../server/contract/account'
import { accountApi } from './account-api'
import { toProblem } from './api-problem'

/** unknown: the server was not asked or could not say. */
export type SessionState = 'unknown' | 'in' | 'out'

export const useSession = defineStore('session', () => {
  const me = shallowRef<Me | null>(null)
  const state = ref<SessionState>('unknown')
  /** Nobody is an admin yet; asked only while nobody is logged in. */
  const setupOpen = ref(false)
  /** The session ended under the page: the login stands over it. */
  const ended = ref(false)
  let answer: ((back: boolean) => void) | null = null

  function become(person: Me | null): void {
    me.value = person
    state.value = person === null ? 'out' : 'in'
    if (person !== null) setupOpen.value = false
  }
  /** Asks the server who this is. Away or failing, it stays unknown and the pages say what is wrong. */
  async function load(): Promise<void> {
    try {
      become(await accountApi.me())
    } catch (error) {
      if (toProblem(error).code !== 'not_authenticated') return
      become(null)
      setupOpen.value = await accountApi.setupState().then(
        ({ open }) => open,
        () => false,
      )
    }
  }
  /** True when the same person logged in again; at once false where nobody was logged in. */
  function askAgain(): Promise<boolean> {
    if (me.value === null) return Promise.resolve(false)
    ended.value = true
    return new Promise((resolve) => {
      answer = resolve
    })
  }
  /** Ends the wait: what waited goes on, or fails. */
  function settle(back: boolean): void {
    ended.value = false
    answer?.(back)
    answer = null
  }
  /** After a login over the page, here or in another tab. Another person starts anew: nothing of the first one's page stays. */
  async function comeBack(person?: Me): Promise<void> {
    const before = me.value?.id
    const now = person ?? (await accountApi.me().catch(() => null))
    if (now === null) return
    if (now.id !== before || now.mustChangePassword) return location.assign('/')
    become(now)
    settle(true)
  }
  const isAdmin = computed(() => me.value?.role === 'admin')
  return { me, state, setupOpen, ended, isAdmin, become, load, askAgain, comeBack, settle }
})
