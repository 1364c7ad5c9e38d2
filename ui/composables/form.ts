/** The form of the active version: labels, kinds, values. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Form, FormField } from '../../server/contract/item'
import { api } from './api'

export function useForm() {
  return useQuery({ queryKey: ['form'], queryFn: ({ signal }) => api.form(signal), staleTime: 60_000 })
}

/** Attributes that are shown before the fold, when a mapping names no more as required. */
const FIELDS_SHOWN = 8
/** An attribute that fewer items carry is seldom known of a new one either: it waits below the fold, whatever its weight. */
const FILLED_SHOWN_MIN = 0.05

const rank = (field: FormField): number => (field.required ? 2 : field.filled >= FILLED_SHOWN_MIN ? 1 : 0)

/** Required first, then by weight, rarely filled ones last; what follows the fold is `more`. The order of the mapping breaks ties. */
export function orderFields(form: Form): { first: FormField[]; more: FormField[] } {
  const companions = new Set(form.fields.map((field) => field.unitAttribute))
  const ordered = form.fields
    .map((field, at) => ({ field, at }))
    // A unit stands beside its number, not on a line of its own.
    .filter(({ field }) => !companions.has(field.name))
    .sort((a, b) => rank(b.field) - rank(a.field) || b.field.weight - a.field.weight || a.at - b.at)
    .map(({ field }) => field)
  const required = ordered.filter((field) => field.required).length
  const shown = Math.max(required, Math.min(FIELDS_SHOWN, ordered.length))
  return { first: ordered.slice(0, shown), more: ordered.slice(shown) }
}

const unitFamilies = [
  ['mm', 'cm', 'm', 'inch'],
  ['kg', 'g', 'lb'],
]

/** The field for a number's unit: the mapping's own attribute, or the units of the same kind where the form does not list it. */
export function unitFieldOf(field: FormField, byName: ReadonlyMap<string, FormField>): FormField | null {
  if (field.unitAttribute === null) return null
  const known = byName.get(field.unitAttribute)
  if (known) return known
  const units = unitFamilies.find((family) => field.unit !== null && family.includes(field.unit)) ?? []
  return {
    ...field,
    name: field.unitAttribute,
    kind: 'category',
    unitAttribute: null,
    quantiles: null,
    values: units.map((value) => ({ value, count: 0 })),
  }
}

/** Attribute name → label in the language of the screen; the name itself when the form does not know it. */
export function useLabels() {
  // Reads what a page has fetched: a component that only names things never asks, least of all after a problem.
  const { data } = useQuery({ queryKey: ['form'], queryFn: ({ signal }) => api.form(signal), enabled: false })
  const { locale } = useI18n()
  const labels = computed(
    () => new Map(data.value?.fields.map((field) => [field.name, field.label[locale.value as 'ko' | 'en'] || field.name])),
  )
  return (attribute: string): string => labels.value.get(attribute) ?? attribute
}
