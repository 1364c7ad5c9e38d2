/** What of the runtime configuration an answer depends on, as a plain value: taken once a request, beside the model. */
import type { RuntimeConfig } from '../contract/runtime-config'
import type { TimeStrategy } from '../contract/time-strategy'
import { DomainError } from './error'
import { defaultRuntimeConfig } from './runtime-config'

export interface Settings {
  /** Revision of the configuration; 0 is the defaults. */
  configRev: number
  efSearch: number
  /** In place of efSearch; null: efSearch counts. */
  recall: number | null
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
  const { efSearch, recall, topK, similarityMin, weights } = search
  return Object.freeze({
    configRev: revision,
    efSearch,
    recall,
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

interface AskedBreadth {
  efSearch?: number
  recall?: number | null
}
type Options = AskedBreadth &
  Partial<Pick<Settings, 'topK' | 'candidates' | 'groupExpansion'>> & {
    weights?: Record<string, number>
    timeStrategy?: TimeStrategy
  }
type Settled = Pick<Settings, 'efSearch' | 'recall' | 'topK' | 'similarityMin' | 'candidates' | 'groupExpansion' | 'timeStrategy'> & {
  weights: Record<string, number>
}

/** A request with what it leaves open filled in. Its own options win: of the weights and of the time strategy one by one. @throws as `requireOneBreadth` */
export function settle<R extends Options>(request: R, settings: Settings): R & Settled {
  requireOneBreadth(request)
  const { efSearch, topK, similarityMin, weights, candidates, groupExpansion, timeStrategy } = settings
  return {
    ...request,
    efSearch: request.efSearch ?? efSearch,
    recall: request.efSearch === undefined ? (request.recall ?? settings.recall) : null,
    topK: request.topK ?? topK,
    similarityMin,
    weights: { ...weights, ...request.weights },
    candidates: request.candidates ?? candidates,
    groupExpansion: request.groupExpansion ?? groupExpansion,
    timeStrategy: request.timeStrategy === undefined ? timeStrategy : { ...timeStrategy, ...request.timeStrategy },
  }
}

/** @throws bad_request when a request names both */
export function requireOneBreadth({ efSearch, recall }: AskedBreadth): void {
  if (efSearch === undefined || recall === undefined || recall === null) return
  throw new DomainError('bad_request', 'give efSearch or recall, not both', {
    details: [{ path: '/recall', message: 'beside efSearch' }],
  })
}
