/** One act of a person that the server may refuse: whether it is under way, and what came of it. */
import { ref, shallowRef } from 'vue'
import { type ApiProblem, toProblem } from './api-problem'

export function useAct() {
  const busy = ref(false)
  const problem = shallowRef<ApiProblem | null>(null)

  /** The answer; null when it was refused or another one is under way: then `problem` says why. */
  async function act<T>(run: () => Promise<T>): Promise<{ answer: T } | null> {
    if (busy.value) return null
    busy.value = true
    problem.value = null
    try {
      return { answer: await run() }
    } catch (error) {
      problem.value = toProblem(error)
      return null
    } finally {
      busy.value = false
    }
  }
  return { busy, problem, act }
}
