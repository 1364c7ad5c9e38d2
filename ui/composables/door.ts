/** What the pages before the login share: their texts, what a refused form says where, and the way in. */
import { useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import type { Me } from '../../server/contract/account'
import { door as en } from '../messages/door-en'
import { door as ko } from '../messages/door-ko'
import type { ApiProblem } from './api-problem'
import { safeNext } from './guard'
import { useSession } from './session'
import { tellTabs } from './session-tabs'
import { useTexts } from './texts'

export const useDoorTexts = () => useTexts('door', { en, ko })

/** The contract's pattern of a login, of which screens import no schemas. */
const loginPattern = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{2,63}$/u
/** Pure. */
export const isLogin = (text: string): boolean => loginPattern.test(text.trim())

/** The one-time token of `#token=…`, or of a bare fragment. Pure. */
export const tokenOf = (hash: string): string => hash.replace(/^#(token=)?/, '').trim()

/** What is said at the fields and what above the button: a problem stands in one place. */
export function useFieldProblems(problem: Ref<ApiProblem | null>) {
  const { t, te } = useI18n()
  const atPassword = computed(() => {
    if (problem.value?.code !== 'weak_password') return ''
    const key = `door.password.weak.${problem.value.details[0]?.message}`
    return te(key) ? t(key) : t('problem.code.weak_password')
  })
  const atLogin = computed(() => {
    if (problem.value?.code === 'account_conflict') return t('door.taken')
    return problem.value?.code === 'invalid_value' && problem.value.details.some(({ path }) => path === '/login') ? t('door.loginBad') : ''
  })
  const rest = computed(() => (atPassword.value || atLogin.value ? null : problem.value))
  return { atPassword, atLogin, rest }
}

/** In: everything that was asked as nobody is forgotten, the other tabs learn it, and the page that was wanted opens. */
export function useEnter() {
  const session = useSession()
  const queries = useQueryClient()
  const route = useRoute()
  const router = useRouter()
  return async (me: Me): Promise<void> => {
    session.become(me)
    tellTabs('in')
    queries.clear()
    await router.replace(safeNext(route.query.next))
  }
}
