/** Logging out: the server ends the session, and nothing of it stays in this page. */
import { useQueryClient } from '@tanstack/vue-query'
import { ref, shallowRef } from 'vue'
import { useRouter } from 'vue-router'
import { accountApi } from './account-api'
import { type ApiProblem, toProblem } from './api-problem'
import { useSession } from './session'
import { tellTabs } from './session-tabs'

export function useLeave() {
  const session = useSession()
  const queries = useQueryClient()
  const router = useRouter()
  const leaving = ref(false)
  const problem = shallowRef<ApiProblem | null>(null)

  async function leave(): Promise<void> {
    leaving.value = true
    problem.value = null
    try {
      await accountApi.logout()
    } catch (error) {
      // Already out is out. Where the server does not answer the session goes on.
      const refused = toProblem(error)
      if (refused.code !== 'not_authenticated') {
        problem.value = refused
        return
      }
    } finally {
      leaving.value = false
    }
    session.become(null)
    tellTabs('out')
    await router.push('/login')
    queries.clear()
  }
  return { leave, leaving, problem }
}
