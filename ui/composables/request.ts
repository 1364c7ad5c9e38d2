/** What stands in the fields, as a request. Pure. */
import type { Form, FormField } from '../../server/contract/item'
import { type EfSearchPreset, efSearchPresets, limits } from '../../server/contract/limits'
import type { Attributes, PredictRequest, SimilarRequest } from '../../server/contract/predict'

export interface SearchOptions {
  topK: number
  candidates: number
  preset: EfSearchPreset
  ignoreOwnHistory: boolean
  /** Attribute → factor, 0 to 4; an absent one is 1. */
  weights: Record<string, number>
}

export const defaultOptions = (): SearchOptions => ({
  topK: limits.topKDefault,
  candidates: limits.candidatesDefault,
  preset: 'standard',
  ignoreOwnHistory: false,
  weights: {},
})

/** A plain number is sent as one; all other text goes as it is and the server reads it (`2 1/8 inch`). */
export function attributeValue(text: string, kind: FormField['kind']): string | number {
  const trimmed = text.trim()
  if (kind !== 'number') return trimmed
  const plain = trimmed.replace(/(?<=\d),(?=\d{3}(\D|$))/g, '')
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : trimmed
}

/** Only what has a value; null when nothing has. */
export function filledAttributes(values: Readonly<Record<string, string>>, form: Form | undefined): Attributes | null {
  const kinds = new Map(form?.fields.map((field) => [field.name, field.kind]))
  const filled = Object.entries(values).filter(([, text]) => text.trim() !== '')
  if (filled.length === 0) return null
  return Object.fromEntries(filled.map(([name, text]) => [name, attributeValue(text, kinds.get(name) ?? 'text')]))
}

export type Question = { item: string } | { attributes: Attributes }

export function similarRequest(question: Question, options: SearchOptions): SimilarRequest {
  const weights = Object.fromEntries(Object.entries(options.weights).filter(([, factor]) => factor !== 1))
  return {
    ...question,
    topK: options.topK,
    efSearch: efSearchPresets[options.preset],
    ...(options.ignoreOwnHistory ? { ignoreOwnHistory: true } : {}),
    ...(Object.keys(weights).length > 0 ? { weights } : {}),
  }
}

export function predictRequest(question: Question, options: SearchOptions): PredictRequest {
  return { ...similarRequest(question, options), candidates: options.candidates }
}

/** The attribute that a problem's place names: a JSON pointer (`/attributes/OD~1ID`) or the bare name; null for another place. */
export function attributeOfPath(path: string): string | null {
  if (path !== '' && !path.startsWith('/')) return path
  const match = /^\/attributes\/(.+)$/.exec(path)
  return match ? match[1].replaceAll('~1', '/').replaceAll('~0', '~') : null
}

/** How a value of an item reads in a text field. */
export const attributeText = (value: Attributes[string] | undefined): string => (value === null || value === undefined ? '' : String(value))
