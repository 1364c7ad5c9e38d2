/** Which past items may be neighbours: conditions on categories, kept in the address of the page. Pure but for the last function. */
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Form } from '../../server/contract/item'
import type { ItemFilter } from '../../server/contract/item-filter'
import { limits } from '../../server/contract/limits'
import type { ApiProblem } from './api-problem'

/** Category of the mapping, or `family` → the values of which one must hold; '' is an item without a value. Never an empty list. */
export type Filter = Readonly<Record<string, readonly string[]>>

/** What a condition can be about. */
export interface FilterField {
  name: string
  label: string
  /** Most frequent first, with the number of items in the plant. */
  values: readonly { value: string; count: number }[]
  /** The server lists the most frequent values only, and this category has more. */
  more: boolean
}

/** The server lists at most so many values of a category. */
const VALUES_LISTED_MAX = 50
const FAMILY = 'family'

/** Families first, then the categories of the form with an entry for items without a value. */
export function filterFields(form: Form, { locale, family }: { locale: 'ko' | 'en'; family: string }): FilterField[] {
  const categories = form.fields
    .filter(({ kind, values }) => kind === 'category' && values.length > 0)
    .map(({ name, label, values, filled }) => {
      const without = Math.round((1 - filled) * form.items)
      const more = values.length >= VALUES_LISTED_MAX
      return { name, label: label[locale] || name, values: without > 0 ? [...values, { value: '', count: without }] : values, more }
    })
  const { families = [] } = form
  if (families.length === 0 || categories.some(({ name }) => name === FAMILY)) return categories
  return [{ name: FAMILY, label: family, values: families, more: families.length >= VALUES_LISTED_MAX }, ...categories]
}

/** The filter with other values for one category; without any the condition goes. */
export function withValues(filter: Filter, name: string, values: readonly string[]): Filter {
  const { [name]: _, ...others } = filter
  const kept = [...new Set(values)].slice(0, limits.filterValuesMax)
  // in its place: a condition does not jump when a value is added
  if (kept.length > 0 && name in filter) return { ...filter, [name]: kept }
  return kept.length > 0 ? { ...others, [name]: kept } : others
}

export const isFiltered = (filter: Filter): boolean => Object.keys(filter).length > 0

/** As a request says it; undefined without a condition. One value stands by itself. */
export function requestedFilter(filter: Filter): ItemFilter | undefined {
  if (!isFiltered(filter)) return undefined
  return Object.fromEntries(Object.entries(filter).map(([name, values]) => [name, values.length === 1 ? values[0] : [...values]]))
}

const PREFIX = 'filter.'
/** Servers and proxies refuse addresses from some 8,000 characters on. */
const ADDRESS_CHARACTERS_MAX = 4_000
type Address = Readonly<Record<string, string | null | (string | null)[] | undefined>>

/** One value as it is, several as a JSON list: the server refuses an address that names a key twice. */
const valuesText = (values: readonly string[]): string =>
  values.length === 1 && !values[0].startsWith('[') ? values[0] : JSON.stringify(values)

function textValues(text: string): string[] {
  if (!text.startsWith('[')) return [text]
  try {
    const read: unknown = JSON.parse(text)
    if (Array.isArray(read) && read.length > 0 && read.every((value) => typeof value === 'string')) return read
  } catch {
    // a value that begins like a list and is none
  }
  return [text]
}

/** `filter.PLANT=2&filter.family=["Shaft","Disc"]` of an address. What is beyond the contract's bounds is left out. */
export function filterOfAddress(address: Address): Filter {
  const named = Object.entries(address).filter(([key]) => key.startsWith(PREFIX) && key.length > PREFIX.length)
  const read = named.map(([key, value]) => {
    const texts = textValues([value].flat()[0] ?? '').map((text) => text.slice(0, limits.filterValueCharactersMax))
    return [key.slice(PREFIX.length), [...new Set(texts)].slice(0, limits.filterValuesMax)] as const
  })
  return Object.fromEntries(read.slice(0, limits.filterAttributesMax))
}

/** The address with this filter in place of the one that it has. A filter that is too long for an address is not told there. */
export function addressWithFilter(address: Address, filter: Filter): Record<string, string | null | (string | null)[]> {
  const rest = Object.entries(address).filter((part): part is [string, string | null | (string | null)[]] => {
    const [key, value] = part
    return !key.startsWith(PREFIX) && value !== undefined
  })
  const told = Object.entries(filter).map(([name, values]) => [`${PREFIX}${name}`, valuesText(values)] as const)
  const isShort = encodeURIComponent(told.flat().join()).length <= ADDRESS_CHARACTERS_MAX
  return Object.fromEntries([...rest, ...(isShort ? told : [])])
}

/** The conditions that the server refused; null where the problem is none of the filter. Names with rare signs come back changed. */
export function refusedConditions(problem: ApiProblem | null, filter: Filter): string[] | null {
  const places = (problem?.details ?? []).filter(({ path }) => path.startsWith('/filter'))
  if (places.length === 0) return null
  const plain = (name: string) => name.replace(/[^\p{L}\p{N} _.:#-]/gu, '?').slice(0, limits.nameCharactersMax)
  return Object.keys(filter).filter((name) => places.some(({ path }) => path === `/filter/${plain(name)}`))
}

/** Items that meet it, by the counts of the plant; null where they do not say: several conditions, or a value that is not listed. */
export function countedItems(filter: Filter, fields: readonly FilterField[]): number | null {
  const conditions = Object.entries(filter)
  if (conditions.length !== 1) return null
  const [[name, values]] = conditions
  const counts = new Map(fields.find((field) => field.name === name)?.values.map(({ value, count }) => [value, count]))
  return values.every((value) => counts.has(value)) ? values.reduce((sum, value) => sum + counts.get(value)!, 0) : null
}

/** How far a filter goes, once somebody has counted. `few`: fewer items than are asked for as neighbours. */
export type FilterReach = 'empty' | 'few' | 'enough'
export function filterReach(allowed: number, { topK }: { topK: number }): FilterReach {
  if (allowed === 0) return 'empty'
  return allowed < topK ? 'few' : 'enough'
}

/** The fields of the form in the language of the screen. */
export function useFilterFields(form: () => Form | undefined): Ref<FilterField[]> {
  const { t, locale } = useI18n()
  return computed(() => {
    const known = form()
    return known ? filterFields(known, { locale: locale.value as 'ko' | 'en', family: t('item.family') }) : []
  })
}
