/** What stands in the fields, as a request. Pure. */
import type { Form, FormField } from '../../server/contract/item'
import { type EfSearchPreset, efSearchPresets, limits, type recallTargets } from '../../server/contract/limits'
import type { Attributes, PredictRequest, SimilarRequest } from '../../server/contract/predict'
import type { TimeStrategy } from '../../server/contract/time-strategy'
import { type Filter, requestedFilter } from './filter'

type RecallTarget = (typeof recallTargets)[number]
export interface SearchOptions {
  topK: number
  candidates: number
  /** `configured`: as the server's configuration says; `recall`: the recall below in place of ef_search. */
  preset: EfSearchPreset | 'configured' | 'recall'
  recall: RecallTarget
  ignoreOwnHistory: boolean
  /** Attribute → factor, 0 to 4; an absent one is 1. */
  weights: Record<string, number>
  /** Pieces of one lot. */
  lot: number
  groupExpansion: number
  times: Required<TimeStrategy>
}

/** The contract's defaults, restated: its schemas would bring their library into the first load. A test holds them equal. */
export const defaultTimes = (): Required<TimeStrategy> => ({
  outliers: 'both',
  zCut: 2.5,
  trimLow: 0.05,
  trimHigh: 0.95,
  profile: 'sigma',
  optimalSigma: 0.67,
  safeSigma: 1.28,
})

export const defaultOptions = (): SearchOptions => ({
  topK: limits.topKDefault,
  candidates: limits.candidatesDefault,
  preset: 'configured',
  recall: 0.99,
  ignoreOwnHistory: false,
  weights: {},
  lot: 1,
  groupExpansion: 0,
  times: defaultTimes(),
})

/** What of `chosen` differs from `usual`. */
const differing = <T extends object>(chosen: T, usual: T): Partial<T> =>
  Object.fromEntries(Object.entries(chosen).filter(([name, value]) => value !== usual[name as keyof T])) as Partial<T>

/** How many options are not as they are at first; each moved weight and each part of the time strategy counts. */
export function countChanged({ weights, times, recall: _recall, ...plain }: SearchOptions): number {
  const { weights: _, times: usualTimes, ...usual } = defaultOptions()
  const moved = Object.values(weights).filter((factor) => factor !== 1).length
  return Object.keys(differing(plain, usual)).length + Object.keys(differing(times, usualTimes)).length + moved
}

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

function breadthOf({ preset, recall }: SearchOptions): Pick<SimilarRequest, 'efSearch' | 'recall'> {
  if (preset === 'configured') return {}
  return preset === 'recall' ? { recall } : { efSearch: efSearchPresets[preset] }
}

/** What a person decided about the evidence. */
export interface Chosen {
  /** Items that are no evidence for this answer. */
  without?: readonly string[]
  /** Which items may be. */
  filter?: Filter
}

export function similarRequest(question: Question, options: SearchOptions, { without = [], filter = {} }: Chosen = {}): SimilarRequest {
  const usual = defaultOptions()
  const requested = requestedFilter(filter)
  const weights = Object.fromEntries(Object.entries(options.weights).filter(([, factor]) => factor !== 1))
  return {
    ...question,
    // what nobody moved is left to the server's configuration
    ...(options.topK === usual.topK ? {} : { topK: options.topK }),
    ...breadthOf(options),
    ...(options.ignoreOwnHistory ? { ignoreOwnHistory: true } : {}),
    ...(without.length > 0 ? { without: [...without] } : {}),
    ...(requested ? { filter: requested } : {}),
    ...(Object.keys(weights).length > 0 ? { weights } : {}),
  }
}

export function predictRequest(question: Question, options: SearchOptions, chosen: Chosen = {}): PredictRequest {
  const times = differing(options.times, defaultTimes())
  return {
    ...similarRequest(question, options, chosen),
    ...(options.candidates === limits.candidatesDefault ? {} : { candidates: options.candidates }),
    ...(options.lot === 1 ? {} : { lot: options.lot }),
    ...(options.groupExpansion === 0 ? {} : { groupExpansion: options.groupExpansion }),
    ...(Object.keys(times).length > 0 ? { timeStrategy: times } : {}),
  }
}

/** The same part is asked about: only how to search, compose or time it differs. */
export const sameQuestion = (a: PredictRequest | null, b: PredictRequest | null): boolean =>
  a !== null && b !== null && a.item === b.item && JSON.stringify(a.attributes) === JSON.stringify(b.attributes)

/** The attribute that a problem's place names: a JSON pointer (`/attributes/OD~1ID`) or the bare name; null for another place. */
export function attributeOfPath(path: string): string | null {
  if (path !== '' && !path.startsWith('/')) return path
  const match = /^\/attributes\/(.+)$/.exec(path)
  return match ? match[1].replaceAll('~1', '/').replaceAll('~0', '~') : null
}

/** How a value of an item reads in a text field. */
export const attributeText = (value: Attributes[string] | undefined): string => (value === null || value === undefined ? '' : String(value))
