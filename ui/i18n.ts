/** Korean and English. Korean unless the browser's first known language is English or the person chose. */
import { createI18n } from 'vue-i18n'
import type { audit } from './messages/audit-en'
import type { config } from './messages/config-en'
import type { door } from './messages/door-en'
import { en } from './messages/en'
import type { keys } from './messages/keys-en'
import { ko } from './messages/ko'
import type { models } from './messages/models-en'
import type { ops } from './messages/ops-en'
import type { people } from './messages/people-en'
import type { quality } from './messages/quality-en'

export const locales = ['ko', 'en'] as const
export type Locale = (typeof locales)[number]
/** What every page needs. */
export type FirstMessages = typeof en
/** With what pages bring along that are loaded when someone goes there. */
export type Messages = FirstMessages & {
  quality: typeof quality
  door: typeof door
  people: typeof people
  keys: typeof keys
  models: typeof models
  config: typeof config
  ops: typeof ops
  audit: typeof audit
}

declare module 'vue-i18n' {
  export interface DefineLocaleMessage extends Messages {}
}

const STORAGE_KEY = 'routewright.locale'

const isLocale = (text: string | null | undefined): text is Locale => locales.includes(text as Locale)

export function firstLocale(stored: string | null, languages: readonly string[]): Locale {
  if (isLocale(stored)) return stored
  return languages.map((language) => language.slice(0, 2)).find(isLocale) ?? 'ko'
}

export function rememberLocale(locale: Locale): void {
  localStorage.setItem(STORAGE_KEY, locale)
  document.documentElement.lang = locale
}

export function createMessages() {
  const locale = firstLocale(localStorage.getItem(STORAGE_KEY), navigator.languages)
  document.documentElement.lang = locale
  return createI18n<[FirstMessages], Locale, false>({ legacy: false, locale, fallbackLocale: 'en', messages: { ko, en } })
}
