/** The screens' only way to the server: typed calls and one class of error. Types come from the contract, nothing is restated. */
import type { AdoptionReport } from '../../server/contract/adoption'
import type { CounterfactualRequest, Counterfactuals } from '../../server/contract/counterfactual'
import type { DriftReport } from '../../server/contract/drift'
import type { GroupRequest, Groups } from '../../server/contract/group'
import type { Ready } from '../../server/contract/health'
import type { Form, Item, ItemList } from '../../server/contract/item'
import type { Prediction, PredictRequest, Similar, SimilarRequest } from '../../server/contract/predict'
import type { Problem, ProblemCode } from '../../server/contract/problem'
import type { QualityReport } from '../../server/contract/quality'

/** Milliseconds after which a silent server counts as away. The server's own deadline is 2 s. */
const SILENCE_MS = 15_000

/** A refused or failed call. `offline` is ours: nothing answered; every other code is the server's. */
export class ApiProblem extends Error {
  readonly code: ProblemCode | 'offline'
  readonly status: number
  readonly requestId: string
  readonly details: { path: string; message: string }[]

  constructor(problem: Omit<Problem, 'code'> & { code: ProblemCode | 'offline' }, status: number) {
    super(problem.message)
    this.name = 'ApiProblem'
    this.code = problem.code
    this.status = status
    this.requestId = problem.requestId
    this.details = problem.details ?? []
  }
}

/** The envelope of the server, or `internal` with the status where a proxy answered something else. */
export function parseProblem(body: unknown, status: number): ApiProblem {
  if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string') {
    const problem = body as Problem
    return new ApiProblem({ ...problem, message: String(problem.message ?? ''), requestId: String(problem.requestId ?? '') }, status)
  }
  return new ApiProblem({ code: status === 503 ? 'busy' : 'internal', message: `HTTP ${status}`, requestId: '' }, status)
}

export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  return new ApiProblem({ code: 'internal', message: error instanceof Error ? error.message : String(error), requestId: '' }, 0)
}

interface CallOptions {
  body?: unknown
  signal?: AbortSignal
  /** A status that is an answer as well, beside 2xx. */
  alsoStatus?: number
}

async function call<T>(path: string, { body, signal, alsoStatus }: CallOptions = {}): Promise<T> {
  const timeout = AbortSignal.timeout(SILENCE_MS)
  let response: Response
  try {
    response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? { accept: 'application/json' } : { accept: 'application/json', 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
  } catch (cause) {
    // A newer question replaced this one: no problem to show.
    if (signal?.aborted) throw cause
    throw new ApiProblem({ code: 'offline', message: 'the server does not answer', requestId: '' }, 0)
  }
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok && (response.status !== alsoStatus || answer === null)) throw parseProblem(answer, response.status)
  return answer as T
}

const search = (parameters: Record<string, string | number>) =>
  new URLSearchParams(Object.entries(parameters).map(([key, value]) => [key, String(value)])).toString()

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
