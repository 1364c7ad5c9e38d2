/** Bins of numbers and dictionaries of texts, for the columns of the sequence model. */
import type { Feature } from '../contract/mapping'
import { codePrefixes, textTokens } from './encoder/token-block'
import type { TextColumn } from './plant'

const EDGES_MAX = 254
/** Values of one column with a code of their own. */
const VALUES_MAX = 4_000
const LEVELS_MAX = 4
const TOKENS_MAX = 12

/** Values with a code each (1 + place), ascending; `rest`: whether one more code stands for all others. */
export interface Dictionary {
  values: string[]
  rest: boolean
}

export type TextPart =
  /** One categorical column. */
  | { kind: 'category'; dictionary: Dictionary }
  /** A categorical column per prefix length, shortest first. */
  | { kind: 'prefixes'; levels: Dictionary[] }
  /** A column per word: 1 without it, 2 with it. */
  | { kind: 'tokens'; tokens: string[] }

/** Cuts between neighbouring values at even shares of the items, ascending; none when all values agree. NaN is left out. */
export function fitEdges(values: Float64Array): number[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  const ends: number[] = []
  for (let at = 1; at < sorted.length; at++) if (sorted[at] > sorted[at - 1]) ends.push(at)
  const chosen = ends.length <= EDGES_MAX ? ends : evenly(ends, sorted.length)
  return chosen.map((at) => sorted[at - 1] + (sorted[at] - sorted[at - 1]) / 2)
}

/** Of the places where the value changes, the ones nearest above even shares of the length. */
function evenly(ends: number[], length: number): number[] {
  const chosen: number[] = []
  let next = 1
  for (const end of ends) {
    if (end < (length * next) / (EDGES_MAX + 1)) continue
    chosen.push(end)
    next = Math.floor((end * (EDGES_MAX + 1)) / length) + 1
  }
  return chosen
}

/** 1 + the number of edges below the value; 0 for NaN. */
export function binOf(edges: readonly number[], value: number): number {
  if (Number.isNaN(value)) return 0
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (edges[middle] < value) low = middle + 1
    else high = middle
  }
  return low + 1
}

/** The columns of a text attribute; none when they would tell no item from another. */
export function fitText(column: TextColumn, kind: Feature['kind']): TextPart[] {
  const counts = new Uint32Array(column.dictionary.length)
  for (const code of column.codes) counts[code]++
  const whole = fitDictionary(column, counts, (text) => text)
  const parts: TextPart[] = []
  if (kind === 'code') {
    const levels = fitLevels(column, counts)
    if (levels.length > 0) parts.push({ kind: 'prefixes', levels })
  } else if (whole) {
    parts.push({ kind: 'category', dictionary: whole })
  }
  if (kind === 'text') {
    const tokens = fitTokens(column, counts)
    if (tokens.length > 0) parts.push({ kind: 'tokens', tokens })
  }
  return parts
}

/** Most frequent forms first come in; a form seen once cannot be learned from and joins the rest. Null without information. */
function fitDictionary({ dictionary }: TextColumn, counts: Uint32Array, form: (text: string) => string): Dictionary | null {
  const forms = new Map<string, number>()
  for (let code = 1; code < dictionary.length; code++) {
    if (counts[code] === 0) continue
    const key = form(dictionary[code])
    forms.set(key, (forms.get(key) ?? 0) + counts[code])
  }
  const frequent = [...forms].filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const values = frequent
    .slice(0, VALUES_MAX)
    .map(([value]) => value)
    .sort()
  const rest = forms.size > values.length
  const codes = values.length + (rest ? 1 : 0) + (counts[0] > 0 ? 1 : 0)
  return values.length > 0 && codes > 1 ? { values, rest } : null
}

/** Dictionaries of the prefixes by length; a level that tells no more than the one before is left out. */
function fitLevels(column: TextColumn, counts: Uint32Array): Dictionary[] {
  const levels: Dictionary[] = []
  for (let level = 0; level < LEVELS_MAX; level++) {
    const fitted = fitDictionary(column, counts, (text) => prefixOf(text, level))
    if (fitted === null) {
      // a code of one stem still differs further on
      levels.push({ values: [], rest: false })
      continue
    }
    levels.push(fitted)
  }
  while (levels.length > 0 && sameValues(levels.at(-1)!, levels.at(-2))) levels.pop()
  return levels
}

const sameValues = (a: Dictionary, b: Dictionary | undefined) =>
  a.values.length === 0 || (b !== undefined && a.values.length === b.values.length && a.values.every((value, at) => value === b.values[at]))

/** The prefix of `level` + 1 parts; the whole code at the last level. */
function prefixOf(code: string, level: number): string {
  const prefixes = codePrefixes(code)
  return level === LEVELS_MAX - 1 ? prefixes[prefixes.length - 1] : prefixes[Math.min(level, prefixes.length - 1)]
}

const wordsOf = (text: string) =>
  new Set(
    textTokens(text)
      .map(({ token }) => token)
      .filter((token) => !token.startsWith('#')),
  )

/** The words that divide the items most evenly. */
function fitTokens({ dictionary }: TextColumn, counts: Uint32Array): string[] {
  const items = new Map<string, number>()
  let total = 0
  for (let code = 1; code < dictionary.length; code++) {
    total += counts[code]
    if (counts[code] > 0) for (const word of wordsOf(dictionary[code])) items.set(word, (items.get(word) ?? 0) + counts[code])
  }
  const spread = ([, count]: [string, number]) => Math.min(count, total - count)
  return [...items]
    .filter((entry) => spread(entry) >= Math.max(2, total / 200))
    .sort((a, b) => spread(b) - spread(a) || (a[0] < b[0] ? -1 : 1))
    .slice(0, TOKENS_MAX)
    .map(([word]) => word)
}

function codeOf({ values, rest }: Dictionary, value: string): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle] < value) low = middle + 1
    else high = middle
  }
  if (values[low] === value) return low + 1
  return rest ? values.length + 1 : 0
}

/** Whether codes as `encodeText` made them say more than that there is a value: it was seen in training, and more than once. */
export function tellsText(part: TextPart, codes: ArrayLike<number>): boolean {
  if (part.kind === 'tokens') return part.tokens.some((_, at) => codes[at] === 2)
  const dictionaries = part.kind === 'category' ? [part.dictionary] : part.levels
  return dictionaries.some(({ values }, at) => codes[at] > 0 && codes[at] <= values.length)
}

/** The codes of one text, a column each; all 0 for ''. */
export function encodeText(part: TextPart, text: string): number[] {
  if (part.kind === 'category') return [text === '' ? 0 : codeOf(part.dictionary, text)]
  if (part.kind === 'prefixes') return part.levels.map((level, at) => (text === '' ? 0 : codeOf(level, prefixOf(text, at))))
  if (text === '') return part.tokens.map(() => 0)
  const words = wordsOf(text)
  return part.tokens.map((token) => (words.has(token) ? 2 : 1))
}
