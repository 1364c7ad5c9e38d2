/** The texts of a page that come with the page: the first load has a budget. */
import { useI18n } from 'vue-i18n'
import type { Locale } from '../i18n'

/** Called by the page before anything of it is drawn. The tree is merged into what is there, so a page may bring words for problems of its own. */
export function usePageTexts(texts: Record<Locale, object>): void {
  const { mergeLocaleMessage } = useI18n({ useScope: 'global' })
  for (const [locale, tree] of Object.entries(texts)) mergeLocaleMessage(locale, tree)
}
