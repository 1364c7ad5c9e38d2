/** The one class of error that screens know: what the server refused, or that nothing answered. */
import type { Problem, ProblemCode } from '../../server/contract/problem'

export type ApiProblemCode = ProblemCode | 'offline'

/** A refused or failed call. `offline` is ours: nothing answered; every other code is the server's. */
export class ApiProblem extends Error {
  readonly code: ApiProblemCode
  readonly status: number
  readonly requestId: string
  readonly details: { path: string; message: string }[]
  /** Seconds after which another try makes sense, as the server says; null where it does not say. */
  readonly retryAfter: number | null

  constructor(problem: Omit<Problem, 'code'> & { code: ApiProblemCode }, status: number, retryAfter: number | null = null) {
    super(problem.message)
    this.name = 'ApiProblem'
    this.code = problem.code
    this.status = status
    this.requestId = problem.requestId
    this.details = problem.details ?? []
    this.retryAfter = retryAfter
  }
}

/** The envelope of the server, or `internal` with the status where a proxy answered something else. */
export function parseProblem(body: unknown, status: number, retryAfter: number | null = null): ApiProblem {
  if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string') {
    const problem = body as Problem
    const envelope = { ...problem, message: String(problem.message ?? ''), requestId: String(problem.requestId ?? '') }
    return new ApiProblem(envelope, status, retryAfter)
  }
  return new ApiProblem({ code: status === 503 ? 'busy' : 'internal', message: `HTTP ${status}`, requestId: '' }, status, retryAfter)
}

export const offlineProblem = () => new ApiProblem({ code: 'offline', message: 'the server does not answer', requestId: '' }, 0)

export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  return new ApiProblem({ code: 'internal', message: error instanceof Error ? error.message : String(error), requestId: '' }, 0)
}
