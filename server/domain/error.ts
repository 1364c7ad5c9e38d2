/** The one exception of the product: a code of the closed list, a sentence for a person, and where it went wrong. */
import { type ProblemCode, type ProblemDetail, problemCodes } from '../contract/problem'

export class DomainError extends Error {
  readonly code: ProblemCode
  readonly details: ProblemDetail[] | undefined
  /** When the same may be tried again; the answer's `Retry-After`. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ProblemCode,
    message: string,
    { details, cause, retryAfterSeconds }: { details?: ProblemDetail[]; cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'DomainError'
    this.code = code
    this.details = details
    this.retryAfterSeconds = retryAfterSeconds
  }

  /** HTTP status of the code. */
  get status(): number {
    return problemCodes[this.code].status
  }

  /** Exit code of a command that ends with this problem (after sysexits.h). */
  get exitCode(): number {
    return problemCodes[this.code].exit
  }
}
