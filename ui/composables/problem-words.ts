/** What a problem is in the person's language; the server's English sentence where there are no words of our own. */
import { useI18n } from 'vue-i18n'
import type { ApiProblem } from './api-problem'

export function useProblemWords() {
  const { t, te } = useI18n()
  return (problem: ApiProblem): string => (te(`problem.code.${problem.code}`) ? t(`problem.code.${problem.code}`) : problem.message)
}
