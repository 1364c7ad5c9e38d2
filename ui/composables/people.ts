/** People as an admin works with them: lists that stay true, and decisions that renew them. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import type { Account } from '../../server/contract/account'
import { people as en } from '../messages/people-en'
import { people as ko } from '../messages/people-ko'
import { useAct } from './act'
import { type PeopleQuery, peopleApi } from './people-api'
import { useProblemTexts, useTexts } from './texts'

export function usePeopleTexts(): void {
  useTexts('people', { en, ko })
  useProblemTexts({ en: en.problem, ko: ko.problem })
}

/** How a person is called on the screen. */
export const nameOf = ({ name, login }: Pick<Account, 'name' | 'login'>): string => name || login

/** While no event tells of somebody new. */
const POLL_MS = 10_000

export const usePeople = (query: () => PeopleQuery) =>
  useQuery({
    queryKey: computed(() => ['accounts', 'list', query()]),
    queryFn: ({ signal }) => peopleApi.list(query(), signal),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  })

export const usePersonSessions = (id: () => number) =>
  useQuery({ queryKey: computed(() => ['accounts', 'sessions', id()]), queryFn: ({ signal }) => peopleApi.sessions(id(), signal) })

/** An act on a person; afterwards, also when it was refused, every list is asked for again: somebody else may have been first. */
export function usePeopleAct() {
  const queries = useQueryClient()
  const { busy, problem, act } = useAct()
  return {
    busy,
    problem,
    /** `done` is called before the lists are renewed: afterwards whoever acted may be gone from the page. */
    act: async <T>(run: () => Promise<T>, done: (answer: T) => void = () => {}): Promise<void> => {
      const came = await act(run)
      if (came) done(came.answer)
      await queries.invalidateQueries({ queryKey: ['accounts'] })
    },
  }
}
