/** The screens' calls to the server, typed by the contract; nothing of it is restated. Pages of admins have their calls with them. */
import type { AdoptionReport } from '../../server/contract/adoption'
import type { CounterfactualRequest, Counterfactuals } from '../../server/contract/counterfactual'
import type { DriftReport } from '../../server/contract/drift'
import type { GroupRequest, Groups } from '../../server/contract/group'
import type { Ready } from '../../server/contract/health'
import type { Form, Item, ItemList } from '../../server/contract/item'
import type { Prediction, PredictRequest, Similar, SimilarRequest } from '../../server/contract/predict'
import type { QualityReport } from '../../server/contract/quality'
import { call, search } from './call'

export { ApiProblem, parseProblem, toProblem } from './api-problem'

export const api = {
  form: (signal?: AbortSignal) => call<Form>('/api/v1/form', { signal }),
  items: (query: { search: string; limit: number; offset?: number }, signal?: AbortSignal) =>
    call<ItemList>(`/api/v1/items?${search({ offset: 0, ...query })}`, { signal }),
  item: (code: string, signal?: AbortSignal) => call<Item>(`/api/v1/items/${encodeURIComponent(code)}`, { signal }),
  predict: (body: PredictRequest, signal?: AbortSignal) => call<Prediction>('/api/v1/predict', { body, signal }),
  similar: (body: SimilarRequest, signal?: AbortSignal) => call<Similar>('/api/v1/similar', { body, signal }),
  whatIf: (body: CounterfactualRequest, signal?: AbortSignal) => call<Counterfactuals>('/api/v1/predict/counterfactual', { body, signal }),
  groups: (body: GroupRequest, signal?: AbortSignal) => call<Groups>('/api/v1/groups/recommendations', { body, signal }),
  quality: (version: string, signal?: AbortSignal) =>
    call<QualityReport>(`/api/v1/models/${encodeURIComponent(version)}/quality`, { signal }),
  drift: (hours: number, signal?: AbortSignal) => call<DriftReport>(`/api/v1/quality/drift?${search({ hours })}`, { signal }),
  adoption: (days: number, signal?: AbortSignal) => call<AdoptionReport>(`/api/v1/quality/adoption?${search({ days })}`, { signal }),
  /** Not ready is 503 with the same body. */
  ready: (signal?: AbortSignal) => call<Ready>('/readyz', { signal, alsoStatus: 503 }),
}
