/**
 * The one place where an error becomes an answer: `{ code, message, requestId, details? }`. A message never repeats what was submitted
 * and never is the text of an exception; the cause goes to `report` only.
 */
import type { TSchema } from '@sinclair/typebox'
import { Value, type ValueError } from '@sinclair/typebox/value'
import { Elysia, NotFoundError, ParseError, ValidationError } from 'elysia'
import { Problem, type ProblemDetail } from '../contract/problem'
import { DomainError } from '../domain/error'
import { notesOf } from './request-notes'

const detailsMax = 50
const pathCharactersMax = 200

export interface ProblemOptions {
  /** Methods of the routes that match a path, for 405. */
  allowedMethods: (path: string) => string[]
  /** Where causes of our own failures go. */
  report: (error: unknown, requestId: string) => void
}

/** Statuses of a route's problems, for its `response`: `problems(404, 422)`. */
export const problemResponses = <const Status extends number>(...statuses: Status[]) =>
  Object.fromEntries(statuses.map((status) => [status, Problem])) as Record<Status, typeof Problem>

/** The last-resort handler of the whole app. */
export const problems = ({ allowedMethods, report }: ProblemOptions) =>
  new Elysia({ name: 'problems' }).onError({ as: 'global' }, ({ error, set, request }) => {
    const requestId = String(set.headers['x-request-id'] ?? '')
    const problem = toDomainError(error, () => allowedMethods(pathOf(request)))
    if (problem.code === 'method_not_allowed') {
      const methods = allowedMethods(pathOf(request))
      if (methods.length > 0) set.headers.allow = methods.join(', ')
    }
    if (problem.status === 503 || problem.status === 429) set.headers['retry-after'] = String(problem.retryAfterSeconds ?? 1)
    // What is wrong for the moment (busy, no model) has no cause worth a stack; health and metrics tell of it.
    // A body that is no JSON is the client's mistake, and its parser's message holds a word of the body, perhaps of a password.
    if (problem.status === 500 || (problem.cause !== undefined && problem.status !== 400)) report(problem.cause ?? error, requestId)
    notesOf(request).problem = problem.code
    set.status = problem.status
    set.headers['cache-control'] = 'no-store'
    return { code: problem.code, message: problem.message, requestId, ...(problem.details ? { details: problem.details } : {}) }
  })

const pathOf = (request: Request) => new URL(request.url).pathname

function toDomainError(error: unknown, methods: () => string[]): DomainError {
  if (error instanceof DomainError) return error
  if (error instanceof ParseError) return error.cause instanceof DomainError ? error.cause : badBody(error.cause)
  if (error instanceof ValidationError) return fromValidation(error)
  if (error instanceof NotFoundError) {
    return methods().length > 0
      ? new DomainError('method_not_allowed', 'this method is not accepted here')
      : new DomainError('not_found', 'there is nothing at this address')
  }
  return new DomainError('internal', 'an unexpected error; the log names it under this request id', { cause: error })
}

const badBody = (cause: unknown) => new DomainError('bad_json', 'the body could not be read', { cause })

/** Elysia hands over a compiled schema, or a plain one where a value failed to convert. */
function errorsOf({ validator, value }: ValidationError): Iterable<ValueError> {
  const checker = validator as unknown as { Errors?: (value: unknown) => Iterable<ValueError> }
  return checker.Errors?.(value) ?? Value.Errors(validator as TSchema, value)
}

/** An answer that breaks its own contract is our failure; everything else is the client's. */
function fromValidation(error: ValidationError): DomainError {
  if (error.type === 'response') return new DomainError('internal', 'the answer is not as the contract says', { cause: error })
  const prefix = error.type === 'body' ? '' : `/${error.type}`
  const details: ProblemDetail[] = []
  for (const { path, message } of errorsOf(error)) {
    details.push({ path: (prefix + path).slice(0, pathCharactersMax), message })
    if (details.length === detailsMax) break
  }
  return new DomainError('invalid_value', 'the request is not as the contract says', { details })
}
