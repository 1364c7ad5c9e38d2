/** Versions, switches and workers, and the acts on them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import type { ActivateRequest, ActivationIntent } from '../../server/contract/activation'
import type { Activation, ModelList, ModelVersion } from '../../server/contract/version'
import { models as en } from '../messages/models-en'
import { models as ko } from '../messages/models-ko'
import { operatorProblems, operatorSentences } from '../messages/operator-problems'
import { useLive } from './events'
import { opsApi } from './ops-api'
import { useProblemTexts, useTexts } from './texts'

export function useModelTexts(): void {
  useTexts('models', { en, ko })
  useProblemTexts(operatorProblems, operatorSentences)
}

const WORKERS_MS = 5_000
/** While a switch goes on and no event tells of it. */
const SWITCH_POLL_MS = 500
const QUIET_POLL_MS = 10_000

export const isOpen = ({ endedAt }: ActivationIntent) => endedAt === null

export const useModels = () => useQuery({ queryKey: ['models'], queryFn: ({ signal }) => opsApi.models(signal) })

/** @param acting somebody here has just asked for a switch */
export function useSwitches(acting: Ref<boolean>) {
  const live = useLive()
  return useQuery({
    queryKey: ['switches'],
    queryFn: ({ signal }) => opsApi.switches(signal),
    refetchInterval: (query) => {
      if (live.status === 'live') return acting.value ? 2_000 : 30_000
      return acting.value || query.state.data?.intents.some(isOpen) ? SWITCH_POLL_MS : QUIET_POLL_MS
    },
  })
}

export const useWorkers = () =>
  useQuery({ queryKey: ['workers'], queryFn: ({ signal }) => opsApi.workers(signal), refetchInterval: WORKERS_MS })

/** Null versions are not compared. */
export const useComparison = (a: Ref<string | null>, b: Ref<string | null>) =>
  useQuery({
    queryKey: computed(() => ['compare', a.value, b.value]),
    queryFn: ({ signal }) => opsApi.compare(a.value!, b.value!, signal),
    enabled: computed(() => a.value !== null && b.value !== null && a.value !== b.value),
    staleTime: Number.POSITIVE_INFINITY,
  })

export function useModelActs() {
  const queries = useQueryClient()
  const settle = () => {
    for (const key of ['models', 'switches', 'workers', 'ready']) void queries.invalidateQueries({ queryKey: [key] })
  }
  const activate = useMutation({
    mutationFn: ({ version, ...body }: ActivateRequest & { version: string }) => opsApi.activate(version, body),
    onSettled: settle,
  })
  const rollback = useMutation({ mutationFn: (body: { why: string; ifEpoch: number }) => opsApi.rollback(body), onSettled: settle })
  const remove = useMutation({ mutationFn: (version: string) => opsApi.removeVersion(version), onSettled: settle })
  const setNotes = useMutation({
    mutationFn: ({ version, notes }: { version: string; notes: string }) => opsApi.setNotes(version, notes),
    onSuccess: (changed: ModelVersion) =>
      queries.setQueryData<ModelList>(
        ['models'],
        (known) => known && { ...known, versions: known.versions.map((each) => (each.version === changed.version ? changed : each)) },
      ),
  })
  return { activate, rollback, remove, setNotes }
}

/** A stretch of time in which one version served. */
export interface Reign {
  version: string
  from: number
  /** Null: still. */
  to: number | null
  act: Activation
}

/** The ledger as stretches, the oldest first. Pure. */
export function reignsOf(ledger: readonly Activation[]): Reign[] {
  const ordered = [...ledger].sort((a, b) => a.epoch - b.epoch)
  return ordered.map((act, index) => ({
    version: act.to,
    from: Date.parse(act.at),
    to: index + 1 < ordered.length ? Date.parse(ordered[index + 1].at) : null,
    act,
  }))
}

/** What of the stretches falls into a window. Pure. */
export const reignsWithin = (reigns: readonly Reign[], from: number, to: number): Reign[] =>
  reigns.filter((reign) => (reign.to ?? to) > from && reign.from < to)
