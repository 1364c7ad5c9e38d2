/** Texts of a page come with the page: the first load has a budget. */
import { useI18n } from 'vue-i18n'
import type { ProblemCode } from '../../server/contract/problem'
import type { Locale, Messages } from '../i18n'

/** Adds the texts below `part` in both languages. Called before anything of the page is drawn. */
export function useTexts<Part extends keyof Messages>(part: Part, texts: Record<Locale, Messages[Part]>): void {
  const { mergeLocaleMessage } = useI18n({ useScope: 'global' })
  for (const [locale, words] of Object.entries(texts)) mergeLocaleMessage(locale, { [part]: words })
}

/** Words for problems that only some pages meet, and for what the server says of them. */
export function useProblemTexts(
  texts: Record<Locale, Partial<Record<ProblemCode, string>>>,
  sentences: Record<Locale, Readonly<Record<string, string>>> | null = null,
): void {
  const { mergeLocaleMessage } = useI18n({ useScope: 'global' })
  for (const [locale, code] of Object.entries(texts)) mergeLocaleMessage(locale, { problem: { code } })
  for (const [locale, sentence] of Object.entries(sentences ?? {})) mergeLocaleMessage(locale, { problem: { sentence } })
}
