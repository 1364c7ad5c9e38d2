/** A configuration being edited: what differs from the one it began with, place by place. Pure. */
import { limits } from '../../server/contract/limits'
import type { PredictRequest } from '../../server/contract/predict'
import type { RuntimeConfig } from '../../server/contract/runtime-config'

type Tree = Record<string, unknown>
/** JSON pointer → value; null takes the place away (a weight as learned). */
export type Edits = ReadonlyMap<string, unknown>
export interface Change {
  path: string
  before: unknown
  after: unknown
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)
export const pointer = (...parts: string[]) => parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
export const partsOf = (path: string) =>
  path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Every value with its place. */
export function leavesOf(tree: object, path = ''): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const [key, value] of Object.entries(tree)) {
    const place = `${path}${pointer(key)}`
    if (isTree(value)) for (const [below, leaf] of leavesOf(value, place)) found.set(below, leaf)
    else found.set(place, value)
  }
  return found
}

/** Edits without those that change nothing, against this configuration. */
export function trimEdits(config: RuntimeConfig, edits: Edits): Map<string, unknown> {
  const leaves = leavesOf(config)
  return new Map([...edits].filter(([path, value]) => (leaves.get(path) ?? null) !== value))
}

export function changesOf(config: RuntimeConfig, edits: Edits): Change[] {
  const leaves = leavesOf(config)
  return [...trimEdits(config, edits)].map(([path, after]) => ({ path, before: leaves.get(path) ?? null, after }))
}

/** The edits as a JSON merge patch. */
export function patchOf(edits: Edits): Tree {
  const patch: Tree = {}
  for (const [path, value] of edits) {
    const parts = partsOf(path)
    let place = patch
    for (const part of parts.slice(0, -1)) {
      place[part] ??= {}
      place = place[part] as Tree
    }
    place[parts.at(-1)!] = value
  }
  return patch
}

/** The configuration with the edits in it. */
export function withEdits(config: RuntimeConfig, edits: Edits): RuntimeConfig {
  // Plain data, but perhaps behind a proxy of the screens, which `structuredClone` refuses.
  const copy: Tree = JSON.parse(JSON.stringify(config))
  for (const [path, value] of edits) {
    const parts = partsOf(path)
    let place = copy
    for (const part of parts.slice(0, -1)) place = place[part] as Tree
    if (value === null) delete place[parts.at(-1)!]
    else place[parts.at(-1)!] = value
  }
  // Only leaves were replaced, by values of the same fields.
  return copy as unknown as RuntimeConfig
}

/** What a prediction would be asked with if this configuration were valid. */
export const requestOptions = ({ search, candidates, times }: RuntimeConfig): Partial<PredictRequest> => ({
  topK: search.topK,
  // absent in a draft that takes it back
  ...(search.recall == null ? { efSearch: search.efSearch } : { recall: search.recall }),
  weights: search.weights,
  candidates: candidates.count,
  groupExpansion: candidates.groupExpansion,
  timeStrategy: times.strategy,
})
/** Places that change an answer; the others are how the server works. */
export const changesAnswers = (path: string) => /^\/(search|candidates|times)\//.test(path) && !/Min$/.test(path)

export interface Field {
  path: string
  name: string
  min: number
  max: number
  step: number
  /** A slider beside the number; bounds too far apart have none. */
  slider?: 'linear' | 'log'
}
/** The bounds of the contract, restated: its schemas would bring their library along. A test holds them equal. */
export const fields = {
  search: [
    { path: '/search/efSearch', name: 'efSearch', min: limits.efSearchMin, max: limits.efSearchMax, step: 1, slider: 'log' },
    { path: '/search/topK', name: 'topK', min: limits.topKMin, max: limits.topKMax, step: 1, slider: 'linear' },
    { path: '/search/similarityMin', name: 'similarityMin', min: 0, max: 1, step: 0.01, slider: 'linear' },
  ],
  candidates: [
    { path: '/candidates/count', name: 'count', min: limits.candidatesMin, max: limits.candidatesMax, step: 1, slider: 'linear' },
    { path: '/candidates/groupExpansion', name: 'groupExpansion', min: 0, max: limits.groupExpansionMax, step: 1, slider: 'linear' },
    { path: '/candidates/confidenceMin', name: 'confidenceMin', min: 0, max: 1, step: 0.01, slider: 'linear' },
  ],
  cache: [
    { path: '/cache/answersMax', name: 'answersMax', min: 0, max: limits.vectorCacheEntriesMax, step: 1 },
    { path: '/cache/answerBytesMax', name: 'answerBytesMax', min: 0, max: 1_000_000_000, step: 1 },
    { path: '/cache/tablesMax', name: 'tablesMax', min: 0, max: 10_000, step: 1 },
  ],
  limits: [
    { path: '/log/slowMs', name: 'slowMs', min: 1, max: 60_000, step: 1 },
    { path: '/sessions/perUserMax', name: 'perUserMax', min: 0, max: 100, step: 1 },
  ],
} satisfies Record<string, Field[]>
export const timeFields = {
  zCut: { path: '/times/strategy/zCut', min: 1, max: 6, step: 0.1 },
  trimLow: { path: '/times/strategy/trimLow', min: 0, max: 0.4, step: 0.01 },
  trimHigh: { path: '/times/strategy/trimHigh', min: 0.6, max: 1, step: 0.01 },
  optimalSigma: { path: '/times/strategy/optimalSigma', min: 0, max: 4, step: 0.01 },
  safeSigma: { path: '/times/strategy/safeSigma', min: 0, max: 4, step: 0.01 },
} as const
export const WEIGHT_MAX = 4
