/** The quality of the active version, and what its names are in words. */
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { quality as en } from '../messages/quality-en'
import { quality as ko } from '../messages/quality-ko'
import { api } from './api'
import { useModelVersion } from './status'
import { useTexts } from './texts'

/** Called before anything of the page is drawn. */
export const useQualityTexts = () => useTexts('quality', { en, ko })

const HOURS_A_DAY = 24
const ADOPTION_DAYS = 30

export function useQuality() {
  const { version, loading } = useModelVersion()
  const quality = useQuery({
    queryKey: computed(() => ['quality', version.value]),
    queryFn: ({ signal }) => api.quality(version.value!, signal),
    enabled: computed(() => version.value !== null),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return { version, loading, quality }
}

/** @param enabled asked for only while it is looked at */
export const useDrift = (days: Ref<number>, enabled: () => boolean) =>
  useQuery({
    queryKey: computed(() => ['drift', days.value]),
    queryFn: ({ signal }) => api.drift(days.value * HOURS_A_DAY, signal),
    enabled: computed(enabled),
  })

export const useAdoption = (enabled: () => boolean) =>
  useQuery({ queryKey: ['adoption'], queryFn: ({ signal }) => api.adoption(ADOPTION_DAYS, signal), enabled: computed(enabled) })

type Words = [key: string, values: Record<string, string>]
/** One part of a protocol's name, which the server puts together as `item, 30 % blanked, one unseen value`. */
const parts: [RegExp, (found: RegExpExecArray) => Words][] = [
  [/^item$/, () => ['item', {}]],
  [/^family$/, () => ['family', {}]],
  [/^blanked$/, () => ['blanked', {}]],
  [/^(\d+) % blanked$/, ([, n]) => ['blankedBy', { n }]],
  [/^under (\d+) %$/, ([, n]) => ['under', { n }]],
  [/^over (\d+) %$/, ([, n]) => ['over', { n }]],
  [/^(\d+) to (\d+) %$/, ([, from, to]) => ['between', { from, to }]],
  [/^one unseen value$/, () => ['unseen', {}]],
]
const baselines: Record<string, string> = {
  'most frequent': 'frequent',
  'most frequent by best single attribute': 'attribute',
  "nearest neighbours' copies": 'copies',
}

/** Message keys of a protocol's name; another part is the name of a column that was held out. Pure. */
export function protocolWords(name: string): Words[] {
  const found = name.split(', ').map((part): Words => {
    for (const [pattern, words] of parts) {
      const match = pattern.exec(part)
      if (match) return words(match)
    }
    return ['column', { name: part }]
  })
  // "As it is" says nothing beside what was taken away.
  return found.length > 1 ? found.filter(([key]) => key !== 'item') : found
}

export function useQualityNames() {
  const { t } = useI18n()
  return {
    protocol: (name: string) =>
      protocolWords(name)
        .map(([key, values]) => t(`quality.protocols.${key}`, values))
        .join(', '),
    baseline: (name: string) => (baselines[name] ? t(`quality.baselines.${baselines[name]}`) : name),
  }
}
