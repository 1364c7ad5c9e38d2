/** What of the runtime configuration an answer depends on, as a plain value: taken once a request, beside the model. */
import type { RuntimeConfig } from '../contract/runtime-config'
import type { TimeStrategy } from '../contract/time-strategy'
import { defaultRuntimeConfig } from './runtime-config'

export interface Settings {
  /** Revision of the configuration; 0 is the defaults. */
  configRev: number
  efSearch: number
  topK: number
  /** Neighbours less similar are no evidence. */
  similarityMin: number
  /** Attribute name → factor on its learned weight. */
  weights: Readonly<Record<string, number>>
  candidates: number
  groupExpansion: number
  /** Below this confidence an answer abstains. */
  confidenceMin: number
  timeStrategy: Readonly<Required<TimeStrategy>>
}

export function settingsOf(revision: number, { search, candidates, times }: RuntimeConfig): Settings {
  const { efSearch, topK, similarityMin, weights } = search
  return Object.freeze({
    configRev: revision,
    efSearch,
    topK,
    similarityMin,
    weights,
    candidates: candidates.count,
    groupExpansion: candidates.groupExpansion,
    confidenceMin: candidates.confidenceMin,
    timeStrategy: times.strategy,
  })
}

/** Those of revision 0. */
export const defaultSettings: Settings = settingsOf(0, defaultRuntimeConfig)

type Options = Partial<Pick<Settings, 'efSearch' | 'topK' | 'candidates' | 'groupExpansion'>> & {
  weights?: Record<string, number>
  timeStrategy?: TimeStrategy
}
type Settled = Pick<Settings, 'efSearch' | 'topK' | 'similarityMin' | 'candidates' | 'groupExpansion' | 'timeStrategy'> & {
  weights: Record<string, number>
}

/** A request with what it leaves open filled in. Its own options win: of the weights and of the time strategy one by one. */
export function settle<R extends Options>(request: R, settings: Settings): R & Settled {
  const { efSearch, topK, similarityMin, weights, candidates, groupExpansion, timeStrategy } = settings
  return {
    ...request,
    efSearch: request.efSearch ?? efSearch,
    topK: request.topK ?? topK,
    similarityMin,
    weights: { ...weights, ...request.weights },
    candidates: request.candidates ?? candidates,
    groupExpansion: request.groupExpansion ?? groupExpansion,
    timeStrategy: request.timeStrategy === undefined ? timeStrategy : { ...timeStrategy, ...request.timeStrategy },
  }
}
