/** The configuration that applies, one's own changes to it before they apply, and what others did meanwhile. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref, ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import type { CurrentConfig } from '../../server/contract/runtime-config'
import { config as en } from '../messages/config-en'
import { config as ko } from '../messages/config-ko'
import { operatorProblems, operatorSentences } from '../messages/operator-problems'
import { toProblem } from './api'
import { changesOf, type Edits, leavesOf, partsOf, patchOf, trimEdits, withEdits } from './config-draft'
import { useLabels } from './form'
import { opsApi } from './ops-api'
import { useServerWords } from './server-words'
import { useProblemTexts, useTexts } from './texts'

export function useConfigTexts(): void {
  useTexts('config', { en, ko })
  useProblemTexts(operatorProblems, operatorSentences)
}

export const useConfig = () => useQuery({ queryKey: ['config', 'current'], queryFn: ({ signal }) => opsApi.config(signal) })
export const usePresets = () => useQuery({ queryKey: ['config', 'presets'], queryFn: ({ signal }) => opsApi.presets(signal) })
export const useConfigHistory = (enabled: () => boolean) =>
  useQuery({ queryKey: ['config', 'history'], queryFn: ({ signal }) => opsApi.history(signal), enabled: computed(enabled) })
/** Null revisions are not compared. */
export const useConfigDiff = (from: Ref<number | null>, to: Ref<number | null>) =>
  useQuery({
    queryKey: computed(() => ['config', 'diff', from.value, to.value]),
    queryFn: ({ signal }) => opsApi.diff(from.value!, to.value!, signal),
    enabled: computed(() => from.value !== null && to.value !== null && from.value !== to.value),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** @param current what the server says applies; edits keep the revision that they began with until the person decides */
export function useConfigDraft(current: Ref<CurrentConfig | undefined>) {
  const queries = useQueryClient()
  const say = useServerWords()
  const base = shallowRef<CurrentConfig>()
  const edits = shallowRef<Edits>(new Map())
  const note = ref('')
  const changes = computed(() => (base.value ? changesOf(base.value.config, edits.value) : []))
  const leaves = computed(() => (base.value ? leavesOf(base.value.config) : new Map<string, unknown>()))
  watch(
    current,
    (now) => {
      if (now && (base.value === undefined || changes.value.length === 0)) rebase(now)
    },
    { immediate: true },
  )

  /** Puts the edits on top of another revision. */
  function rebase(onto: CurrentConfig): void {
    edits.value = trimEdits(onto.config, edits.value)
    base.value = onto
  }
  const valueAt = (path: string): unknown => (edits.value.has(path) ? edits.value.get(path) : leaves.value.get(path)) ?? null
  function set(path: string, value: unknown): void {
    apply.reset()
    const next = new Map(edits.value).set(path, value)
    edits.value = base.value ? trimEdits(base.value.config, next) : next
  }
  function undo(path: string): void {
    edits.value = new Map([...edits.value].filter(([place]) => place !== path))
  }
  function discard(): void {
    edits.value = new Map()
    note.value = ''
    apply.reset()
    if (current.value) base.value = current.value
  }
  const apply = useMutation({
    mutationFn: () => opsApi.patchConfig(patchOf(edits.value), { revision: base.value!.revision, note: note.value.trim() }),
    onSuccess: (applied) => {
      edits.value = new Map()
      note.value = ''
      base.value = applied
      queries.setQueryData(['config', 'current'], applied)
      void queries.invalidateQueries({ queryKey: ['config'] })
    },
    // Somebody else was first: the page learns at once what applies now.
    onError: (error) => toProblem(error).code === 'stale_revision' && queries.invalidateQueries({ queryKey: ['config'] }),
  })
  const problem = computed(() => (apply.error.value ? toProblem(apply.error.value) : null))
  /** Refused values: place → why. */
  const refused = computed(
    () => new Map(problem.value?.code === 'invalid_value' ? problem.value.details.map(({ path, message }) => [path, say(message)]) : []),
  )
  /** What applies by now, where the edits began with something older. */
  const overtaken = computed(() => {
    const [now, mine] = [current.value, base.value]
    return now && mine && changes.value.length > 0 && now.revision !== mine.revision ? now : null
  })
  const draft = computed(() => (base.value ? withEdits(base.value.config, edits.value) : undefined))
  return { base, note, changes, draft, valueAt, set, undo, discard, rebase, apply, problem, refused, overtaken }
}
export type ConfigDraft = ReturnType<typeof useConfigDraft>

/** The name of a place of the configuration, and its value, in words. */
export function useConfigWords() {
  const { t, te, n } = useI18n()
  const labelOf = useLabels()
  const name = (path: string): string => {
    const parts = partsOf(path)
    const last = parts.at(-1) ?? ''
    if (path.startsWith('/search/weights/')) return t('config.field.weight', { name: labelOf(last) })
    if (te(`config.field.${last}`)) return t(`config.field.${last}`)
    return path
  }
  const value = (path: string, given: unknown): string => {
    if (path === '/search/recall')
      return given == null ? t('config.recall.byEf') : n(Number(given), { style: 'percent', maximumFractionDigits: 2 })
    if (given === null || given === undefined) return t(path.startsWith('/search/weights/') ? 'config.changes.absent' : 'common.none')
    if (typeof given === 'number') return n(given, { maximumFractionDigits: 4 })
    const last = path.split('/').at(-1)
    const key = `options.${last}.${given}`
    return typeof given === 'string' && te(key) ? t(key) : String(given)
  }
  return { name, value }
}
