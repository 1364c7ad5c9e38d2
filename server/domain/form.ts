/** The form that asks for a new item, from the items that were seen. */
import type { FormField } from '../contract/item'
import type { TextView } from './knowledge'
import { type FeatureColumn, MISSING } from './plant'

const VALUES_MAX = 50

/** The most frequent of a column's texts with how many rows have them, equal counts in the order of their codes. */
export function frequentTexts({ codes, size, value }: TextView): { value: string; count: number }[] {
  const counts = new Uint32Array(size)
  for (const code of codes) counts[code]++
  const seen = Array.from(counts.keys()).filter((code) => counts[code] > 0 && value(code) !== '')
  seen.sort((a, b) => counts[b] - counts[a] || a - b)
  return seen.slice(0, VALUES_MAX).map((code) => ({ value: value(code), count: counts[code] }))
}

/** One field per attribute: required first, then by weight. */
export function formFields(features: FeatureColumn[], count: number): FormField[] {
  return features.map((feature) => formField(feature, count)).sort((a, b) => Number(b.required) - Number(a.required) || b.weight - a.weight)
}

function formField({ name, feature, column }: FeatureColumn, count: number): FormField {
  const common = {
    name,
    label: { ko: feature.label?.ko ?? name, en: feature.label?.en ?? name },
    kind: feature.kind,
    required: feature.required ?? false,
    weight: feature.weight ?? 1,
    unit: feature.kind === 'number' ? (feature.unit ?? null) : null,
    unitAttribute: feature.kind === 'number' ? (feature.unitColumn ?? null) : null,
  }
  if (column.kind === 'number') {
    const sorted = column.values.filter(Number.isFinite).sort()
    const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]
    return {
      ...common,
      quantiles: sorted.length === 0 ? null : [at(0.05), at(0.5), at(0.95)],
      filled: sorted.length / Math.max(1, count),
      values: [],
    }
  }
  const counts = new Uint32Array(column.dictionary.length)
  let filled = 0
  for (const code of column.codes) {
    counts[code]++
    if (code !== MISSING) filled++
  }
  const codes = Array.from(counts.keys()).filter((code) => code !== MISSING && counts[code] > 0)
  codes.sort((a, b) => counts[b] - counts[a] || a - b)
  return {
    ...common,
    quantiles: null,
    filled: filled / Math.max(1, count),
    values: codes.slice(0, VALUES_MAX).map((code) => ({ value: column.dictionary[code], count: counts[code] })),
  }
}
